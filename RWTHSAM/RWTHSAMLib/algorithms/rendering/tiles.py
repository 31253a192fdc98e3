"""The tiles that a volume is worked through by, so that no step takes long."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.extent import Extent

Shape = tuple[int, int, int]

TILE_KJI: Shape = (16, 96, 96)
"""Rendered voxels of a tile: some milliseconds of work for each class."""


def tiles_of(shape_kji: Shape, factors: Shape = (1, 1, 1)) -> list[Extent]:
    """Extents that cover a volume, those with the lowest k first.

    Parameters
    ----------
    shape_kji : tuple of int
    factors : tuple of int
        How many voxels of a finer volume one voxel stands for: tiles hold no more of those than of voxels without it.
    """
    steps = [max(1, step // factor) for step, factor in zip(TILE_KJI, factors, strict=True)]
    along_k, along_j, along_i = (
        [(first, min(first + step, count) - 1) for first in range(0, count, step)]
        for count, step in zip(shape_kji, steps, strict=True)
    )
    return [Extent(*i, *j, *k) for k in along_k for j in along_j for i in along_i]


def tiles_touched(extent: Extent, shape_kji: Shape) -> Iterator[int]:
    """Places in `tiles_of` of the tiles that share voxels with an extent."""
    k, j, i = (
        range(each.start // step, -(-each.stop // step))
        for each, step in zip(extent.slices_kji(), TILE_KJI, strict=True)
    )
    rows, columns = (-(-count // step) for count, step in zip(shape_kji[1:], TILE_KJI[1:], strict=True))
    return ((a * rows + b) * columns + c for a in k for b in j for c in i)
