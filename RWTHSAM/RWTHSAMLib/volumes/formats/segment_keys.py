"""What a ``.seg.nrrd`` says of its segments beside the voxels, in Slicer's words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...core.extent import Extent, union_of
from ...errors import VolumeError

Place = tuple[int, int]
"""Layer and label of a class."""
OFFSET_KEY = "Segmentation_ReferenceImageExtentOffset"
NO_OFFSET = "0 0 0"
NOWHERE = "0 -1 0 -1 0 -1"
"""Extent of a segment without voxels."""
CLASS_ID_TAG = "RWTHSAM.ClassId"
"""Of segments: the class of the profile that they stand for."""
RECORD_TAG = "RWTHSAM.Prompts"
"""Of the first segment: how the segmentation came about, as `record_tag` packs it."""
_MOST_NAMED = 5
_LARGEST = 2**31 - 1
# of an offset in voxels: far from where sums leave the numbers of 32 bits
_FARTHEST = 10**6
# each becomes a segment; a scan has as many grey values
_MOST_WITHOUT_NAMES = 4095


@dataclass(frozen=True)
class SegmentEntry:
    """A segment as a file names it.

    Attributes
    ----------
    number : int
        Of its keys in the file.
    id, name : str
    layer : int, optional
        Which labelmap it is in.
    label : int, optional
        The value of its voxels.
    """

    number: int
    id: str
    name: str
    layer: int | None
    label: int | None

    @property
    def place(self) -> Place:
        """Where its voxels are; what the file does not say of it is 0."""
        return self.layer or 0, self.label or 0


def entries_of(keys: Mapping[str, str], path: Path) -> tuple[SegmentEntry, ...]:
    """The segments that a file names.

    Raises
    ------
    VolumeError
        If one has no id, two have the same, or a label or layer is no number.
    """
    numbers = sorted(int(match[1]) for key in keys if (match := re.fullmatch(r"Segment(\d+)_ID", key)))
    entries = tuple(
        SegmentEntry(
            number,
            keys[f"Segment{number}_ID"],
            keys.get(f"Segment{number}_Name", keys[f"Segment{number}_ID"]),
            _whole_number(keys, f"Segment{number}_Layer", path),
            _whole_number(keys, f"Segment{number}_LabelValue", path),
        )
        for number in numbers
    )
    if any(not entry.id for entry in entries):
        raise VolumeError(f"'{path}' is damaged: a segment has no id.")
    for segment_id, count in Counter(entry.id for entry in entries).items():
        if count > 1:
            raise VolumeError(f"'{path}' has {count} segments with the same id '{segment_id}'.")
    return entries


def with_labels(
    entries: Sequence[SegmentEntry], layers: Sequence[np.ndarray], path: Path
) -> tuple[tuple[SegmentEntry, ...], tuple[str, ...]]:
    """The segments, each with its layer and label, and what was assumed to find them.

    Raises
    ------
    VolumeError
        If the file does not say which voxels a segment has, or says it of two segments alike.
    """
    if not entries:
        return (), ()
    placed = _with_layers(entries, len(layers), path)
    present = [labels_in(layer) for layer in layers]
    complete: list[SegmentEntry] = []
    notes: dict[str, None] = {}
    for layer in range(len(layers)):
        here = [entry for entry in placed if entry.layer == layer]
        found = _with_labels_of(here, present[layer], path)
        if found != here:
            notes["The file does not say which labels its segments have; they were taken in their order."] = None
        complete += found
        unnamed = sorted(present[layer] - {entry.label for entry in found})
        if unnamed:
            named = ", ".join(map(str, unnamed[:_MOST_NAMED])) + (" ..." if len(unnamed) > _MOST_NAMED else "")
            notes[f"Voxels of the label {named} belong to no segment of the file; they were left out."] = None
    for place, count in Counter((entry.layer, entry.label) for entry in complete).items():
        if count > 1:
            names = ", ".join(f"'{each.name}'" for each in complete if (each.layer, each.label) == place)
            raise VolumeError(
                f"'{path}' gives the label {place[1]} to {count} segments, {names}: whose are the voxels?"
            )
    return tuple(sorted(complete, key=lambda entry: entry.number)), tuple(notes)


def check_few(layers: Sequence[np.ndarray], path: Path) -> None:
    """Raise `VolumeError` for labelmaps (k, j, i) without names that hold so many labels that they must be a scan."""
    count = max(len(labels_in(layer)) for layer in layers)
    if count > _MOST_WITHOUT_NAMES:
        raise VolumeError(
            f"'{path}' holds {count:,} different numbers, expected labels, at most {_MOST_WITHOUT_NAMES:,}: is it a "
            "scan? Choose the segmentation."
        )


def keys_of(
    keys: Mapping[str, str], entries: Sequence[SegmentEntry], layers: Sequence[np.ndarray]
) -> tuple[dict[str, str], bool]:
    """All keys, complete, the segments counted from 0; and whether the extents that the file states were right."""
    extents_fit = True
    full = " ".join(f"0 {count - 1}" for count in layers[0].shape[::-1])
    complete = {key: value for key, value in keys.items() if not re.match(r"Segment\d+_", key)}
    complete.setdefault(OFFSET_KEY, NO_OFFSET)
    stated = {entry.number: keys.get(f"Segment{entry.number}_Extent", "") for entry in entries}
    for layer, labels in enumerate(layers):
        own = [entry.number for entry in entries if entry.layer == layer]
        if own and not _extents_hold(labels, [stated[number] for number in own]):
            extents_fit = False
            stated |= dict.fromkeys(own, full)
    for index, entry in enumerate(entries):
        prefix = f"Segment{entry.number}_"
        about = {key.removeprefix(prefix): value for key, value in keys.items() if key.startswith(prefix)}
        about |= {"LabelValue": str(entry.label), "Layer": str(entry.layer), "Extent": stated[entry.number]}
        complete |= {f"Segment{index}_{key}": value for key, value in about.items()}
    is_counted = [entry.number for entry in entries] == list(range(len(entries)))
    return complete, extents_fit and is_counted


def check_offset(keys: Mapping[str, str], path: Path) -> None:
    """Raise `VolumeError` for a place of the voxels at which Slicer's reader would end the process."""
    text = keys.get(OFFSET_KEY, NO_OFFSET)
    if not re.fullmatch(r"\s*(-?\d+\s+){2}-?\d+\s*", text) or max(abs(int(word)) for word in text.split()) > _FARTHEST:
        raise VolumeError(f"'{path}' is damaged: {OFFSET_KEY} is {text!r}, expected three whole numbers.")


def _whole_number(keys: Mapping[str, str], key: str, path: Path) -> int | None:
    text = keys.get(key)
    if text is None:
        return None
    if not re.fullmatch(r"\s*\d+\s*", text) or int(text) > _LARGEST:
        raise VolumeError(f"'{path}' is damaged: {key} is {text!r}, expected a number from 0.")
    return int(text)


def _with_layers(entries: Sequence[SegmentEntry], count: int, path: Path) -> list[SegmentEntry]:
    if count > 1 and all(entry.layer is None for entry in entries):
        # Slicer once wrote a layer for each segment
        placed = [replace(entry, layer=index, label=entry.label or 1) for index, entry in enumerate(entries)]
    else:
        placed = [replace(entry, layer=entry.layer or 0) for entry in entries]
    for entry in placed:
        if entry.layer is None or entry.layer >= count:
            raise VolumeError(
                f"'{path}' is damaged: segment '{entry.name}' is said to be in layer {entry.layer}, but it has {count}."
            )
    return placed


def _with_labels_of(entries: list[SegmentEntry], present: set[int], path: Path) -> list[SegmentEntry]:
    without = [entry for entry in entries if not entry.label]
    if not without:
        return entries
    taken = {entry.label for entry in entries if entry.label}
    free = sorted(present - taken)
    in_order = list(range(1, len(entries) + 1))
    if len(without) == len(entries) and present <= set(in_order):
        free = in_order
    if len(free) != len(without):
        raise VolumeError(
            f"'{path}' names {len(entries)} segments but not their labels (LabelValue), and holds the labels "
            f"{', '.join(map(str, sorted(present)[:_MOST_NAMED])) or 'none'}: save it again with 3D Slicer."
        )
    label_of = dict(zip((entry.number for entry in without), free, strict=True))
    return [replace(entry, label=label_of.get(entry.number, entry.label)) for entry in entries]


def labels_in(labels_kji: np.ndarray) -> set[int]:
    """The labels of a labelmap (k, j, i), without the background."""
    found: set[int] = set()
    for plane in labels_kji:
        counted = plane.dtype.itemsize <= 2 and plane.dtype.kind == "u"
        values = np.flatnonzero(np.bincount(plane.ravel())) if counted else np.unique(plane)
        found |= set(values.tolist())
    return found - {0}


def _extents_hold(labels_kji: np.ndarray, extents: Sequence[str]) -> bool:
    """Whether the boxes of a layer's segments lie in it, and together hold all of its voxels."""
    boxes = []
    for text in extents:
        words = text.split()
        if len(words) != 6 or not all(re.fullmatch(r"-?\d+", word) for word in words):
            return False
        boxes.append([int(word) for word in words])
    held = union_of(Extent(*box) for box in boxes if all(box[side] <= box[side + 1] for side in (0, 2, 4)))
    if held is None:
        return not labels_kji.any()
    if not Extent.of_shape(labels_kji.shape).contains(held):
        return False
    inside = labels_kji[held.slices_kji()]
    return bool(np.count_nonzero(inside) == np.count_nonzero(labels_kji))
