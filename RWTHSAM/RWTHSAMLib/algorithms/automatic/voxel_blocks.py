"""Objects as voxels, a bounded number of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from ...core.extent import Extent
from .detected_objects import DetectedObject
from .mask_quantities import MeasuredMask

_NOTHING = 0


def voxel_blocks(
    groups: Sequence[Sequence[DetectedObject]], most_voxels: int = 32_000_000, smaller_first: bool = False
) -> Iterator[tuple[int, np.ndarray, Extent]]:
    """All voxels of groups of objects, each in one group; where objects lie in each other, one of them has the voxel.

    Parameters
    ----------
    groups : sequence of sequences of DetectedObject
        Of one run; an object is in one group only.
    most_voxels : int
        About as many are looked at at once.
    smaller_first : bool
        Whether the larger object has the voxel; else the smaller one.

    Yields
    ------
    (int, numpy.ndarray, Extent)
        Position of the group, bool (k, j, i) voxels, and where they lie.
    """
    for block, whole, held in painted_slabs(groups, most_voxels, smaller_first):
        for number, own in held.items():
            voxels = block[own.slices_kji(whole.first_ijk)] == number + 1
            if voxels.any():
                yield number, voxels, own


def painted_slabs(
    groups: Sequence[Sequence[DetectedObject]], most_voxels: int = 32_000_000, smaller_first: bool = False
) -> Iterator[tuple[np.ndarray, Extent, dict[int, Extent]]]:
    """The same voxels as numbers of groups, slab by slab along k.

    Yields
    ------
    (numpy.ndarray, Extent, dict of int to Extent)
        Position of the group plus one or 0, int32 (k, j, i); where that lies; and by position where groups may have
        voxels in it, in the order of positions.
    """
    # what comes later is painted over what came before
    order = sorted(
        ((each.voxel_count, number, each) for number, group in enumerate(groups) for each in group),
        key=lambda entry: entry[0] if smaller_first else -entry[0],
    )
    parts = [(number, part) for _, number, each in order for part in each.masks]
    if not parts:
        return
    extents = [part.key.extent(part.found.mask.bounds_xyxy) for _, part in parts]
    for slab in _slabs(extents, most_voxels):
        inside = [at for at, each in enumerate(extents) if each.k_min <= slab.k_max and each.k_max >= slab.k_min]
        if inside:
            yield _of_slab([parts[each] for each in inside], [extents[each] for each in inside], slab)


def _of_slab(
    parts: Sequence[tuple[int, MeasuredMask]], extents: Sequence[Extent], slab: Extent
) -> tuple[np.ndarray, Extent, dict[int, Extent]]:
    held: dict[int, Extent] = {}
    for (number, _), extent in zip(parts, extents, strict=True):
        held[number] = held[number].union(extent) if number in held else extent
    whole = _cut(reduce(Extent.union, held.values()), slab)
    return _painted(parts, extents, whole), whole, {number: _cut(held[number], slab) for number in sorted(held)}


def _slabs(extents: Sequence[Extent], most_voxels: int) -> Iterator[Extent]:
    """Slabs along k that together hold all extents."""
    whole = reduce(Extent.union, extents)
    _, rows, columns = whole.shape_kji
    depth = max(1, most_voxels // (rows * columns))
    for first in range(whole.k_min, whole.k_max + 1, depth):
        yield whole._replace(k_min=first, k_max=min(whole.k_max, first + depth - 1))


def _painted(parts: Sequence[tuple[int, MeasuredMask]], extents: Sequence[Extent], whole: Extent) -> np.ndarray:
    """Group positions plus one, (k, j, i) of an extent; later masks cover earlier ones."""
    block = np.full(whole.shape_kji, _NOTHING, np.int32)
    for (number, part), extent in zip(parts, extents, strict=True):
        pixels = part.found.mask.unpack().pixels.reshape(extent.shape_kji)
        common = _cut(extent, whole)
        block[common.slices_kji(whole.first_ijk)][pixels[common.slices_kji(extent.first_ijk)]] = number + 1
    return block


def _cut(extent: Extent, slab: Extent) -> Extent:
    common = extent.intersection(slab)
    assert common is not None  # only what reaches into a slab is asked for
    return common
