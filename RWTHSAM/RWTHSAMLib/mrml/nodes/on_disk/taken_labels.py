"""A segmentation that something else has made becomes the classes of a scan that stays on its disk: slab by slab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ....core.color import Color
from ....core.extent import Extent
from ....core.profile import MAX_CLASSES, ProfileClass, SegmentationProfile, fresh_id
from ....core.system.atomic_folder import replacing_folder
from ....core.voxel_grid import VoxelGrid
from ....errors import GeometryError, InputError, ProfileError, VolumeError
from ....volumes.formats.color_table import NamedLabel
from ....volumes.formats.segment_keys import CLASS_ID_TAG, RECORD_TAG, Place, SegmentEntry
from ....volumes.lazy_segmentation import LazySegmentation, opened_segmentation, slices_at_a_time
from ....volumes.ome_zarr.label_store import label_store_in
from ....volumes.ome_zarr.merging import labels_in
from ....volumes.segmentation_file import SegmentationFile, read_segmentation_file

_BYTES_OF_A_VOXEL = 16
_GREY: Color = (0.5, 0.5, 0.5)


def take_labels(
    path: Path, store_path: Path, grids: Sequence[VoxelGrid], unit_known: bool, profile: SegmentationProfile
) -> tuple[str, ...]:
    """Copy a segmentation into a folder of classes, which is there whole afterwards or not at all.

    Parameters
    ----------
    path : Path
        Of a ``.seg.nrrd``, a labelmap, or a label image; nothing in it changes.
    store_path : Path
        Of the folder to be.
    grids : sequence of VoxelGrid
        Of the levels of the scan, the finest first.
    unit_known : bool
        Whether the scan says how large a voxel is.
    profile : SegmentationProfile
        A segment with the name of one of its classes becomes that class.

    Returns
    -------
    tuple of str
        Sentences: what was assumed.

    Raises
    ------
    VolumeError
        If it is no segmentation, or has too many labels.
    GeometryError
        If it was not made on this scan, at its finest level.
    InputError
        If there is something at `store_path`, or it cannot be written.
    """
    if store_path.exists():
        raise InputError(
            f"There are classes of this scan in '{store_path}' already, and '{path.name}' does not replace them: go on "
            "with those, or give that folder another name first and start again."
        )
    with _opened(path) as found, replacing_folder(store_path) as unfinished:
        placed = _on_grid(found, grids[0], path)
        labels = _Labels(placed.about, profile, path)
        store = label_store_in(unfinished, grids, path.name, unit_known)
        shape = grids[0].shape_kji
        step = slices_at_a_time(shape, _BYTES_OF_A_VOXEL)
        for first in range(0, shape[0], step):
            part = Extent.of_shape(shape)._replace(k_min=first, k_max=min(first + step, shape[0]) - 1)
            store.write(part, labels.of(placed.slab_of_scan(first, part.k_max + 1, shape)))
        store.labels_for(labels.named)
        store.keep_record(_record_of(placed.about))
    return (*placed.about.notes, *labels.notes())


class _Labels:
    """The labels that those of a file become.

    Attributes
    ----------
    named : list of NamedLabel
        Classes in the order of their new labels, which count from 1; without these labels.
    """

    def __init__(self, about: SegmentationFile, profile: SegmentationProfile, path: Path) -> None:
        self.named: list[NamedLabel] = []
        self._profile, self._path = profile, path
        self._own: dict[Place, int] = {}
        self._shared = 0
        self._has_names = bool(about.entries)
        for entry in about.entries:
            if entry.label:
                color, tags = _color(about, entry), _tags(about, entry)
                self._add(entry.place, entry.name, color, tags.get(CLASS_ID_TAG, ""))

    def of(self, labels: np.ndarray) -> np.ndarray:
        """Own labels, uint16 (k, j, i), of those of a file (k, j, i, layers)."""
        own = np.zeros(labels.shape[:3], np.uint16)
        for layer in range(labels.shape[3]):
            theirs = labels[..., layer]
            for label in sorted(labels_in(theirs)):
                place = layer, int(label)
                if place not in self._own and not self._has_names:
                    self._add(place, f"Label {label}", _GREY, "")
                if place in self._own:
                    voxels = theirs == label
                    self._shared += int(np.count_nonzero(voxels & (own > 0)))
                    own[voxels & (own == 0)] = self._own[place]
        return own

    def notes(self) -> tuple[str, ...]:
        """What was done that somebody may not expect."""
        if not self._shared:
            return ()
        return (
            f"{self._shared:,} voxels belong to several classes; on a scan that stays on the disk each belongs to one, "
            "the first.",
        )

    def _add(self, place: Place, name: str, color: Color, class_id: str) -> None:
        if len(self.named) == MAX_CLASSES:
            raise VolumeError(f"'{self._path}' has more than {MAX_CLASSES} labels, and classes are at most so many.")
        taken = [each.class_id for each in self.named]
        if not _is_free_id(class_id, taken):
            free = {_plain(each.name): each.id for each in self._profile.classes if each.id not in taken}
            known = [*taken, *(each.id for each in self._profile.classes)]
            class_id = free.get(_plain(name)) or fresh_id(name, known)
        self.named.append(NamedLabel(0, name, color, class_id))
        self._own[place] = len(self.named)


@contextmanager
def _opened(path: Path) -> Iterator[LazySegmentation]:
    """A segmentation; only labelmaps, which say nothing of parts, are in memory."""
    with opened_segmentation(path) as found:
        if found is not None:
            yield found
            return
    held = read_segmentation_file(path)

    def slab(first: int, stop: int) -> np.ndarray:
        return np.stack([each[first:stop] for each in held.layers], axis=-1)

    yield LazySegmentation(held, Extent.of_shape(held.layers[0].shape), slab, held.layers[0].itemsize)


def _on_grid(found: LazySegmentation, grid: VoxelGrid, path: Path) -> LazySegmentation:
    if found.grid_of_scan(grid.shape_kji).fits(grid) and grid.extent.contains(found.extent):
        return found
    if not found.about.has_place and found.extent == grid.extent:
        return found.on_grid_of(grid)
    own, theirs = (" x ".join(map(str, each)) for each in (grid.shape_kji, found.extent.shape_kji))
    raise GeometryError(
        f"'{path.name}' ({theirs} voxels, k, j, i) does not lie on the finest level of this scan ({own}): choose the "
        "segmentation that was made on it, or open the level that this one was made on (rwthsam web SCAN.ome.zarr/1)."
    )


def _record_of(about: SegmentationFile) -> str:
    """The record that one of the segments carries; empty where none does."""
    records = (_tags(about, each).get(RECORD_TAG, "") for each in about.entries)
    return next((each for each in records if each), "")


def _tags(about: SegmentationFile, entry: SegmentEntry) -> dict[str, str]:
    text = about.keys.get(f"Segment{entry.number}_Tags", "")
    pairs = (each.partition(":") for each in text.split("|"))
    return {name: value for name, _, value in pairs if name}


def _color(about: SegmentationFile, entry: SegmentEntry) -> Color:
    try:
        red, green, blue = (
            min(1.0, max(0.0, float(word))) for word in about.keys.get(f"Segment{entry.number}_Color", "").split()
        )
    except ValueError:
        return _GREY
    return red, green, blue


def _is_free_id(class_id: str, taken: Sequence[str]) -> bool:
    if not class_id or class_id in taken:
        return False
    try:
        ProfileClass(class_id, "A class", _GREY)
    except ProfileError:  # something else has written it
        return False
    return True


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()
