"""Slices of a scan on the disk that a person goes to and fro between: what was read for one is kept for its neighbours.

Of a store in chunks a slice costs as much as all slices of its chunks. These are read and kept together, as far as
memory has room for them.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from threading import Lock

import numpy as np

from ...core.slices import ARRAY_AXIS, Ijk, SliceKey
from ..lazy_volume import LazyVolume
from ..memory import usable_bytes
from .chunks import ChunkSource

_SHARE_OF_MEMORY = 8
"""A choice: the coarser level, what shows it and the model need room, too."""
_SLABS = 4
"""Kept at a time at least: of three views, and one more."""
_WITHOUT_LIMIT_BYTES = 1 << 31


class KeptSlabs:
    """Gives slices of a lazy volume, in any thread.

    Parameters
    ----------
    volume : LazyVolume
    most_bytes : int, optional
        How much may be kept; at least one slice is, however large. By default a share of the memory that there is.
    """

    def __init__(self, volume: LazyVolume, most_bytes: int | None = None) -> None:
        if most_bytes is None:
            usable = usable_bytes()
            most_bytes = _WITHOUT_LIMIT_BYTES if usable is None else usable // _SHARE_OF_MEMORY
        self._volume, self._most_bytes = volume, most_bytes
        self._slabs: OrderedDict[SliceKey, np.ndarray] = OrderedDict()
        # whoever wants what is there does not wait for what is being read
        self._lock, self._reading = Lock(), Lock()

    def slice_at(self, key: SliceKey) -> np.ndarray:
        """Values (rows, columns) of a slice, not to be written into.

        Raises
        ------
        VolumeError
            If voxels are missing or damaged.
        """
        axis, (first, stop) = ARRAY_AXIS[key.axis], self._span(key)
        wanted = SliceKey(key.axis, first)
        slab = self._kept(wanted)
        if slab is None:
            with self._reading:
                slab = self._kept(wanted)  # another thread may just have read it
                if slab is None:
                    with self._lock:
                        self._make_room((stop - first) * self._slice_bytes(axis))
                    slab = self._volume.slab(key.axis, first, stop)
                    with self._lock:
                        self._slabs[wanted] = slab
        return np.ascontiguousarray(np.take(slab, key.index - first, axis=axis))

    def value_at(self, key: SliceKey, ijk: Ijk) -> np.ndarray | None:
        """The value of a voxel (i, j, k) of a slice; None where the slice is not read."""
        axis, first = ARRAY_AXIS[key.axis], self._span(key)[0]
        slab = self._slabs.get(SliceKey(key.axis, first))
        if slab is None:
            return None
        place = [*ijk[::-1]]
        place[axis] -= first
        return np.asarray(slab[tuple(place)])

    def is_read(self, key: SliceKey) -> bool:
        """Whether a slice is there without reading."""
        return SliceKey(key.axis, self._span(key)[0]) in self._slabs

    def _kept(self, first: SliceKey) -> np.ndarray | None:
        """Slices that are read together, by the first of them; None where they are not read."""
        with self._lock:
            slab = self._slabs.get(first)
            if slab is not None:
                self._slabs.move_to_end(first)
            return slab

    def _span(self, key: SliceKey) -> tuple[int, int]:
        """The slices that are read together with one: of its chunk, as many as fit."""
        axis, source = ARRAY_AXIS[key.axis], self._volume.source
        chunk = source.chunk_kji[axis] if isinstance(source, ChunkSource) else 1
        depth = max(1, min(chunk, self._most_bytes // _SLABS // self._slice_bytes(axis)))
        base = key.index // chunk * chunk
        first = base + (key.index - base) // depth * depth
        return first, min(first + depth, base + chunk, self._volume.array_kji.shape[axis])

    def _slice_bytes(self, axis: int) -> int:
        shape = self._volume.array_kji.shape
        return int(math.prod(shape) // shape[axis] * self._volume.array_kji.dtype.itemsize)

    def _make_room(self, byte_count: int) -> None:
        while self._slabs and byte_count + sum(each.nbytes for each in self._slabs.values()) > self._most_bytes:
            self._slabs.popitem(last=False)
