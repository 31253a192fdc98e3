"""Objects as voxels, a bounded number of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...core.slices import Extent
from .found_objects import FoundObject
from .measures import MeasuredMask

_NOTHING = 0


def voxel_blocks(
    groups: Sequence[Sequence[FoundObject]], most_voxels: int = 32_000_000
) -> Iterator[tuple[int, np.ndarray, Extent]]:
    """All voxels of groups of objects; where objects lie in each other, the smaller one has the voxel.

    Parameters
    ----------
    groups : sequence of sequences of FoundObject
        Of one run; an object is in one group only.
    most_voxels : int
        About as many are looked at at once.

    Yields
    ------
    (int, numpy.ndarray, Extent)
        Position of the group, bool (k, j, i) voxels, and where they lie.
    """
    # the largest first: smaller ones are painted over them
    order = sorted(
        ((each.voxel_count, number, each) for number, group in enumerate(groups) for each in group),
        key=lambda entry: -entry[0],
    )
    parts = [(number, part) for _, number, each in order for part in each.masks]
    if not parts:
        return
    extents = np.array([part.key.extent(part.found.mask.bounds_xyxy) for _, part in parts])
    labels = np.array([number for number, _ in parts])
    for first, last in _slabs(extents, most_voxels):
        inside = np.flatnonzero((extents[:, 4] <= last) & (extents[:, 5] >= first))
        if not len(inside):
            continue
        whole = _cut(_around(extents[inside]), first, last)
        block = _painted([parts[position] for position in inside], extents[inside], whole)
        for number in np.unique(labels[inside]):
            own = _cut(_around(extents[inside][labels[inside] == number]), first, last)
            voxels = block[_within(own, whole)] == number + 1
            if voxels.any():
                yield int(number), voxels, own


def _slabs(extents: np.ndarray, most_voxels: int) -> Iterator[tuple[int, int]]:
    """First and last k of slabs that together hold all extents."""
    i0, i1, j0, j1, k0, k1 = _around(extents)
    depth = max(1, most_voxels // ((i1 - i0 + 1) * (j1 - j0 + 1)))
    for first in range(k0, k1 + 1, depth):
        yield first, min(k1, first + depth - 1)


def _painted(parts: Sequence[tuple[int, MeasuredMask]], extents: np.ndarray, whole: Extent) -> np.ndarray:
    """Group positions plus one, (k, j, i) of an extent; later masks cover earlier ones."""
    shape = [whole[2 * axis + 1] - whole[2 * axis] + 1 for axis in (2, 1, 0)]
    block = np.full(shape, _NOTHING, np.int32)
    for (number, part), row in zip(parts, extents, strict=True):
        extent = _tuple(row)
        own = [extent[2 * axis + 1] - extent[2 * axis] + 1 for axis in (2, 1, 0)]
        pixels = part.found.mask.unpack().pixels.reshape(own)
        common = _cut(extent, whole[4], whole[5])
        block[_within(common, whole)][pixels[_within(common, extent)]] = number + 1
    return block


def _around(extents: np.ndarray) -> Extent:
    low, high = extents.min(axis=0), extents.max(axis=0)
    return _tuple(np.where(np.arange(6) % 2 == 0, low, high))


def _cut(extent: Extent, first_k: int, last_k: int) -> Extent:
    return (*extent[:4], max(extent[4], first_k), min(extent[5], last_k))


def _within(part: Extent, whole: Extent) -> tuple[slice, slice, slice]:
    """Index of an extent's voxels in the (k, j, i) array of a larger one."""
    k, j, i = (slice(part[2 * a] - whole[2 * a], part[2 * a + 1] - whole[2 * a] + 1) for a in (2, 1, 0))
    return k, j, i


def _tuple(row: np.ndarray) -> Extent:
    i0, i1, j0, j1, k0, k1 = (int(value) for value in row)
    return i0, i1, j0, j1, k0, k1
