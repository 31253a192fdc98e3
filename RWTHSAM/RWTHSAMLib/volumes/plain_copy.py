"""A scan as plain voxels in a temporary file, of which any slice is read as fast as any other."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np

from ..core.system.atomic_file import made_folders, reason_of
from ..errors import InputError
from .lazy.source import SliceSource
from .lazy_volume import LazyVolume, lazy_volume
from .memory import size_text


class PlainSlices(SliceSource):
    """Slices one after the other in an open file; it stays with its process, and with whoever opened the file."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype, file: IO[bytes]) -> None:
        super().__init__(path, shape, dtype)
        self._file = file
        self._slice_bytes = math.prod(shape[1:]) * dtype.itemsize

    def read(self, first: int, stop: int) -> np.ndarray:
        """Slices from `first` up to and without `stop`."""
        values = np.empty((stop - first, *self.shape[1:]), self.dtype)
        self._file.seek(first * self._slice_bytes)
        self._file.readinto(values.reshape(-1).view(np.uint8).data)  # type: ignore[attr-defined]
        return values

    def close(self) -> None:
        """The file is not this one's to close."""


@contextmanager
def plain_copy(volume: LazyVolume, folder: Path) -> Iterator[LazyVolume]:
    """Copy a volume into a folder for as long as the block lasts; a killed process leaves nothing either.

    Parameters
    ----------
    volume : LazyVolume
        Read once, in its order.
    folder : Path
        Made if it is not there.

    Raises
    ------
    InputError
        If there is no room, or nothing can be written there.
    """
    try:
        with made_folders(folder):
            free = shutil.disk_usage(folder).free
            if free < volume.byte_count:
                raise InputError(
                    f"'{volume.path}' is packed, so work on it takes a copy of {size_text(volume.byte_count)} in "
                    f"'{folder}', where {size_text(free)} are free: make room, or use rwthsam convert first."
                )
            file = TemporaryFile(dir=folder)  # noqa: SIM115
    except OSError as error:
        raise InputError(f"'{folder}' cannot be written to: {reason_of(error)}.") from error
    with file:
        for _, block in volume.blocks():
            try:
                file.write(np.ascontiguousarray(block).data)
            except OSError as error:
                raise InputError(f"A copy of '{volume.path}' could not be written: {reason_of(error)}.") from error
        source = PlainSlices(volume.path, tuple(volume.array_kji.shape), volume.array_kji.dtype, file)
        yield lazy_volume(source, volume.ijk_to_ras, volume.name, volume.unit_known, volume.notes)
