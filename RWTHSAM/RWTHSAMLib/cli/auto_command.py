"""``rwthsam auto``: find masks in slices, link them to instances, write them as segments and as a table."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from ..algorithms.automatic.detected_objects import DetectedObject, DetectedObjects
from ..algorithms.automatic.generator import found_masks
from ..algorithms.automatic.table import COLUMNS, write_table
from ..algorithms.automatic.voxel_blocks import voxel_blocks
from ..core.color import palette_color
from ..core.extent import Extent
from ..core.image import SliceImage
from ..core.json_document import Json
from ..core.placed_masks import PlacedMasks, count, placed
from ..core.profile import MAX_CLASSES, ProfileClass, SegmentationProfile, read_profile
from ..core.settings.automatic import PRESETS, AutomaticSettings
from ..core.settings.automatic_run import AutomaticRunSettings
from ..core.settings.detected_objects import DetectedObjectsSettings
from ..core.settings.setting import settings_of
from ..core.slices import ARRAY_AXIS, AXES, SliceKey
from ..core.window import Window, propose_window
from ..errors import ProfileError, SettingsError
from ..inference.backends.choice import BACKENDS, PRECISIONS
from ..inference.devices import DEVICES
from ..inference.engine import SamEngine
from ..models.weights import default_model
from ..record.record_file import MAX_BYTES, SegmentationRecord
from ..record.steps import MadeWith, RecordedVoxels
from ..volumes.read import VolumeData
from .options import Commands, add_settings, check_output, given_settings, note, require
from .outputs import table_beside
from .reading import add_voxel_size, read_scan
from .recorded import facts_of_scan, made_now

Groups = list[tuple[ProfileClass, list[DetectedObject]]]


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("auto", help="find masks without prompts and link them to objects")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="NRRD, NIfTI, MetaImage, TIFF, PNG, or a folder")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.seg.nrrd")
    parser.add_argument("--csv", type=Path, metavar="OUT.csv", help="a row for each object; default: OUT-objects.csv")
    parser.add_argument("--axis", choices=AXES, default="k", help="slices along it; default: %(default)s")
    parser.add_argument("--range", type=int, nargs=2, metavar=("FIRST", "LAST"), help="slices; default: all")
    parser.add_argument("--preset", choices=sorted(PRESETS), help="default: the profile's settings, else SAM's own")
    parser.add_argument(
        "--settings",
        dest="settings_file",
        type=Path,
        metavar="FILE",
        help="JSON with SAM's settings; instead of a preset",
    )
    parser.add_argument("--rules", type=Path, metavar="PROFILE", help="profile whose rules say which object is what")
    add_voxel_size(parser)
    add_settings(parser, AutomaticRunSettings, "mode", "min_slices")
    parser.add_argument("--keep-doubtful", action="store_true", help="also masks that hardly differ from around them")
    parser.add_argument("--window", type=float, nargs=2, metavar=("LO", "HI"), help="default: a proposal")
    parser.add_argument("--model", metavar="NAME", help=f"default: {default_model()}")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="default: see rwthsam models")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--backend", choices=BACKENDS, default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    add_settings(parser, DetectedObjectsSettings)
    own = parser.add_argument_group("single settings of SAM", "instead of those of the preset, profile or file")
    add_settings(own, AutomaticSettings)
    own.add_argument(
        "--grid-point",
        dest="grid_points",
        type=float,
        nargs=2,
        action="append",
        metavar=("X", "Y"),
        help=f"{settings_of(AutomaticSettings)['point_grids'].help} One of those for the slice; may be repeated.",
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Find, link and write; everything that can be wrong is checked before the network is loaded."""
    check_output(given.output)
    inputs = (given.volume, given.settings_file, given.rules, given.weights)
    table = table_beside(given.output, given.csv, "-objects.csv", COLUMNS, inputs)
    require("slicer", "Writing .seg.nrrd", "scene")
    profile = read_profile(given.rules) if given.rules else None
    if profile is not None and not profile.automatic.rules:
        raise ProfileError(f"'{given.rules}': the profile has no rules (automatic.rules), so nothing can be assigned.")
    choices = given_settings(given, AutomaticRunSettings(generator=_settings(given, profile)))
    linking = given_settings(given, DetectedObjectsSettings())
    data = read_scan(given.volume, given.voxel_size)
    if not data.unit_known:
        note("The file does not say how large a voxel is: it counts as 1 mm, so mm, mm² and mm³ are in voxels.")
    keys = _keys(given, data)
    window = _window(given, profile, data)
    note(f"Window {window.lower:g} .. {window.upper:g}")
    engine = SamEngine.load(
        given.model or default_model(given.weights),
        given.weights,
        device=given.device,
        backend=given.backend,
        precision=given.precision,
    )
    note(engine.description)
    found = DetectedObjects(given.axis, data.spacing_mm, linking.least_overlap, choices.min_slices)
    for key in keys:
        _look_through(found, engine, data, key, window, choices, linking.doubtful_below)
    least = linking.doubtful_below
    objects = [each for each in found.objects if given.keep_doubtful or not each.is_doubtful_below(least)]
    groups = _classes(objects, profile)
    names = {each.number: entry.name for entry, group in groups for each in group}
    write_table(table, objects, found.neighbours(), names)
    if names:
        details: dict[str, Json] = {"mode": choices.mode, **choices.generator.to_dict(), **linking.to_dict()}
        made_with = made_now(engine, window)
        counts = _write_segments(given.output, data, groups, linking, made_with, details, profile)
        _say_counts(groups, counts, linking, by_rules=profile is not None)
        print(given.output)
    elif objects:
        note("No rule fits any object: make the ranges wider.")
    else:
        note("No objects were found: loosen pred_iou_thresh or stability_score_thresh, or set another window.")
    print(f"{len(objects)} objects in {len(keys)} slices")
    return 0


def _settings(given: argparse.Namespace, profile: SegmentationProfile | None) -> AutomaticSettings:
    settings = _whole_settings(given, profile)
    if given.grid_points:
        settings = replace(settings, points_per_side=None, point_grids=(tuple((x, y) for x, y in given.grid_points),))
    return given_settings(given, settings)


def _whole_settings(given: argparse.Namespace, profile: SegmentationProfile | None) -> AutomaticSettings:
    if given.settings_file:
        return AutomaticSettings.read(given.settings_file)
    if given.preset is None and profile is not None and profile.automatic.settings is not None:
        return profile.automatic.settings
    return PRESETS[given.preset or "default"]


def _window(given: argparse.Namespace, profile: SegmentationProfile | None, data: VolumeData) -> Window:
    if given.window:
        return Window(*given.window)
    return (profile.window if profile is not None else None) or propose_window(data.array_kji)


def _keys(given: argparse.Namespace, data: VolumeData) -> list[SliceKey]:
    count = data.array_kji.shape[ARRAY_AXIS[given.axis]]
    first, last = given.range or (0, count - 1)
    if not 0 <= first <= last < count:
        raise SettingsError(f"--range: expected two slices from 0 to {count - 1}, got {first} {last}.")
    return [SliceKey(given.axis, index) for index in range(first, last + 1)]


def _look_through(
    found: DetectedObjects,
    engine: SamEngine,
    data: VolumeData,
    key: SliceKey,
    window: Window,
    choices: AutomaticRunSettings,
    doubtful_below: float,
) -> None:
    values = key.take(data.array_kji)
    masks = found_masks(engine, SliceImage.of_scan(values, window), choices.generator, choices.mode)
    found.put(key, masks, values)
    doubtful = sum(each.judgement.is_doubtful_below(doubtful_below) for each in masks)
    note(f"{key.axis} = {key.index}: {len(masks)} masks, {doubtful} of them doubtful")


def _classes(objects: Sequence[DetectedObject], profile: SegmentationProfile | None) -> Groups:
    """Classes and what belongs to them: those of the rules, else one for each object."""
    if profile is not None:
        class_of = {each.number: profile.automatic.class_of(each.measured) for each in objects}
        return [(entry, [each for each in objects if class_of[each.number] == entry.id]) for entry in profile.classes]
    if not objects:
        return []
    # a profile ends at 255 classes, a scan may hold more objects
    return [
        (ProfileClass(f"object-{each.number}", f"Object {each.number}", palette_color(position)), [each])
        for position, each in enumerate(objects)
    ]


def _write_segments(
    output: Path,
    data: VolumeData,
    groups: Groups,
    linking: DetectedObjectsSettings,
    made_with: MadeWith,
    details: dict[str, Json],
    profile: SegmentationProfile | None,
) -> list[int]:
    """One segment for each class, with the record of it; returns how many voxels each has in the file."""
    from ..mrml.nodes import record_tag, storage
    from ..mrml.nodes.labelled_segments import segmentation_of_labels
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.nodes.volumes import add_volume

    scene, classes = new_scene(), [entry for entry, _ in groups]
    blocks = voxel_blocks([group for _, group in groups], smaller_first=linking.nested == "larger")
    shape_kji = data.array_kji.shape[:3]
    masks: list[PlacedMasks] = [() for _ in classes]
    seen = _also_recorded(blocks, masks, shape_kji)
    node = segmentation_of_labels(scene, add_volume(scene, data), classes, seen)
    record = _record(classes, masks, made_with, details, profile)
    if len(record.to_json()) > MAX_BYTES:
        note("There is more in it than a record may hold: the file does not say how it was made.")
    else:
        record_tag.keep(node, replace(record, scan=facts_of_scan(data)))
    storage.save_segmentation(node, output)
    return [count(each) for each in masks]


def _also_recorded(
    blocks: Iterable[tuple[int, np.ndarray, Extent]], masks: list[PlacedMasks], shape_kji: tuple[int, int, int]
) -> Iterator[tuple[int, np.ndarray, Extent]]:
    """The same blocks, kept by class on their way."""
    for position, voxels, extent in blocks:
        masks[position] += placed(voxels, extent, shape_kji)
        yield position, voxels, extent


def _record(
    classes: Sequence[ProfileClass],
    masks: Sequence[PlacedMasks],
    made_with: MadeWith,
    details: dict[str, Json],
    profile: SegmentationProfile | None,
) -> SegmentationRecord:
    """What the file says of its voxels: nothing smaller gives them again."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    steps = tuple(
        RecordedVoxels(each, entry.id, "automatic masks", details=details, time=now, voxels=count(each))
        for entry, each in zip(classes, masks, strict=True)
        if each
    )
    if profile is None and len(classes) <= MAX_CLASSES:
        profile = SegmentationProfile("Objects", tuple(classes))
    if profile is None:
        note(f"The file says how it was made, but only {MAX_CLASSES} classes can be made again from that.")
    return SegmentationRecord(steps, made_with, profile=profile)


def _say_counts(groups: Groups, counts: Sequence[int], linking: DetectedObjectsSettings, by_rules: bool) -> None:
    """How many voxels the file has, and how many more the objects have for themselves."""
    for (entry, group), voxels in zip(groups, counts, strict=True):
        if by_rules and group:
            print(f"{entry.name}: {voxels} voxels")
    shared = sum(each.voxel_count for _, group in groups for each in group) - sum(counts)
    print(f"{sum(counts)} voxels in all")
    if shared:
        note(
            f"{shared:,} voxels lie in another object too: the {linking.nested} one has them (--nested). The table "
            "counts each object whole."
        )
