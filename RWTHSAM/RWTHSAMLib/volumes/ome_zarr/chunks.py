"""Voxels of one level, a box at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import VolumeError
from ..voxel_values import plain_numbers
from .store import told_of

_Key = tuple[slice | int, ...]


class ChunkSource:
    """An array of a store, indexed as (k, j, i) in numbers that everything else knows.

    Travels to other processes, which open the store for themselves.

    Parameters
    ----------
    array : zarr.Array
    axes : sequence of int
        Which of its axes are k, j and i, or j and i.
    fixed : mapping of int to int
        The index along each other axis.
    path : Path
        Of the store, for messages.
    level : str
        The name of the array in it.

    Raises
    ------
    VolumeError
        If its values are no real numbers.
    """

    ndim = 3
    has_chunks = True

    def __init__(self, array: Any, axes: Sequence[int], fixed: Mapping[int, int], path: Path, level: str) -> None:
        self._array = array
        self._axes = tuple(axes)
        self._fixed = dict(fixed)
        self._path = path
        self.level = level
        shape = tuple(int(array.shape[axis]) for axis in axes)
        self.shape = shape if len(shape) == 3 else (1, *shape)
        try:
            self.dtype = plain_numbers(np.empty(0, array.dtype)).dtype
        except (VolumeError, TypeError) as error:
            raise VolumeError(f"'{path}': level '{level}' {error}") from error

    def __getitem__(self, key: _Key) -> np.ndarray:
        key = (*key, *[slice(None)] * (3 - len(key)))
        of_axes = key if len(self._axes) == 3 else key[1:]
        wanted: list[slice | int] = [self._fixed.get(axis, 0) for axis in range(self._array.ndim)]
        for axis, each in zip(self._axes, of_axes, strict=True):
            wanted[axis] = each
        with told_of(self._path, f"level '{self.level}'"):
            found = np.asarray(self._array[tuple(wanted)])
        # axes that were given by a number are gone
        kept = [axis for axis in self._axes if isinstance(wanted[axis], slice)]
        found = found.transpose([sorted(kept).index(axis) for axis in kept])
        if len(self._axes) == 2:
            found = found[None][key[0]]
        return plain_numbers(found)

    def close(self) -> None:
        """Close the archive, where it is one; reading opens it again."""
        self._array.store.close()

    @property
    def chunk_kji(self) -> tuple[int, ...]:
        """Voxels of a chunk along k, j and i."""
        chunk = tuple(int(self._array.chunks[axis]) for axis in self._axes)
        return chunk if len(chunk) == 3 else (1, *chunk)

    def chunks_of(self, byte_count: int) -> tuple[int, ...]:
        """Whole chunks of the store that together take about so many bytes, wide rather than thick."""
        chunks = [min(one, size) for one, size in zip(self.chunk_kji, self.shape, strict=True)]
        while True:
            growing = [axis for axis in (1, 2) if chunks[axis] < self.shape[axis]]
            if not growing or 2 * math.prod(chunks) * self.dtype.itemsize > byte_count:
                return tuple(chunks)
            axis = min(growing, key=lambda each: chunks[each])
            chunks[axis] = min(2 * chunks[axis], self.shape[axis])

    def __dask_tokenize__(self) -> tuple[object, ...]:
        return type(self).__name__, str(self._path.absolute()), self.level, self.shape, self._array
