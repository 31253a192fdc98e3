"""The connected parts of classes that are looked at slab by slab: found on a first way through, named on a second."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.settings.measurement import Connectivity
from .parts import structure_of


class SlabParts:
    """Parts of the classes of one layer of labels.

    Both times the slabs are the same, along k in their order.

    Parameters
    ----------
    connectivity : int
        See `label_parts`.

    Attributes
    ----------
    left_out : dict of int to (int, int)
        By the label of the class how many parts `numbers` left out as too small, and their voxels.
    """

    def __init__(self, connectivity: Connectivity) -> None:
        self._structure = structure_of(connectivity)
        self._parents: list[int] = [0]
        self._sizes: list[int] = [0]
        self._labels: list[int] = [0]
        self._before: tuple[np.ndarray, np.ndarray] | None = None
        self.left_out: dict[int, tuple[int, int]] = {}

    def look_at(self, labels: np.ndarray) -> None:
        """Find the parts of a slab (k, j, i), and which of them go on from the slab before it."""
        ids, labels_of = self._numbered(labels, len(self._parents))
        self._parents += range(len(self._parents), len(self._parents) + len(labels_of))
        self._sizes += np.bincount(ids.ravel(), minlength=len(self._parents))[len(self._sizes) :].tolist()
        self._labels += labels_of
        if self._before is not None:
            self._join(*self._before, labels[0], ids[0])
        self._before = labels[-1].copy(), ids[-1].copy()

    def numbers(self, least_voxels: int) -> tuple[np.ndarray, dict[int, tuple[int, int]]]:
        """How parts are named at last, when all slabs were looked at.

        Returns
        -------
        numpy.ndarray
            (n,) uint32: for the parts of single slabs, as `named` counts them, the number that stands for the whole
            part; 0 where it is left out.
        dict of int to (int, int)
            By such a number the label of the class and the part's number in it, from 1, the largest first.
        """
        roots = np.array([self._root(each) for each in range(len(self._parents))])
        sizes = np.bincount(roots, self._sizes, len(roots)).astype(np.int64)
        # a root is the earliest of its parts, so that parts of equal size come in the order of their first voxels
        kept = [each for each in np.flatnonzero(roots == np.arange(len(roots))) if each and sizes[each] >= least_voxels]
        self._note_left_out(roots, sizes, {int(each) for each in kept})
        kept.sort(key=lambda each: -sizes[each])
        counts: dict[int, int] = {}
        names: dict[int, tuple[int, int]] = {}
        final = np.zeros(len(roots), np.uint32)
        for number, root in enumerate(kept, start=1):
            label = self._labels[root]
            counts[label] = counts.get(label, 0) + 1
            names[number], final[root] = (label, counts[label]), number
        return final[roots], names

    def sizes(self) -> np.ndarray:
        """Voxels of each part when all slabs were looked at, the largest first."""
        roots = np.array([self._root(each) for each in range(len(self._parents))])
        sizes = np.bincount(roots, self._sizes, len(roots)).astype(np.int64)
        return -np.sort(-sizes[sizes > 0])

    def _note_left_out(self, roots: np.ndarray, sizes: np.ndarray, kept: set[int]) -> None:
        self.left_out = {}
        for root in np.flatnonzero(roots == np.arange(len(roots))).tolist():
            if root and root not in kept:
                parts, voxels = self.left_out.get(self._labels[root], (0, 0))
                self.left_out[self._labels[root]] = parts + 1, voxels + int(sizes[root])

    def named(self, labels: np.ndarray, done: int) -> tuple[np.ndarray, int]:
        """Parts of a slab (k, j, i) as `look_at` counted them, and how many there are with those of the slabs before.

        Parameters
        ----------
        labels : numpy.ndarray
        done : int
            How many parts the slabs before it have.
        """
        ids, labels_of = self._numbered(labels, done + 1)
        return ids, done + len(labels_of)

    def _numbered(self, labels: np.ndarray, first: int) -> tuple[np.ndarray, list[int]]:
        """Numbers of parts from `first` on, int32 (k, j, i), and which label each has."""
        ids = np.zeros(labels.shape, np.int32)
        labels_of: list[int] = []
        for label, box in _boxes(labels):
            from scipy import ndimage

            found, count = ndimage.label(labels[box] == label, self._structure, output=np.int32)
            inside = found > 0
            ids[box][inside] = found[inside] + (first + len(labels_of) - 1)
            labels_of += [label] * count
        return ids, labels_of

    def _join(self, labels: np.ndarray, ids: np.ndarray, next_labels: np.ndarray, next_ids: np.ndarray) -> None:
        for dy, dx in np.argwhere(self._structure[2]) - 1:
            here, there = _shifted(labels.shape, dy, dx)
            same = (labels[here] == next_labels[there]) & (labels[here] > 0)
            for one, other in np.unique(np.stack([ids[here][same], next_ids[there][same]]), axis=1).T.tolist():
                first, second = sorted((self._root(one), self._root(other)))
                self._parents[second] = first

    def _root(self, part: int) -> int:
        while self._parents[part] != part:
            self._parents[part] = self._parents[self._parents[part]]
            part = self._parents[part]
        return part


def _boxes(labels: np.ndarray) -> Iterator[tuple[int, tuple[slice, ...]]]:
    if not labels.any():
        return
    from scipy import ndimage

    for position, box in enumerate(ndimage.find_objects(labels.astype(np.int64, copy=False))):
        if box is not None:
            yield position + 1, box


def _shifted(shape: tuple[int, ...], dy: int, dx: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Pixels, and those so many rows and columns further, where both are there."""
    rows, columns = shape
    here = slice(max(0, -dy), rows - max(0, dy)), slice(max(0, -dx), columns - max(0, dx))
    there = slice(max(0, dy), rows - max(0, -dy)), slice(max(0, dx), columns - max(0, -dx))
    return here, there
