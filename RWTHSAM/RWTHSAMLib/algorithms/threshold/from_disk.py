"""A class thresholded from the disk: what is kept of it is found once, and stays in memory as packed masks.

Slabs are read in their order. What grey values say of a voxel is known at once; for rim and smoothing, slabs wait until
those on both sides are there, a byte a voxel, and are looked at tile by tile.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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
from ...volumes.formats.segment_keys import Place
from ...volumes.labelled_slabs import LabelledSlabs
from ...volumes.lazy.tiles import ShapeKji, Window, tile_shape_kji, tiles_of, windows_of
from ...volumes.lazy_segmentation import slices_at_a_time
from ...volumes.memory import size_text, usable_bytes
from ..measurement.slab_parts import SlabParts
from .threshold import chosen_of, otsu_edges, otsu_of_counts, reach_voxels, shaped

BYTES_OF_A_VOXEL = 96
"""Distances and what they are made of take about so much."""
_BYTES_HELD, _BYTES_OF_A_PART = 5, 24
"""Of a voxel that waits (whether it is in the region and has the grey values, twice while a window is put together, and
whether it is kept), and of one whose part gets a number."""
_MOST_BYTES = 1 << 31
"""A choice: larger tiles are hardly faster."""
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
    k_mm, j_mm, i_mm = spacing_mm_kji
    margin = reach_voxels(choices, k_mm), reach_voxels(choices, j_mm), reach_voxels(choices, i_mm)
    plan = _Plan(block, margin, _tile_shape(slabs, block, margin))
    found: list[tuple[Extent, PlacedMasks]] = []
    parts = SlabParts(_CONNECTED)
    slices = _chosen_slices(slabs, region, block, choices, threshold)
    for window in windows_of(slices, block, margin[0], plan.tile_kji[0]):
        for kept, own in _thin(_kept(window, plan, spacing_mm_kji, choices), window.own):
            found.append((own, placed(kept, own, slabs.shape_kji)))
            if choices.least_voxels > 1:
                parts.look_at(kept.astype(np.uint8))
    if choices.least_voxels > 1:
        return tuple(_without_specks(found, parts, choices.least_voxels, slabs.shape_kji))
    return tuple(mask for _, masks in found for mask in masks)


@dataclass(frozen=True)
class _Plan:
    """Where a region lies, voxels (k, j, i) around one that decide on it, and the shape of tiles."""

    block: Extent
    margin_kji: ShapeKji
    tile_kji: ShapeKji


def _tile_shape(slabs: LabelledSlabs, block: Extent, margin_kji: ShapeKji) -> ShapeKji:
    """Voxels (k, j, i) that are looked at together; all tiles of some slices wait until these are there.

    Raises
    ------
    VolumeError
        If memory has no room for a slice and those on both sides, or for a voxel and those around it.
    """
    depth, rows, columns = block.shape_kji
    margin = margin_kji[0]
    usable = usable_bytes()
    most = _MOST_BYTES if usable is None else min(_MOST_BYTES, usable // 2)
    slice_bytes = rows * columns * _BYTES_HELD
    needed = min(depth, 1 + 2 * margin)
    waiting = max(needed, most // slice_bytes)
    thickest = depth if waiting >= depth else max(1, waiting - 2 * margin)
    for budget in (most, most if usable is None else usable - needed * slice_bytes):
        shape = tile_shape_kji(block.shape_kji, margin_kji, budget // BYTES_OF_A_VOXEL, thickest)
        if shape is not None:
            return shape
    around = math.prod(min(count, 1 + 2 * each) for count, each in zip(block.shape_kji, margin_kji, strict=True))
    raise VolumeError(
        f"Rim and smoothing reach over {needed} slices of '{slabs.scan.name}', which takes "
        f"{size_text(needed * slice_bytes + around * BYTES_OF_A_VOXEL)} of memory, but there are "
        f"{size_text(usable or 0)}: choose a thinner rim, smooth less, or work on a coarser level."
    )


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


def _kept(
    window: Window, plan: _Plan, spacing_mm_kji: tuple[float, float, float], choices: ThresholdSettings
) -> np.ndarray:
    """Bool (k, j, i) of a window's own voxels."""
    every_region, every_chosen = window.arrays
    if plan.margin_kji == (0, 0, 0):
        return every_chosen
    kept = np.zeros(window.own.shape_kji, bool)
    for own, seen in tiles_of(window.own, plan.block, plan.tile_kji, plan.margin_kji):
        there = seen.slices_kji(window.seen.first_ijk)
        region, chosen = every_region[there], every_chosen[there]
        if region.any():
            found = shaped(region, chosen, spacing_mm_kji, choices)
            kept[own.slices_kji(window.own.first_ijk)] = found[own.slices_kji(seen.first_ijk)]
    return kept


def _chosen_slices(
    slabs: LabelledSlabs, region: Region, block: Extent, choices: ThresholdSettings, threshold: float | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of each slice of a block, in their order, where the region is and what of it has the grey values, bool (j, i)."""
    for first, labels, values in slabs:
        here = block._replace(k_min=first, k_max=first + len(labels) - 1)
        common = here.intersection(block)
        if common is None:
            continue
        there = common.slices_kji((0, 0, first))
        inside = region.of(labels[there])
        chosen = chosen_of(inside, grey_values(values[there]), choices, threshold)
        yield from zip(inside, chosen, strict=True)


def _thin(kept: np.ndarray, own: Extent) -> Iterator[tuple[np.ndarray, Extent]]:
    """The same in so few slices at a time that their parts can be numbered."""
    step = slices_at_a_time(own.shape_kji, _BYTES_OF_A_PART)
    for start in range(0, len(kept), step):
        part = kept[start : start + step]
        yield part, own._replace(k_min=own.k_min + start, k_max=own.k_min + start + len(part) - 1)


def _without_specks(
    found: Sequence[tuple[Extent, PlacedMasks]], parts: SlabParts, least_voxels: int, shape_kji: tuple[int, int, int]
) -> Iterator[tuple[SliceKey, PackedMask]]:
    """The same masks less small parts, which may go on from slab to slab."""
    final, _ = parts.numbers(least_voxels)
    done = 0
    for own, masks in found:
        ids, done = parts.named(within(masks, own).astype(np.uint8), done)
        yield from placed(final[ids] > 0, own, shape_kji)
