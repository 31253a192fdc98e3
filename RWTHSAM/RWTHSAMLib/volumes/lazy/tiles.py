"""Volumes in windows of slices and in tiles: each is worked on with the voxels around it that decide on its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...core.extent import Extent

ShapeKji = tuple[int, int, int]


class Tile(NamedTuple):
    """A part of a volume.

    Attributes
    ----------
    own : Extent
        Voxels that no other tile has.
    seen : Extent
        These and those around them that decide on them.
    """

    own: Extent
    seen: Extent


def tile_shape_kji(
    shape_kji: ShapeKji, margin_kji: ShapeKji, most_voxels: int, thickest: int | None = None
) -> ShapeKji | None:
    """Voxels (k, j, i) of tiles that are seen with a margin; few voxels are seen more than once.

    Parameters
    ----------
    shape_kji : tuple of int
        Of the volume.
    margin_kji : tuple of int
        Voxels that are seen on both sides, as far as the volume has them.
    most_voxels : int
        That may be seen at a time.
    thickest : int, optional
        The most slices along k of a tile.

    Returns
    -------
    tuple of int
        None if not even one voxel and those around it are so few.
    """
    depth, rows, columns = shape_kji
    own = [depth if thickest is None else min(depth, thickest), rows, columns]

    def seen_along(axis: int, count: int) -> int:
        return shape_kji[axis] if count == shape_kji[axis] else min(shape_kji[axis], count + 2 * margin_kji[axis])

    def growth(axis: int) -> float:
        """How many times more often voxels are seen if the tile is cut across this axis."""
        half = -(-own[axis] // 2)
        return (seen_along(axis, half) / half) / (seen_along(axis, own[axis]) / own[axis])

    while math.prod(seen_along(axis, own[axis]) for axis in range(3)) > most_voxels:
        if max(own) == 1:
            return None
        cut = min((axis for axis in range(3) if own[axis] > 1), key=growth)
        own[cut] = -(-own[cut] // 2)
    return own[0], own[1], own[2]


def tiles_of(part: Extent, whole: Extent, shape_kji: ShapeKji, margin_kji: ShapeKji) -> Iterator[Tile]:
    """All tiles of a part of a volume.

    Parameters
    ----------
    part : Extent
    whole : Extent
        The volume: nothing outside it is seen.
    shape_kji, margin_kji : tuple of int
        See `tile_shape_kji`.
    """
    depth, rows, columns = shape_kji
    for k in range(part.k_min, part.k_max + 1, depth):
        for j in range(part.j_min, part.j_max + 1, rows):
            for i in range(part.i_min, part.i_max + 1, columns):
                own = Extent(i, i + columns - 1, j, j + rows - 1, k, k + depth - 1).intersection(part)
                assert own is not None
                yield Tile(own, own.with_margin(margin_kji[::-1], whole))


@dataclass(frozen=True, eq=False)
class Window:
    """Some slices of a volume, and those on both sides that decide on them.

    Attributes
    ----------
    own, seen : Extent
        The slices, and with those on both sides.
    arrays : tuple of numpy.ndarray
        (k, j, i) of what is seen.
    """

    own: Extent
    seen: Extent
    arrays: tuple[np.ndarray, ...]


def windows_of(
    slices: Iterable[tuple[np.ndarray, ...]], whole: Extent, margin: int, thickness: int
) -> Iterator[Window]:
    """All slices along k in their order, with as many more on both sides as there are up to a margin; each read once.

    Parameters
    ----------
    slices : iterable of tuple of numpy.ndarray
        Of each slice of the volume what is known of it, (j, i) each.
    whole : Extent
    margin : int
        Slices on both sides.
    thickness : int
        The most slices of a window, without those on both sides.
    """
    waiting: list[tuple[np.ndarray, ...]] = []
    done = first = whole.k_min
    for k, each in enumerate(slices, start=whole.k_min):
        waiting.append(each)
        ready = k + 1 if k == whole.k_max else k + 1 - margin
        if ready - done < thickness and k < whole.k_max:
            continue
        seen = whole._replace(k_min=first, k_max=k)
        together = tuple(np.stack(each) for each in zip(*waiting, strict=True))
        for start in range(done, ready, thickness):
            own = whole._replace(k_min=start, k_max=min(start + thickness, ready) - 1)
            around = own.with_margin((0, 0, margin), seen)
            there = around.slices_kji(seen.first_ijk)
            yield Window(own, around, tuple(each[there] for each in together))
        done = ready
        gone = max(0, done - margin - first)
        waiting, first = waiting[gone:], first + gone
