"""A volume of labels in slabs along k: what lies somewhere in it, with the empty slices around."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..core.extent import Extent

Part = tuple[np.ndarray, Extent]
"""Labels (k, j, i), and where they lie."""


def whole_slices(
    parts: Iterable[Part], shape_kji: tuple[int, int, int], dtype: np.dtype, most_bytes: int
) -> Iterator[np.ndarray]:
    """All slices of a volume in their order, some at a time.

    Parameters
    ----------
    parts : iterable of (numpy.ndarray, Extent)
        Labels, in the order of slices; no two have a slice in common.
    shape_kji : tuple of int
        Of the volume.
    dtype : numpy.dtype
    most_bytes : int
        About as much is made at a time, but one slice at least.

    Yields
    ------
    numpy.ndarray
        (k, j, i) labels, 0 where there are none.
    """
    slices, rows, columns = shape_kji
    depth = max(1, most_bytes // (rows * columns * dtype.itemsize))
    done = 0
    for labels, extent in parts:
        yield from _empty(done, extent.k_min, depth, shape_kji, dtype)
        for first in range(0, len(labels), depth):
            some = labels[first : first + depth]
            slab = np.zeros((len(some), rows, columns), dtype)
            slab[:, extent.j_min : extent.j_max + 1, extent.i_min : extent.i_max + 1] = some
            yield slab
        done = extent.k_max + 1
    yield from _empty(done, slices, depth, shape_kji, dtype)


def _empty(first: int, stop: int, depth: int, shape_kji: tuple[int, int, int], dtype: np.dtype) -> Iterator[np.ndarray]:
    for start in range(first, stop, depth):
        yield np.zeros((min(depth, stop - start), *shape_kji[1:]), dtype)


def label_type(count: int) -> np.dtype[np.unsignedinteger]:
    """The smallest number type for so many labels from 1."""
    return np.min_scalar_type(max(1, count))
