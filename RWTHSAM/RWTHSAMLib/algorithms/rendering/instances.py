"""Connected parts of a class, found tile by tile, so that no step takes long."""

from __future__ import annotations

import numpy as np

from ...core.extent import Extent
from .tiles import Shape

_HALF = 128
"""Coverage from which a rendered voxel is part of an instance: half of 255."""
_FRINGE = 2
"""Rendered voxels round an instance that have its colour, a choice: as far as gradients reach."""


class Instances:
    """Numbers the connected parts of a class: voxels that share a face belong together.

    Parameters
    ----------
    shape_kji : tuple of int
        Of the volume.
    """

    def __init__(self, shape_kji: Shape) -> None:
        self._labels = np.zeros(shape_kji, np.int32)
        self._parent: list[int] = [0]
        self._number_of: np.ndarray | None = None

    def add(self, coverage: np.ndarray, tile: Extent) -> None:
        """Look at one more tile, `coverage` uint8 (k, j, i) of it; tiles come in the order of `tiles_of`."""
        from scipy import ndimage

        found, count = ndimage.label(coverage >= _HALF)
        if not count:
            return
        first = len(self._parent)
        self._parent.extend(range(first, first + count))
        where = tile.slices_kji()
        self._labels[where] = np.where(found > 0, found + (first - 1), 0)
        for axis in range(3):
            if where[axis].start > 0:
                self._join(tile, axis)

    def finish(self) -> None:
        """Number the parts from 0 in the order in which they begin."""
        roots = np.array([self._root(each) for each in range(len(self._parent))])
        _, self._number_of = np.unique(roots, return_inverse=True)

    @property
    def count(self) -> int:
        """How many parts there are, after `finish`."""
        return 0 if self._number_of is None else int(self._number_of.max())

    def numbers(self, box: Extent, outer: Extent) -> np.ndarray:
        """Part of each voxel of a box, from 0; -1 further than two voxels from every part.

        Parameters
        ----------
        box : Extent
        outer : Extent
            The box with the voxels around it that the volume has, at least two.
        """
        assert self._number_of is not None
        known = self._labels[outer.slices_kji()]
        for axis in range(3):
            known = _largest_nearby(known, axis)
        inside = self._labels[box.slices_kji()]
        return self._number_of[np.where(inside > 0, inside, known[box.slices_kji(outer.first_ijk)])] - 1

    def _join(self, tile: Extent, axis: int) -> None:
        here, before = list(tile.slices_kji()), list(tile.slices_kji())
        first = here[axis].start
        here[axis], before[axis] = slice(first, first + 1), slice(first - 1, first)
        mine, theirs = self._labels[tuple(here)].ravel(), self._labels[tuple(before)].ravel()
        both = (mine > 0) & (theirs > 0)
        for a, b in np.unique(np.stack([mine[both], theirs[both]], axis=1), axis=0).tolist():
            low, high = sorted((self._root(a), self._root(b)))
            self._parent[high] = low

    def _root(self, label: int) -> int:
        while self._parent[label] != label:
            self._parent[label] = self._parent[self._parent[label]]
            label = self._parent[label]
        return label


def _largest_nearby(labels: np.ndarray, axis: int) -> np.ndarray:
    """Largest label within two voxels along an axis."""
    wide = np.moveaxis(labels, axis, 0)
    largest = wide.copy()
    for step in range(1, min(_FRINGE, wide.shape[0] - 1) + 1):
        np.maximum(largest[step:], wide[:-step], out=largest[step:])
        np.maximum(largest[:-step], wide[step:], out=largest[:-step])
    return np.moveaxis(largest, 0, axis)
