"""NRRD, NIfTI and MetaImage slice by slice."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...errors import VolumeError
from ..formats.stored import StoredVoxels, arranged, noted, plain_voxels, spatial_axes
from .payload_reader import PayloadReader
from .source import SliceSource


class StoredSlices(SliceSource):
    """Voxels behind a header.

    Parameters
    ----------
    stored : StoredVoxels
        Whose values are numbers in binary, not text.
    path : Path
        Of the header.

    Raises
    ------
    VolumeError
        If voxels are missing, or are of an unusual kind.
    """

    def __init__(self, stored: StoredVoxels, path: Path) -> None:
        order = spatial_axes(stored, path)
        self._stored = stored
        self._k_axis = order[2] if len(order) == 3 else None
        self._payload = PayloadReader(stored.parts, math.prod(stored.sizes) * stored.dtype.itemsize)
        one = _of_slices(stored, self._k_axis, 1)
        # one slice of zeros tells which kind of numbers comes of them, and what is left out
        array, said = self._plain(arranged(np.zeros(math.prod(one.sizes), stored.dtype), one, path), one, path)
        self.notes = (*noted(stored, self._payload.left_over()), *said)
        count = 1 if self._k_axis is None else stored.sizes[self._k_axis]
        super().__init__(path, (count, *array.shape[1:]), array.dtype)

    @property
    def is_packed(self) -> bool:
        """Whether slices can be read fast in their order only."""
        return any(part.compression != "none" for part in self._stored.parts)

    def read(self, first: int, stop: int) -> np.ndarray:
        """Slices from `first` up to and without `stop`."""
        part = _of_slices(self._stored, self._k_axis, stop - first)
        values = self._values(first, stop - first).view(self._stored.dtype)
        return self._plain(arranged(values, part, self.path), part, self.path)[0]

    def _plain(self, array: np.ndarray, part: StoredVoxels, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
        """Grey values or RGB, and what was left out; what is stored otherwise is read by other classes."""
        return plain_voxels(array, part, path)

    def close(self) -> None:
        """Close the files."""
        self._payload.close()

    def _values(self, first: int, count: int) -> np.ndarray:
        """uint8, in the order of the file: one run of bytes for each value of the axes that are slower than k."""
        sizes = self._stored.sizes
        if self._k_axis is None:
            return self._payload.read(0, math.prod(sizes) * self._stored.dtype.itemsize)
        slice_bytes = math.prod(sizes[: self._k_axis]) * self._stored.dtype.itemsize
        runs = range(math.prod(sizes[self._k_axis + 1 :]))
        starts = [(run * sizes[self._k_axis] + first) * slice_bytes for run in runs]
        found = [self._payload.read(start, count * slice_bytes) for start in starts]
        return found[0] if len(found) == 1 else np.concatenate(found)


class StoredLayers(StoredSlices):
    """Labels of a segmentation: (k, j, i, layers), as they are stored."""

    def _plain(self, array: np.ndarray, part: StoredVoxels, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
        if array.dtype.kind not in "iu":
            raise VolumeError(f"'{path}' holds floating point numbers, expected labels.")
        native = array.astype(array.dtype.newbyteorder("="), copy=False)
        return (native if native.ndim == 4 else native[..., None]), ()


def _of_slices(stored: StoredVoxels, k_axis: int | None, count: int) -> StoredVoxels:
    """What the header would say of so many slices."""
    if k_axis is None:
        return stored
    return replace(stored, sizes=tuple(count if axis == k_axis else n for axis, n in enumerate(stored.sizes)))
