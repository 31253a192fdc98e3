"""A class thresholded slab by slab: what is kept of it is found once, and stays in memory as packed masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...core.extent import Extent, union_of
from ...core.image import grey_of
from ...core.mask import PackedMask
from ...core.placed_masks import PlacedMasks, placed, within
from ...core.settings.measurement import Connectivity
from ...core.settings.threshold import ThresholdSettings
from ...core.slices import SliceKey
from ...errors import VolumeError
from ...volumes.labelled_slabs import LabelledSlab, LabelledSlabs, Place
from ...volumes.memory import size_text, usable_bytes
from ..measurement.slab_parts import SlabParts
from .threshold import kept_of, otsu_edges, otsu_of_counts, reach_slices

BYTES_OF_A_VOXEL = 96
"""Distances and what they are made of take about so much."""
_MOST_BYTES = 1 << 31
"""A choice: more slices together are hardly faster."""
_CONNECTED: Connectivity = 26


@dataclass(frozen=True)
class Region:
    """What of some classes is thresholded: what the source has, outside some and inside others."""

    source: Place
    outside: tuple[Place, ...] = ()
    inside: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Of all classes that it is made of."""
        return (self.source, *self.outside, *self.inside)

    def of(self, labels: np.ndarray) -> np.ndarray:
        """Bool (k, j, i) of labels (k, j, i, layers)."""
        voxels = held(labels, self.source)
        for each in self.outside:
            voxels &= ~held(labels, each)
        for each in self.inside:
            voxels &= held(labels, each)
        return voxels


def held(labels: np.ndarray, place: Place) -> np.ndarray:
    """Bool (k, j, i): voxels of a class among labels (k, j, i, layers)."""
    voxels: np.ndarray = labels[..., place[0]] == place[1]
    return voxels


def classes_without_voxels(slabs: LabelledSlabs, places: Sequence[Place]) -> set[Place]:
    """Those of some classes that have no voxel in the scan."""
    missing = set(places)
    for _, labels in slabs.labels():
        missing -= {each for each in missing if held(labels, each).any()}
    return missing


def kept_from_disk(
    slabs: LabelledSlabs, region: Region, choices: ThresholdSettings, spacing_mm_kji: tuple[float, float, float]
) -> PlacedMasks:
    """The voxels that `thresholded` keeps of a region.

    Parameters
    ----------
    slabs : LabelledSlabs
        Gone through two to three times.
    region : Region
    choices : ThresholdSettings
    spacing_mm_kji : tuple of float
        Along the array's axes.

    Raises
    ------
    VolumeError
        If memory has no room for the slices that rim and smoothing reach over.
    """
    extent, ends = _surveyed(slabs, region)
    if extent is None:
        return ()
    threshold = None if choices.otsu is None else _otsu(slabs, region, ends)
    # the same voxels as in memory: at its ends smoothing sees no voxel outside
    block = extent.with_margin(1, Extent.of_shape(slabs.shape_kji))
    margin = reach_slices(choices, spacing_mm_kji[0]) if choices.rim_mm is not None or choices.smooth_mm else 0
    at_least = _slices_together(slabs, block, margin)
    found: list[tuple[Extent, PlacedMasks]] = []
    parts = SlabParts(_CONNECTED)
    for window in _windows(slabs, margin, at_least, slabs.shape_kji[0]):
        kept, own = window.kept(region, block, choices, spacing_mm_kji, threshold)
        found.append((own, placed(kept, own, slabs.shape_kji)))
        if choices.least_voxels > 1:
            parts.look_at(kept.astype(np.uint8))
    if choices.least_voxels > 1:
        return tuple(_without_specks(found, parts, choices.least_voxels, slabs.shape_kji))
    return tuple(mask for _, masks in found for mask in masks)


def _slices_together(slabs: LabelledSlabs, block: Extent, margin: int) -> int:
    """How many slices are worked on together; those on both sides of them are worked on again with the next ones.

    Raises
    ------
    VolumeError
        If memory has no room for one slice and those on both sides.
    """
    if not margin:
        return 1
    depth, rows, columns = block.shape_kji
    slice_bytes = rows * columns * BYTES_OF_A_VOXEL
    usable = usable_bytes()
    most = _MOST_BYTES if usable is None else min(_MOST_BYTES, usable // 2)
    needed = min(depth, 1 + 2 * margin)
    if usable is not None and needed * slice_bytes > usable:
        raise VolumeError(
            f"Rim and smoothing reach over {needed} slices of '{slabs.scan.name}', which takes "
            f"{size_text(needed * slice_bytes)} of memory, but there are {size_text(usable)}: choose a thinner rim, "
            "smooth less, or work on a coarser level."
        )
    return max(1, most // slice_bytes - 2 * margin)


def _surveyed(slabs: LabelledSlabs, region: Region) -> tuple[Extent | None, tuple[float, float]]:
    """Where a region lies, and the lowest and highest of its grey values."""
    extents: list[Extent] = []
    low, high = np.inf, -np.inf
    for first, labels, values in slabs:
        inside = region.of(labels)
        own = Extent.around(inside, (0, 0, first))
        if own is not None:
            extents.append(own)
            finite = _finite(grey_values(values)[inside])
            if finite.size:
                low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return union_of(extents), (low, high)


def _otsu(slabs: LabelledSlabs, region: Region, ends: tuple[float, float]) -> float:
    low, high = ends
    if not low < high:
        return 0.0 if low > high else low
    counts: np.ndarray | None = None
    edges = np.zeros(0)
    for _, labels, values in slabs:
        finite = _finite(grey_values(values)[region.of(labels)])
        if counts is None:
            edges = otsu_edges(low, high, finite.dtype)
            counts = np.zeros(len(edges) - 1, np.int64)
        counts += np.histogram(finite, edges)[0]
    assert counts is not None
    return otsu_of_counts(counts, edges)


def grey_values(values: np.ndarray) -> np.ndarray:
    """Grey values (k, j, i) as a scene holds them, which has no whole numbers of 8 bytes and no halves."""
    grey = grey_of(values, 3)
    wide = (grey.dtype.kind in "iu" and grey.dtype.itemsize == 8) or grey.dtype == np.float16
    return grey.astype(np.float64) if wide else grey


def _finite(values: np.ndarray) -> np.ndarray:
    finite: np.ndarray = values[np.isfinite(values)]
    return finite


@dataclass(frozen=True, eq=False)
class _Window:
    """Some slices, and those on both sides that decide on them."""

    slices: range
    first: int
    labels: np.ndarray
    values: np.ndarray

    def kept(
        self,
        region: Region,
        block: Extent,
        choices: ThresholdSettings,
        spacing_mm_kji: tuple[float, float, float],
        threshold: float | None,
    ) -> tuple[np.ndarray, Extent]:
        """Bool (k, j, i) of these slices within the block's rows and columns, and where they lie."""
        own = block._replace(k_min=self.slices.start, k_max=self.slices.stop - 1)
        kept = np.zeros(own.shape_kji, bool)
        seen = block.intersection(block._replace(k_min=self.first, k_max=self.first + len(self.labels) - 1))
        common = own.intersection(block)
        if seen is not None and common is not None:
            there = seen.slices_kji((0, 0, self.first))
            inside = region.of(self.labels[there])
            found = kept_of(inside, grey_values(self.values[there]), spacing_mm_kji, choices, threshold)
            kept[common.slices_kji(own.first_ijk)] = found[common.slices_kji(seen.first_ijk)]
        return kept, own


def _windows(slabs: Iterable[LabelledSlab], margin: int, at_least: int, count: int) -> Iterator[_Window]:
    """All slices in their order, with as many more on both sides as there are up to the margin; read once."""
    done = first = 0
    labels, values = np.zeros(0), np.zeros(0)
    for start, more_labels, more_values in slabs:
        labels = np.concatenate([labels, more_labels]) if len(labels) else more_labels
        values = np.concatenate([values, more_values]) if len(values) else more_values
        end = start + len(more_labels)
        ready = end if end == count else max(done, end - margin)
        if end < count and ready - done < at_least:
            continue
        yield _Window(range(done, ready), first, labels, values)
        done = ready
        gone = max(0, done - margin - first)
        labels, values, first = labels[gone:], values[gone:], first + gone


def _without_specks(
    found: Sequence[tuple[Extent, PlacedMasks]], parts: SlabParts, least_voxels: int, shape_kji: tuple[int, int, int]
) -> Iterator[tuple[SliceKey, PackedMask]]:
    """The same masks less small parts, which may go on from slab to slab."""
    final, _ = parts.numbers(least_voxels)
    done = 0
    for own, masks in found:
        ids, done = parts.named(within(masks, own).astype(np.uint8), done)
        yield from placed(final[ids] > 0, own, shape_kji)
