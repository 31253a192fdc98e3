"""``rwthsam classify``: every voxel of a scan gets the class that a learned classifier takes it for."""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from ... import __version__
from ...algorithms.classification.classifier import Classifier, read_classifier
from ...algorithms.classification.classify import SpooledLabels, classified_slabs
from ...core.json_document import Json
from ...core.window import Window
from ...errors import ClassifierError, SettingsError
from ...record.record_file import MAX_BYTES, SegmentationRecord
from ...record.steps import MadeWith, RecordedVoxels
from ...volumes.memory import usable_bytes
from ...volumes.scan import Scan, proposed_window
from ..options import Commands, check_output, note, require
from ..outputs import check_outputs
from ..progress import ProgressLine
from ..reading import add_voxel_size, open_scan
from ..recorded import facts_of_scan

# choices: how much of what two scans' grey values reach over both of them reach over
_TOO_DIFFERENT, _DIFFERENT = 0.25, 0.8


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("classify", help="the classes of a whole scan, by a classifier of 'rwthsam learn'")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="a scan of the kind that it was learned on")
    parser.add_argument("-c", "--classifier", type=Path, required=True, metavar="FILE.zip", help="of 'rwthsam learn'")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.seg.nrrd")
    parser.add_argument(
        "--stretch",
        action=argparse.BooleanOptionalAction,
        help="whether this scan's grey values are stretched to those that were learned, for another bit depth or "
        "exposure; without a choice they count as they are, and are refused where they are too different",
    )
    parser.add_argument(
        "--least-probability",
        type=float,
        default=0.0,
        metavar="P",
        help="voxels that are less probably of their class get none; default: %(default)g",
    )
    add_voxel_size(parser)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> Classifier:
    """Raise `RwthSamError` for what can be known to be wrong before the scan is read; returns the classifier."""
    check_output(given.output)
    check_outputs((given.output,), (given.volume, given.classifier))
    if not 0 <= given.least_probability <= 1:
        raise SettingsError(f"--least-probability: expected 0 to 1, got {given.least_probability:g}.")
    require("slicer", "Writing classes", "scene")
    require("scipy", "Classifying", "learn")
    return read_classifier(given.classifier)


def run(given: argparse.Namespace) -> int:
    """Read, classify, write."""
    classifier = check(given)
    classes = classifier.profile.classes
    with open_scan(given.volume, given.voxel_size) as scan:
        _say_size(classifier, scan)
        window = _window(classifier, scan, given.stretch)
        room = min(MAX_BYTES // 2, (usable_bytes() or MAX_BYTES) // 8)
        with SpooledLabels(len(classes), scan.grid.shape_kji, room) as found:
            with ProgressLine(sys.stderr) as line:
                for slab in classified_slabs(
                    scan,
                    classifier,
                    window,
                    given.least_probability,
                    lambda share: line.draw(share, f"classified {share:4.0%}", is_news=share == 1),
                ):
                    found.add(slab)
            _write(given, scan, classifier, window, found)
            counts = found.counts
    for entry, count in zip(classes, counts, strict=True):
        print(f"{entry.name}: {count} voxels")
    print(given.output)
    return 0


def _say_size(classifier: Classifier, scan: Scan) -> None:
    said = classifier.differences(scan.spacing_mm if scan.unit_known else None)
    if said:
        note(said)


def _window(classifier: Classifier, scan: Scan, stretch: bool | None) -> Window:
    """Grey values of this scan that count as those that were learned."""
    known = classifier.window
    if stretch is False:
        return known
    own = proposed_window(scan)
    if stretch:
        note(f"Grey values {own.lower:g} to {own.upper:g} count as the learned {known.lower:g} to {known.upper:g}.")
        return own
    common = min(own.upper, known.upper) - max(own.lower, known.lower)
    share = common / (max(own.upper, known.upper) - min(own.lower, known.lower))
    said = (
        f"most grey values of '{scan.name}' are {own.lower:g} to {own.upper:g}, of the scan that the classifier was "
        f"learned on {known.lower:g} to {known.upper:g}"
    )
    if share < _TOO_DIFFERENT:
        raise ClassifierError(
            f"The grey values are of another kind: {said}. Give --stretch if it is the same kind of scan in another "
            "bit depth or exposure, --no-stretch to take them as they are, or learn a classifier on a scan like this."
        )
    if share < _DIFFERENT:
        note(f"The grey values differ: {said}. They count as they are; --stretch would stretch them.")
    return known


def _write(given: argparse.Namespace, scan: Scan, classifier: Classifier, window: Window, found: SpooledLabels) -> None:
    from ...mrml.nodes import record_tag
    from ...mrml.nodes.segmentation_slabs import segmentation_of_classes, write_slabs
    from ...mrml.nodes.standalone import new_scene
    from ...mrml.nodes.volumes import add_place_of_volume

    scene = new_scene()
    place = add_place_of_volume(scene, scan.grid, scan.name, scan.unit_known)
    node = segmentation_of_classes(scene, place, classifier.profile.classes)
    record = _record(given.classifier, classifier, window, found)
    if not found.counts.any():
        note("No voxel is of any class.")
    elif record is None or len(record.to_json()) > MAX_BYTES:
        note("There is more in it than a record may hold: the file does not say how it was made.")
    else:
        record_tag.keep(node, replace(record, scan=facts_of_scan(scan)))
    write_slabs(node, found.slabs(), scan.grid, given.output)


def _record(path: Path, classifier: Classifier, window: Window, found: SpooledLabels) -> SegmentationRecord | None:
    """What the file says of its voxels; None where that would be too much."""
    if found.masks is None:
        return None
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    learned, forest = classifier.learned, classifier.forest
    made_with = MadeWith(
        program=f"RWTHSAM {__version__}",
        weights_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        engine=f"Classifier '{path.name}': random forest of {len(forest.starts)} trees, learned on '{learned.name}'.",
        window=window,
    )
    details: dict[str, Json] = {"scales": list(classifier.features.scales), "learned_on": learned.fingerprint}
    steps = tuple(
        RecordedVoxels(tuple(masks), entry.id, "a learned classifier", details=details, time=now, voxels=int(count))
        for entry, masks, count in zip(classifier.profile.classes, found.masks, found.counts, strict=True)
        if masks
    )
    return SegmentationRecord(steps, made_with, profile=classifier.profile)
