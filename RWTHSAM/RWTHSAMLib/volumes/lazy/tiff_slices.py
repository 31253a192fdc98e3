"""One TIFF file, plain, ImageJ, OME or BigTIFF, slice by slice."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.system.optional_package import optional_package
from ...errors import VolumeError
from ..formats.tiff import chosen_series, described, opened_tiff, quiet, told_of
from ..formats.tiff_pixels import pixels_of
from ..volume_data import VolumeData
from .source import SliceSource

if TYPE_CHECKING:
    import tifffile


@dataclass(frozen=True)
class _Place:
    """Where a slice is: which series, and which picture of that."""

    series: int
    picture: int


class TiffSlices(SliceSource):
    """Pictures of a TIFF file. See `tiff_slices`."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype, places: tuple[_Place, ...]) -> None:
        super().__init__(path, shape, dtype)
        self._places = places
        self._files = ExitStack()
        self._file: tifffile.TiffFile | None = None
        self._chosen: list[tifffile.TiffPageSeries] = []

    def read(self, first: int, stop: int) -> np.ndarray:
        """Slices from `first` up to and without `stop`."""
        with told_of(self.path), quiet():
            file, chosen = self._opened()
            read = [_one_slice(file, chosen[place.series], place.picture) for place in self._places[first:stop]]
        return read[0] if len(read) == 1 else np.concatenate(read)

    def close(self) -> None:
        """Close the file."""
        self._files.close()
        self._file, self._chosen = None, []

    def _opened(self) -> tuple[tifffile.TiffFile, list[tifffile.TiffPageSeries]]:
        if self._file is None:
            module = optional_package("tifffile", "TIFF files")
            self._file = self._files.enter_context(module.TiffFile(self.path))
            self._chosen, _ = chosen_series(self._file, self.path)
        return self._file, self._chosen

    def __getstate__(self) -> dict[str, Any]:
        return {
            key: value for key, value in super().__getstate__().items() if key not in ("_files", "_file", "_chosen")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "_files": ExitStack(), "_file": None, "_chosen": []})


def tiff_slices(path: Path) -> tuple[TiffSlices | None, VolumeData]:
    """What a file holds, none of its pixels read.

    Returns
    -------
    TiffSlices or None
        None where the file keeps its slices otherwise than one after the other, and must be read whole.
    VolumeData
        All there is to say of the scan; its voxels are one value that is repeated.

    Raises
    ------
    VolumeError
        If the file is damaged or cut short, has more than three dimensions, or pixels of an unusual kind.
    DependencyMissing
        If tifffile is not installed.
    """
    with opened_tiff(path) as file:
        chosen, notes = chosen_series(file, path)
        probes = [_probe(file, series) for series in chosen]
        said = dict.fromkeys(note for _, notes_of_one in probes for note in notes_of_one)
        row_count, column_count = chosen[0].keyframe.imagelength, chosen[0].keyframe.imagewidth
        count, dtype = sum(len(array) for array, _ in probes), probes[0][0].dtype
        shape = (count, int(row_count), int(column_count), *probes[0][0].shape[3:])
        stand_in = np.broadcast_to(np.zeros((), dtype), shape)
        data = described(file, chosen, stand_in, path, (*notes, *said))
        places = [_places(index, series, len(probes[index][0])) for index, series in enumerate(chosen)]
    if any(of_series is None for of_series in places):
        return None, data
    found = tuple(place for of_series in places for place in of_series or ())
    return TiffSlices(path, shape, dtype, found), data


def _probe(file: tifffile.TiffFile, series: tifffile.TiffPageSeries) -> tuple[np.ndarray, tuple[str, ...]]:
    """What comes of a series whose pictures are of one pixel: the same number of slices and the same remarks."""
    shape = [1 if letter in "YX" else size for letter, size in zip(series.axes, series.shape, strict=True)]
    return pixels_of(series, np.zeros(shape, series.dtype), file.is_imagej)


def _places(index: int, series: tifffile.TiffPageSeries, count: int) -> list[_Place] | None:
    """Where the slices of a series are, or None where its pictures are no slices."""
    leading = _leading_axes(series)
    if leading is None or series.is_multifile:
        return None
    # of every other axis, such as channels, the first is read
    steps = [step for letter, step in leading.items() if letter != "C" and _size(series, letter) > 1]
    if len(steps) != (count > 1):
        return None
    return [_Place(index, number * (steps[0] if steps else 0)) for number in range(count)]


def _leading_axes(series: tifffile.TiffPageSeries) -> dict[str, int] | None:
    """How many pictures further the next value of each axis is that the pictures themselves do not have."""
    rank = series.ndim - len(series.keyframe.shape)
    sizes = series.shape[: max(0, rank)]
    if rank < 0 or series.shape[rank:] != series.keyframe.shape or not {"Y", "X"} <= set(series.axes[rank:]):
        return None
    return {series.axes[axis]: math.prod(sizes[axis + 1 :]) for axis in range(rank)}


def _size(series: tifffile.TiffPageSeries, letter: str) -> int:
    return int(series.shape[series.axes.index(letter)])


def _one_slice(file: tifffile.TiffFile, series: tifffile.TiffPageSeries, picture: int) -> np.ndarray:
    """(1, j, i) or (1, j, i, 3)."""
    shape = series.keyframe.shape
    rank = series.ndim - len(shape)
    if series.dataoffset is not None:
        # all pictures lie one after the other: of some files tifffile knows the first alone
        size = math.prod(shape)
        start = series.dataoffset + picture * size * series.dtype.itemsize
        file.filehandle.seek(start)
        pixels = file.filehandle.read_array(series.dtype.newbyteorder(file.byteorder), size).reshape(shape)
    else:
        page = series.pages[picture]
        if page is None:
            raise VolumeError(f"is not complete: picture {picture + 1} is missing.")
        pixels = page.asarray()
    return pixels_of(series, pixels.reshape((1,) * rank + shape), file.is_imagej)[0]
