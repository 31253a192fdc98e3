"""Slices of a scan that become others, one by one, as they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from .source import SliceSource

Slab = Callable[[int, int], np.ndarray]
"""Slices from the first index up to and without the second, (k, j, i)."""


class ChangedSlices(SliceSource):
    """What is made of each slice.

    Parameters
    ----------
    path : Path
        Of the scan.
    shape : tuple of int
        (k, j, i) of the result.
    dtype : numpy.dtype
        Of the result.
    slab : callable
        Reads the scan, which whoever opened it closes.
    at_a_time : int
        How many slices of the scan may be read together; those that are made of them may be smaller.
    change : callable
        Makes (rows, columns) of (rows, columns).
    """

    def __init__(
        self,
        path: Path,
        shape: tuple[int, int, int],
        dtype: np.dtype,
        slab: Slab,
        at_a_time: int,
        change: Callable[[np.ndarray], np.ndarray],
    ) -> None:
        super().__init__(path, shape, dtype)
        self._slab, self._at_a_time, self._change = slab, at_a_time, change

    def read(self, first: int, stop: int) -> np.ndarray:
        """Slices from `first` up to and without `stop`."""
        starts = range(first, stop, self._at_a_time)
        slabs = (self._slab(start, min(start + self._at_a_time, stop)) for start in starts)
        return np.stack([self._change(each) for slab in slabs for each in slab])

    def close(self) -> None:
        """The scan is closed by whoever opened it."""
