"""A folder of slices, a file each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..formats.folder import ReadSlice, SliceLayout, check_alike
from .source import SliceSource


class FolderSlices(SliceSource):
    """Slices of one scan in their order.

    Parameters
    ----------
    folder : Path
    paths : tuple of Path
    read_one : callable
        Reads a file.
    layout : SliceLayout
        Of the first file; the others must be alike.
    """

    def __init__(self, folder: Path, paths: tuple[Path, ...], read_one: ReadSlice, layout: SliceLayout) -> None:
        super().__init__(folder, (len(paths), *layout.shape[1:]), layout.dtype)
        self._paths = paths
        self._read_one = read_one
        self._layout = layout

    def read(self, first: int, stop: int) -> np.ndarray:
        """Slices from `first` up to and without `stop`.

        Raises
        ------
        VolumeError
            If a file is damaged, or unlike the first one.
        """
        block = np.empty((stop - first, *self.shape[1:]), self.dtype)
        for index, path in enumerate(self._paths[first:stop]):
            one = self._read_one(path)
            check_alike(SliceLayout.of(one), self._layout, path, self._paths[0])
            block[index] = one.array_kji[0]
        return block

    def close(self) -> None:
        """Nothing stays open."""
