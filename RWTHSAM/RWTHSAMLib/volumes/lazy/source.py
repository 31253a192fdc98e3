"""What a lazy volume reads from: something that gives slices when it is asked for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

Key = tuple[slice | int, ...]


class SliceSource(ABC):
    """Slices of a scan on disk, indexed as an array (k, j, i) or (k, j, i, 3).

    One thread reads at a time. Travels to other processes, where it opens its files anew.

    Attributes
    ----------
    path : Path
        Of the file or folder.
    shape : tuple of int
    dtype : numpy.dtype
    """

    has_chunks = False

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.path = path
        self.shape = shape
        self.dtype = dtype
        self._lock = Lock()

    @property
    def ndim(self) -> int:
        """Three, or four where it is in colour."""
        return len(self.shape)

    @abstractmethod
    def read(self, first: int, stop: int) -> np.ndarray:
        """Slices from `first` up to and without `stop`, in `dtype`."""

    @abstractmethod
    def close(self) -> None:
        """Close what is open; reading opens it again."""

    def __getitem__(self, key: Key) -> np.ndarray:
        if isinstance(key[0], int):
            return np.asarray(self._read(key[0], key[0] + 1)[0][tuple(key[1:])])
        others = (slice(None), *key[1:])
        return np.asarray(self._of(range(self.shape[0])[key[0]])[others])

    def _of(self, wanted: range) -> np.ndarray:
        if not wanted:
            return np.empty((0, *self.shape[1:]), self.dtype)
        first, last = min(wanted[0], wanted[-1]), max(wanted[0], wanted[-1])
        block = self._read(first, last + 1)[:: abs(wanted.step)]
        return block[::-1] if wanted.step < 0 else block

    def _read(self, first: int, stop: int) -> np.ndarray:
        with self._lock:
            return self.read(first, stop)

    def __del__(self) -> None:
        # in other processes nobody else knows that it has opened something
        with suppress(AttributeError):  # it was never made
            self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=Lock())

    def __dask_tokenize__(self) -> tuple[object, ...]:
        about = self.path.stat()
        return type(self).__name__, str(self.path.absolute()), about.st_size, about.st_mtime_ns, self.shape
