"""Boxes of voxels, and the tiles that a volume is worked through by, so that no step takes long.

A box is a triple of slices (k, j, i) with both ends given.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

Box = tuple[slice, slice, slice]
Shape = tuple[int, int, int]

TILE_KJI: Shape = (16, 96, 96)
"""Rendered voxels of a tile: some milliseconds of work for each class."""


def tiles_of(shape_kji: Shape, factors: Shape = (1, 1, 1)) -> list[Box]:
    """Boxes that cover a volume, those with the lowest k first.

    Parameters
    ----------
    shape_kji : tuple of int
    factors : tuple of int
        How many voxels of a finer volume one voxel stands for: tiles hold no more of those than of voxels without it.
    """
    steps = [max(1, step // factor) for step, factor in zip(TILE_KJI, factors, strict=True)]
    starts = [range(0, count, step) for count, step in zip(shape_kji, steps, strict=True)]
    return [
        _box((k, j, i), tuple(a + step for a, step in zip((k, j, i), steps, strict=True)), shape_kji)
        for k in starts[0]
        for j in starts[1]
        for i in starts[2]
    ]


def whole(shape_kji: Shape) -> Box:
    """All of a volume."""
    return _box((0, 0, 0), shape_kji, shape_kji)


def widened(box: Box, margin: int, shape_kji: Shape) -> Box:
    """With a margin on every side, as far as the volume goes."""
    low = tuple(each.start - margin for each in box)
    return _box(low, tuple(each.stop + margin for each in box), shape_kji)


def common(first: Box, second: Box) -> Box | None:
    """What two boxes share, or None."""
    low = [max(a.start, b.start) for a, b in zip(first, second, strict=True)]
    high = [min(a.stop, b.stop) for a, b in zip(first, second, strict=True)]
    if any(a >= b for a, b in zip(low, high, strict=True)):
        return None
    return slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2])


def around(first: Box | None, second: Box) -> Box:
    """Smallest box that holds both."""
    if first is None:
        return second
    k, j, i = (slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(first, second, strict=True))
    return k, j, i


def where_true(mask_kji: np.ndarray, corner: Box) -> Box | None:
    """Smallest box round the true voxels of a box's array, or None where there are none."""
    found: list[slice] = []
    for axis, offset in enumerate(corner):
        others = tuple(each for each in range(3) if each != axis)
        hits = np.flatnonzero(mask_kji.any(axis=others))
        if not hits.size:
            return None
        found.append(slice(offset.start + int(hits[0]), offset.start + int(hits[-1]) + 1))
    return found[0], found[1], found[2]


def within(part: Box, outer: Box) -> Box:
    """Index of a part in the array of an outer box."""
    k, j, i = (slice(a.start - b.start, a.stop - b.start) for a, b in zip(part, outer, strict=True))
    return k, j, i


def tiles_touched(box: Box, shape_kji: Shape) -> Iterator[int]:
    """Places in `tiles_of` of the tiles that share voxels with a box."""
    k, j, i = (range(each.start // step, -(-each.stop // step)) for each, step in zip(box, TILE_KJI, strict=True))
    rows, columns = (-(-count // step) for count, step in zip(shape_kji[1:], TILE_KJI[1:], strict=True))
    return ((a * rows + b) * columns + c for a in k for b in j for c in i)


def _box(low: tuple[int, ...], high: tuple[int, ...], shape_kji: Shape) -> Box:
    k, j, i = (slice(max(0, a), min(count, b)) for a, b, count in zip(low, high, shape_kji, strict=True))
    return k, j, i
