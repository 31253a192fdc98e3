"""What ``rwthsam auto`` has found becomes a segmentation with its record, and a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from ..algorithms.automatic.detected_objects import DetectedObject, DetectedObjects
from ..algorithms.automatic.table import write_table
from ..algorithms.automatic.voxel_blocks import painted_slabs, voxel_blocks
from ..core.color import palette_color
from ..core.extent import Extent
from ..core.json_document import Json
from ..core.mask import PackedMask
from ..core.placed_masks import PlacedMasks, count, placed
from ..core.profile import MAX_CLASSES, ProfileClass, SegmentationProfile
from ..core.settings.automatic_run import AutomaticRunSettings
from ..core.settings.detected_objects import DetectedObjectsSettings
from ..core.slices import SliceKey
from ..record.record_file import MAX_BYTES, SegmentationRecord
from ..record.steps import MadeWith, RecordedVoxels
from ..volumes.label_slabs import label_type, whole_slices
from ..volumes.lazy_volume import block_bytes
from ..volumes.scan import Scan
from .options import note
from .recorded import facts_of_scan

Groups = list[tuple[ProfileClass, list[DetectedObject]]]


@dataclass(frozen=True)
class AutoTarget:
    """Where objects go, and which of them.

    Attributes
    ----------
    output, table : Path
        Segmentation, and CSV file.
    profile : SegmentationProfile, optional
        Whose rules say which object is what.
    choices : AutomaticRunSettings
    linking : DetectedObjectsSettings
    keep_doubtful : bool
    """

    output: Path
    table: Path
    profile: SegmentationProfile | None
    choices: AutomaticRunSettings
    linking: DetectedObjectsSettings
    keep_doubtful: bool


def write_found(target: AutoTarget, scan: Scan, found: DetectedObjects, made_with: MadeWith) -> None:
    """Write the table, and the segmentation unless nothing belongs to any class.

    Parameters
    ----------
    target : AutoTarget
    scan : Scan
    found : DetectedObjects
        All slices that were looked through.
    made_with : MadeWith
        Network and window.
    """
    least, profile, linking = target.linking.doubtful_below, target.profile, target.linking
    choices = replace(target.choices, hide_doubtful=not target.keep_doubtful)
    objects = [
        each
        for each in found.objects
        if choices.wants(each.measured["mean_grey"], each.middle_xy, each.is_doubtful_below(least))
    ]
    groups = _classes(objects, profile)
    names = {each.number: entry.name for entry, group in groups for each in group}
    write_table(target.table, objects, found.neighbours(), names)
    if names:
        details: dict[str, Json] = {"mode": choices.mode, **choices.generator.to_dict(), **linking.to_dict()}
        counts = _write_segments(target.output, scan, groups, linking, made_with, details, profile)
        _say_counts(groups, counts, linking, by_rules=profile is not None)
        print(target.output)
    elif objects:
        note("No rule fits any object: make the ranges wider.")
    else:
        note("No objects were found: loosen pred_iou_thresh or stability_score_thresh, or set another window.")
    print(f"{len(objects)} objects in {len(found.slice_keys)} slices")


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
    scan: Scan,
    groups: Groups,
    linking: DetectedObjectsSettings,
    made_with: MadeWith,
    details: dict[str, Json],
    profile: SegmentationProfile | None,
) -> list[int]:
    """One segment for each class, with the record of it; returns how many voxels each has in the file."""
    from ..mrml.nodes import record_tag
    from ..mrml.nodes.segmentation_slabs import segmentation_of_classes, write_slabs
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.nodes.volumes import add_place_of_volume

    scene, classes = new_scene(), [entry for entry, _ in groups]
    objects, smaller_first = [group for _, group in groups], linking.nested == "larger"
    most_voxels = block_bytes() // 2  # numbers of 4 bytes, and what is made of them
    masks = _by_class(voxel_blocks(objects, most_voxels, smaller_first), len(classes), scan.grid.shape_kji)
    node = segmentation_of_classes(scene, add_place_of_volume(scene, scan.grid, scan.name, scan.unit_known), classes)
    record = _record(classes, masks, made_with, details, profile)
    if len(record.to_json()) > MAX_BYTES:
        note("There is more in it than a record may hold: the file does not say how it was made.")
    else:
        record_tag.keep(node, replace(record, scan=facts_of_scan(scan)))
    painted = ((block, whole) for block, whole, _ in painted_slabs(objects, most_voxels, smaller_first))
    slabs = whole_slices(painted, scan.grid.shape_kji, label_type(len(classes)), block_bytes())
    write_slabs(node, slabs, scan.grid, output)
    return [count(each) for each in masks]


def _by_class(
    blocks: Iterable[tuple[int, np.ndarray, Extent]], class_count: int, shape_kji: tuple[int, int, int]
) -> list[PlacedMasks]:
    """The masks of each class."""
    masks: list[list[tuple[SliceKey, PackedMask]]] = [[] for _ in range(class_count)]
    for position, voxels, extent in blocks:
        masks[position] += placed(voxels, extent, shape_kji)
    return [tuple(each) for each in masks]


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
