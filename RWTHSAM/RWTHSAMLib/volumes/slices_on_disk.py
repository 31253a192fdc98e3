"""Slices of a scan on disk, given as an array gives them: whoever takes slices need not know where the voxels are."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator

import numpy as np

from ..core.slices import AXES, Axis
from .lazy_volume import LazyVolume

_SLABS = 2
"""Kept at a time: neighbouring slices may lie on both sides of a border."""


class SlicesOnDisk:
    """Voxels of a lazy volume, a slice at a time; some slices are read together, and the latest are kept.

    Parameters
    ----------
    volume : LazyVolume
    slab_bytes : int
        How many bytes may be read together.

    Attributes
    ----------
    shape : tuple of int
        (k, j, i), or (k, j, i, 3).
    dtype : numpy.dtype
    """

    def __init__(self, volume: LazyVolume, slab_bytes: int) -> None:
        self._volume = volume
        self._slab_bytes = max(1, slab_bytes // _SLABS)
        self._slabs: OrderedDict[tuple[Axis, int], np.ndarray] = OrderedDict()
        self.shape: tuple[int, ...] = tuple(volume.array_kji.shape)
        self.dtype: np.dtype = volume.array_kji.dtype

    @property
    def ndim(self) -> int:
        """Three, or four where it is in colour."""
        return len(self.shape)

    def __getitem__(self, key: tuple[slice | int, ...]) -> np.ndarray:
        """A slice: one whole number in the key, the others ``slice(None)``."""
        (axis,) = (axis for axis, each in enumerate(key) if not isinstance(each, slice))
        wanted = key[axis]
        assert isinstance(wanted, int)
        index = range(self.shape[axis])[wanted]
        depth = self._depth(axis)
        slab = self._slab(AXES[axis], index // depth * depth, depth)
        return np.asarray(np.take(slab, index % depth, axis=axis))

    def slabs(self, first: int, stop: int) -> Iterator[tuple[range, np.ndarray]]:
        """Slices along k, some at a time, each time with the one that follows on them.

        Parameters
        ----------
        first, stop : int
            The slices from the first up to and without the second are among them.

        Yields
        ------
        range
            Which slices.
        numpy.ndarray
            (k, j, i) or (k, j, i, 3): these, and the next one, if there is one.
        """
        depth = self._depth(0)
        for start in range(first // depth * depth, stop, depth):
            end = min(start + depth, self.shape[0])
            yield range(start, end), self._volume.slab("k", start, min(end + 1, self.shape[0]))

    def _depth(self, axis: int) -> int:
        """Slices along an axis that are read together: whole chunks where these are small enough."""
        slice_bytes = math.prod(self.shape) // self.shape[axis] * self.dtype.itemsize
        fit = max(1, min(self.shape[axis], self._slab_bytes // slice_bytes))
        chunk = int(self._volume.array_kji.chunks[axis][0])
        return fit // chunk * chunk if chunk <= fit else fit

    def _slab(self, axis: Axis, first: int, depth: int) -> np.ndarray:
        slab = self._slabs.get((axis, first))
        if slab is None:
            while len(self._slabs) >= _SLABS:
                self._slabs.popitem(last=False)
            slab = self._volume.slab(axis, first, min(first + depth, self.shape[AXES.index(axis)]))
            self._slabs[axis, first] = slab
        self._slabs.move_to_end((axis, first))
        return slab
