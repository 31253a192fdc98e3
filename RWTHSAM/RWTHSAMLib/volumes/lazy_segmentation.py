"""Segmentations on disk, of which some slices at a time are read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..core.color import palette_color
from ..core.extent import Extent
from ..core.voxel_grid import VoxelGrid
from ..errors import VolumeError
from .formats.color_table import NamedLabel
from .formats.kinds import NRRD, is_ome_zarr, kind_of
from .formats.nrrd import stored_voxels
from .formats.nrrd_header import read_header
from .formats.segment_keys import (
    NO_OFFSET,
    NOWHERE,
    OFFSET_KEY,
    Place,
    SegmentEntry,
    check_few,
    check_offset,
    entries_of,
    labels_in,
)
from .lazy.stored_slices import StoredLayers
from .lazy_volume import LazyVolume, block_bytes
from .ome_zarr.labels import open_labels
from .ome_zarr.levels import most_frequent_of
from .segmentation_file import SegmentationFile, entries_of_labels

_REFERENCE = "Segmentation_ConversionParameters"
_TINY_KJI = (1, 1, 2)
"""Slicer takes a file of one voxel for one without any."""


@dataclass(frozen=True, eq=False)
class LazySegmentation:
    """What a file holds, none of its voxels read.

    Attributes
    ----------
    about : SegmentationFile
        Its segments, complete, with two voxels without labels instead of its own.
    extent : Extent
        Where its voxels lie among those of the scan that it was made on.
    slab : callable
        Labels (k, j, i, layers) of the file's own slices from the first index up to and without the second.
    itemsize : int
        Bytes of a label.
    """

    about: SegmentationFile
    extent: Extent
    slab: Callable[[int, int], np.ndarray]
    itemsize: int

    @property
    def grid(self) -> VoxelGrid:
        """Of its own voxels."""
        return VoxelGrid(self.about.ijk_to_ras, self.extent.shape_kji)

    @property
    def places(self) -> dict[str, Place]:
        """Where its segments are, by their ids."""
        return {each.id: each.place for each in self.about.entries}

    @property
    def byte_count(self) -> int:
        """What all of its voxels take in memory."""
        return self.extent.voxel_count * self.itemsize * len(self.about.layers)

    def grid_of_scan(self, shape_kji: tuple[int, int, int]) -> VoxelGrid:
        """The grid that it was made on, which has so many voxels."""
        shift = np.eye(4)
        shift[:3, 3] = [-each for each in self.extent.first_ijk]
        return VoxelGrid(self.about.ijk_to_ras @ shift, shape_kji)

    def on_grid_of(self, grid: VoxelGrid) -> LazySegmentation:
        """The same voxels, counted as before, where a scan's grid has them."""
        place = np.eye(4)
        place[:3, 3] = self.extent.first_ijk
        return replace(self, about=replace(self.about, ijk_to_ras=grid.ijk_to_ras @ place))

    def slab_of_scan(self, first: int, stop: int, shape_kji: tuple[int, int, int]) -> np.ndarray:
        """Labels (k, j, i, layers) of slices of the scan, which has so many voxels; 0 where the file has none."""
        wanted = Extent.of_shape(shape_kji)._replace(k_min=first, k_max=stop - 1)
        common = wanted.intersection(self.extent)
        if common is None:
            return np.zeros((*wanted.shape_kji, len(self.about.layers)), np.uint8)
        found = self.slab(common.k_min - self.extent.k_min, common.k_max + 1 - self.extent.k_min)
        _, rows, columns = common.slices_kji(self.extent.first_ijk)
        part = found[:, rows, columns]
        if common == wanted:
            return part
        labels = np.zeros((*wanted.shape_kji, part.shape[-1]), part.dtype)
        labels[common.slices_kji(wanted.first_ijk)] = part
        return labels

    def voxels_beyond(self, shape_kji: tuple[int, int, int]) -> int:
        """How many labelled voxels lie outside a scan of so many voxels; one in several layers counts as often."""
        scan, slices = Extent.of_shape(shape_kji), self.extent.shape_kji[0]
        if scan.contains(self.extent):
            return 0
        beyond, step = 0, slices_at_a_time(self.extent.shape_kji, self.itemsize * len(self.about.layers))
        for first in range(0, slices, step):
            labels = self.slab(first, min(first + step, slices))
            own = self.extent._replace(
                k_min=self.extent.k_min + first, k_max=self.extent.k_min + first + len(labels) - 1
            )
            common = own.intersection(scan)
            inside = 0 if common is None else np.count_nonzero(labels[common.slices_kji(own.first_ijk)])
            beyond += int(np.count_nonzero(labels) - inside)
        return beyond


@contextmanager
def opened_segmentation(path: Path) -> Iterator[LazySegmentation | None]:
    """A segmentation, none of its voxels read; None for kinds of files that are read whole.

    Raises
    ------
    VolumeError
        If it is damaged, or does not say which labels its segments have.
    DependencyMissing
        If zarr is not installed, for OME-Zarr.
    """
    if path.exists() and is_ome_zarr(path):
        volume, named = open_labels(path)
        with volume:
            about = _about_labels(volume, entries_of_labels(named or _labels_without_names(volume)))
            yield LazySegmentation(about, Extent.of_shape(volume.array_kji.shape), _slab_of(volume), _itemsize(volume))
    elif path.is_file() and kind_of(path) == NRRD and entries_of(read_header(path).keys, path):
        found, source = _of_nrrd(path)
        try:
            yield found
        finally:
            source.close()
    else:
        yield None


def _of_nrrd(path: Path) -> tuple[LazySegmentation, StoredLayers]:
    header = read_header(path)
    check_offset(header.keys, path)
    stored = stored_voxels(header, may_be_list=True)
    if stored.is_text:
        raise VolumeError(f"'{path}' is written as text, of which no part can be read: save it as binary.")
    source = StoredLayers(stored, path)
    i, j, k = (int(word) for word in header.keys.get(OFFSET_KEY, NO_OFFSET).split())
    extent = Extent.of_shape(source.shape).shifted((i, j, k))
    entries = entries_of(header.keys, path)
    if any(each.label is None or each.layer is None or each.layer >= source.shape[3] for each in entries):
        raise VolumeError(f"'{path}' does not say which labels its segments have: save it again with 3D Slicer.")
    tiny = tuple(np.zeros(_TINY_KJI, source.dtype) for _ in range(source.shape[3]))
    keys = {OFFSET_KEY: NO_OFFSET, **header.keys, **_nowhere(entries)}
    about = SegmentationFile(tiny, stored.ijk_to_ras, entries, keys, False, (*source.notes,))
    return LazySegmentation(about, extent, source.read, source.dtype.itemsize), source


def _labels_without_names(volume: LazyVolume) -> dict[int, NamedLabel]:
    """Labels of an image that names none, found by reading it once, called as Slicer calls them."""
    found: set[int] = set()
    for _, labels_kji in volume.blocks():
        check_few([labels_kji], volume.path)
        found |= labels_in(labels_kji)
    return {label: NamedLabel(label, f"Segment_{label}", palette_color(label)) for label in found}


def _slab_of(volume: LazyVolume) -> Callable[[int, int], np.ndarray]:
    return lambda first, stop: volume.slab("k", first, stop)[..., None]


def _itemsize(volume: LazyVolume) -> int:
    return int(volume.array_kji.dtype.itemsize)


def _about_labels(volume: LazyVolume, said: tuple[tuple[SegmentEntry, ...], dict[str, str]]) -> SegmentationFile:
    if volume.array_kji.dtype.kind not in "iu":
        raise VolumeError(f"'{volume.path}' holds floating point numbers, expected labels.")
    tiny, (entries, keys) = (np.zeros(_TINY_KJI, volume.array_kji.dtype),), said
    keys |= {f"Segment{each.number}_Layer": "0" for each in entries}
    keys |= {f"Segment{each.number}_LabelValue": str(each.label) for each in entries}
    return SegmentationFile(tiny, volume.ijk_to_ras, entries, {**keys, **_nowhere(entries)}, False, volume.notes)


def _nowhere(entries: tuple[SegmentEntry, ...]) -> dict[str, str]:
    """Slicer's reader would look for voxels in the boxes that are stated."""
    return {f"Segment{each.number}_Extent": NOWHERE for each in entries}


def slices_at_a_time(shape_kji: tuple[int, int, int], bytes_per_voxel: int) -> int:
    """How many slices may be worked on together where each voxel takes so many bytes."""
    return max(1, block_bytes() // (math.prod(shape_kji[1:]) * bytes_per_voxel))


def coarser(segmentation: LazySegmentation, step: int) -> SegmentationFile:
    """The segmentation in memory, so many voxels along each axis merged to one of the label that most of them have.

    Voxels that are left over at an end are left out, unless there are no others.
    """
    shape = segmentation.extent.shape_kji
    steps = [min(step, count) for count in shape]
    coarse = [count // each for count, each in zip(shape, steps, strict=True)]
    layers = [np.zeros(coarse, segmentation.about.layers[0].dtype) for _ in segmentation.about.layers]
    for k in range(coarse[0]):
        slab = segmentation.slab(k * steps[0], (k + 1) * steps[0])
        for layer, labels in enumerate(layers):
            part = slab[:, : coarse[1] * steps[1], : coarse[2] * steps[2], layer]
            blocks = part.reshape(steps[0], coarse[1], steps[1], coarse[2], steps[2])
            labels[k] = most_frequent_of(blocks, (0, 2, 4))
    scaled = np.diag([*steps[::-1], 1.0])
    scaled[:3, 3] = [(each - 1) / 2 for each in steps[::-1]]
    keys = {key: text for key, text in segmentation.about.keys.items() if not key.startswith(_REFERENCE)}
    whole = " ".join(map(str, Extent.of_shape(coarse)))
    keys |= {OFFSET_KEY: NO_OFFSET}
    keys |= {f"Segment{each.number}_Extent": whole for each in segmentation.about.entries}
    return replace(
        segmentation.about, layers=tuple(layers), ijk_to_ras=segmentation.about.ijk_to_ras @ scaled, keys=keys
    )
