"""``rwthsam learn``: a classifier of voxels from classes that somebody has painted, some of them or all."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...algorithms.classification.classifier import ENDING, Classifier, LearnedClass, LearnedFrom, write_classifier
from ...algorithms.classification.features import USUAL_SCALES, FeatureSettings
from ...algorithms.classification.learn import check_enough, dice_kept_out, learned_forest
from ...algorithms.classification.samples import Counts, Samples, count_labelled, positions_drawn, samples_of
from ...core.settings.classification import LearnSettings
from ...core.voxel_size import checked_spacing
from ...core.window import Window
from ...errors import ProfileError, SettingsError
from ...volumes.fingerprint import fingerprint
from ...volumes.scan import proposed_window, voxels_of
from ..options import SEGMENTATION, Commands, add_settings, given_settings, note, require
from ..outputs import check_ending, check_outputs
from ..progress import ProgressLine
from ..reading import add_voxel_size
from .labelled import Labelled, open_labelled

_BACKGROUND = "background"
_NO_REST = (
    "Every voxel of a scan will get one of these classes, also air and whatever else was not painted: paint some of "
    "it as a class of its own and name that by --rest, or give --background where all that belongs to a class is "
    "painted."
)


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("learn", help="a classifier of voxels, from classes painted on a scan")
    parser.add_argument("volume", type=Path, metavar="SCAN", help="that was painted on")
    parser.add_argument("segmentation", type=Path, metavar="LABELS", help=f"a {SEGMENTATION} file: some voxels, or all")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar=f"OUT{ENDING}")
    parser.add_argument(
        "--scales",
        type=float,
        nargs="+",
        default=[*USUAL_SCALES],
        metavar="S",
        help="how far features look, in voxels; default: %(default)s",
    )
    parser.add_argument("--rest", metavar="NAME", help="class that stands for all else: learned, but never written")
    add_settings(parser, LearnSettings)
    add_voxel_size(parser)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> tuple[FeatureSettings, LearnSettings]:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read; returns what was set."""
    check_ending(given.output, ENDING)
    check_outputs((given.output,), (given.segmentation, given.volume))
    choices = given_settings(given, LearnSettings())
    if choices.background and given.rest is not None:
        raise SettingsError("--background and --rest both say what all else is: give one of them.")
    features = FeatureSettings(tuple(sorted(given.scales)))
    require("slicer", f"Reading {SEGMENTATION}", "scene")
    require("sklearn", "Learning a classifier", "learn")
    require("scipy", "Learning a classifier", "learn")
    return features, choices


def run(given: argparse.Namespace) -> int:
    """Read, learn, say how good it is, write."""
    features, choices = check(given)
    size = None if given.voxel_size is None else checked_spacing(given.voxel_size)
    with open_labelled(given.volume, given.segmentation, size) as labelled, ProgressLine(sys.stderr) as line:
        chosen = _with_voxels(_rest_last(labelled, given.rest))
        classifier = _learned(given, chosen, features, choices, line)
    write_classifier(classifier, given.output)
    print(*_evaluation(classifier.learned), sep="\n")
    print(given.output)
    return 0


def _learned(
    given: argparse.Namespace, labelled: Labelled, features: FeatureSettings, choices: LearnSettings, line: ProgressLine
) -> Classifier:
    scan, window = labelled.scan, proposed_window(labelled.scan)
    counts, samples = _samples(labelled, window, features, choices, line)
    if given.rest is None and not choices.background and sum(counts.of_class) < math.prod(scan.grid.shape_kji):
        note(_NO_REST)
    line.draw(1, "learning the forest", is_news=True)
    forest, _ = learned_forest(samples, choices)
    line.draw(1, "asking of voxels that were kept out", is_news=True)
    scores, said = dice_kept_out(samples, choices)
    names = _names(labelled, choices)
    every = enumerate(zip(names, counts.of_class, scores, strict=True))
    classes = tuple(
        LearnedClass(name, int(count), int((samples.classes == number).sum()), score)
        for number, (name, count, score) in every
    )
    sized = scan if given.voxel_size is None else scan.with_spacing(checked_spacing(given.voxel_size))
    size = sized.spacing_mm if sized.unit_known else None
    learned = LearnedFrom(scan.name, scan.grid.shape_kji, size, fingerprint(voxels_of(scan)), said, classes)
    profile = labelled.profile
    if given.rest is not None:
        profile = profile.without(_id_of(labelled, given.rest))  # the last one of the forest's
    return Classifier(profile, features, window, forest, learned)


def _samples(
    labelled: Labelled, window: Window, features: FeatureSettings, choices: LearnSettings, line: ProgressLine
) -> tuple[Counts, Samples]:
    places, background = [*labelled.places.values()], choices.background
    counts = count_labelled(labelled.slabs, places, background=background)
    check_enough(_names(labelled, choices), [int(each) for each in counts.of_class])
    drawn = positions_drawn(labelled.slabs, places, counts, choices.most_voxels, choices.seed, background=background)

    def show(share: float) -> None:
        line.draw(share, f"features {share:4.0%}", is_news=share == 1)

    samples = samples_of(labelled.scan, window, features, drawn, counts, show)
    check_enough(_names(labelled, choices), np.bincount(samples.classes, minlength=len(counts.of_class)).tolist())
    return counts, samples


def _rest_last(labelled: Labelled, rest: str | None) -> Labelled:
    """The same with the class that stands for all else at the end."""
    if rest is None:
        return labelled
    rest_id = _id_of(labelled, rest)
    return replace(labelled, profile=labelled.profile.moving(rest_id, len(labelled.profile.classes)))


def _id_of(labelled: Labelled, name: str) -> str:
    entry = labelled.profile.class_named(name)
    if entry is None:
        known = ", ".join(each.name for each in labelled.profile.classes)
        raise ProfileError(f"--rest: the labels have no class '{name}'; they have {known}.")
    return entry.id


def _with_voxels(labelled: Labelled) -> Labelled:
    """The same without classes that have no voxels of their own; in the order of the profile."""
    classes = labelled.profile.classes
    counts = count_labelled(labelled.slabs, [labelled.places[entry.id] for entry in classes], background=False)
    if counts.ambiguous:
        note(f"{counts.ambiguous:,} voxels are in several classes: nothing is learned of them.")
    empty = [entry for entry, voxels in zip(classes, counts.of_class, strict=True) if not voxels]
    if len(empty) == len(classes):
        check_enough([entry.name for entry in classes], [0] * len(classes))
    if empty:
        note(f"Without voxels of their own, and left out: {', '.join(entry.name for entry in empty)}.")
    kept = tuple(entry for entry in classes if entry not in empty)
    places = {entry.id: labelled.places[entry.id] for entry in kept}
    return replace(labelled, profile=replace(labelled.profile, classes=kept), places=places)


def _names(labelled: Labelled, choices: LearnSettings) -> list[str]:
    names = [entry.name for entry in labelled.profile.classes]
    return [*names, _BACKGROUND] if choices.background else names


def _evaluation(learned: LearnedFrom) -> list[str]:
    lines = [
        f"{each.name}: Dice {'unknown' if each.dice is None else f'{each.dice:.3f}'}, learned from {each.learned:,} of "
        f"{each.labelled:,} labelled voxels"
        for each in learned.classes
    ]
    return [*lines, f"Dice is that of {learned.evaluation}."]
