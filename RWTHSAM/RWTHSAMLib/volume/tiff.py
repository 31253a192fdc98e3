"""TIFF files and folders of slices."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DependencyMissing, VolumeError
from .volume_data import VolumeData, upright_grid

if TYPE_CHECKING:
    import tifffile

ReadSlice = Callable[[Path], VolumeData]

MM_PER_UNIT = {
    "nm": 1e-6,
    "um": 1e-3,
    "\u00b5m": 1e-3,
    "\u03bcm": 1e-3,
    "\\u00b5m": 1e-3,  # as ImageJ escapes it
    "micron": 1e-3,
    "microns": 1e-3,
    "mm": 1.0,
    "cm": 10.0,
    "m": 1000.0,
    "inch": 25.4,
    "in": 25.4,
}
_MM_PER_RESOLUTION_UNIT = {2: 25.4, 3: 10.0}
# what programs write when nobody said anything: no scan has such voxels by chance
_PRINT_RESOLUTIONS_DPI = (1, 72, 75, 90, 96, 100, 150, 200, 300, 600)


def read_tiff(path: Path) -> VolumeData:
    """Read a TIFF file: one slice, a multi-page stack, ImageJ, OME or BigTIFF.

    Raises
    ------
    VolumeError
        If the file is damaged, has more than three dimensions, or voxels of an unusual kind.
    DependencyMissing
        If tifffile is not installed.
    """
    module = _tifffile()
    try:
        with module.TiffFile(path) as file:
            series = max(file.series, key=lambda each: each.size, default=None)
            if series is None:
                raise VolumeError("holds no image.")
            array = volume_of_axes(series.asarray(), series.axes)
            spacing_mm, notes = _spacing_mm(file, series)
            if len(file.series) > 1:
                notes += (f"The file holds {len(file.series)} images of different layouts; the largest was read.",)
    except VolumeError as error:
        raise VolumeError(f"'{path}': {error}") from error
    except Exception as error:  # a damaged file makes tifffile fail in many ways: struct, index, zlib, ...
        raise VolumeError(f"'{path}' could not be read as TIFF, it is damaged or cut short: {error}") from error
    return VolumeData(array, upright_grid(spacing_mm or (1, 1, 1)), path.stem, spacing_mm is not None, notes)


def read_slices(paths: Iterable[Path], read_one: ReadSlice, name: str) -> VolumeData:
    """Stack files of one slice each, in the order of the numbers in their names.

    Parameters
    ----------
    paths : iterable of Path
        At least one.
    read_one : callable
        Reads one file.
    name : str
        Of the volume.

    Raises
    ------
    VolumeError
        If a file holds several slices, or differs from the first in size or type.
    """
    ordered = natural_order(paths)
    first = read_one(ordered[0])
    if len(ordered) == 1:
        return first
    stack = np.empty((len(ordered), *first.array_kji.shape[1:]), first.array_kji.dtype)
    for index, path in enumerate(ordered):
        one = (first if index == 0 else read_one(path)).array_kji
        if one.shape != (1, *stack.shape[1:]) or one.dtype != stack.dtype:
            raise VolumeError(
                f"'{path}' does not fit into a stack: expected one slice of {_layout(stack)} as in "
                f"'{ordered[0].name}', got {one.shape[0]} of {_layout(one)}. "
                "Keep only the slices of one scan in the folder."
            )
        stack[index] = one[0]
    return VolumeData(stack, first.ijk_to_ras, name, first.unit_known, first.notes)


def natural_order(paths: Iterable[Path]) -> list[Path]:
    """Paths sorted by name as people count: slice_2 before slice_10."""

    def key(path: Path) -> tuple[list[tuple[int, str]], str]:
        # digits sort before letters; a plain split would compare numbers with text
        parts = re.findall(r"\d+|\D+", path.name.lower())
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name

    return sorted(paths, key=key)


def volume_of_axes(array: np.ndarray, axes: str) -> np.ndarray:
    """Bring an image into the order (k, j, i) or (k, j, i, 3).

    Parameters
    ----------
    array : numpy.ndarray
        Any number of dimensions.
    axes : str
        One letter per dimension as tifffile names them: X, Y, S (samples: grey + alpha, RGB, RGBA), and anything else.

    Raises
    ------
    VolumeError
        If more than one axis besides X, Y and S is longer than 1.
    """
    for axis in reversed(range(array.ndim)):
        if array.shape[axis] == 1 and axes[axis] not in "YX":
            array, axes = array.take(0, axis), axes[:axis] + axes[axis + 1 :]
    others = [letter for letter in axes if letter not in "YXS"]
    if len(others) > 1 or "Y" not in axes or "X" not in axes:
        raise VolumeError(
            f"has {array.ndim} dimensions {array.shape} ({axes}), expected slices, rows and columns. "
            "Save one channel and one point in time."
        )
    order = [*others, "Y", "X", *(["S"] if "S" in axes else [])]
    array = array.transpose([axes.index(letter) for letter in order])
    if not others:
        array = array[None]
    return _plain_numbers(_grey_or_rgb(array) if "S" in axes else array)


def _grey_or_rgb(array: np.ndarray) -> np.ndarray:
    samples = array.shape[3]
    if samples not in (2, 3, 4):
        raise VolumeError(f"has {samples} values per pixel, expected grey, RGB or RGBA. Save one channel.")
    return array[..., 0] if samples == 2 else array[..., :3]


def _plain_numbers(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.bool_:
        return array.astype(np.uint8)
    if array.dtype == np.float16:
        return array.astype(np.float32)
    if array.dtype.kind not in "iuf":
        raise VolumeError(f"has voxels of type {array.dtype}, expected integers or floating point numbers.")
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def _spacing_mm(
    file: tifffile.TiffFile, series: tifffile.TiffPageSeries
) -> tuple[tuple[float, float, float] | None, tuple[str, ...]]:
    """Voxel size along i, j, k, None where the file does not say it; and what was assumed."""
    if file.ome_metadata and (found := _ome_spacing_mm(file.ome_metadata)):
        return _with_depth(*found)
    tags = series.keyframe.tags
    x, y = (_per_unit(tags[name].value) if name in tags else None for name in ("XResolution", "YResolution"))
    if file.imagej_metadata:
        scale = MM_PER_UNIT.get(str(file.imagej_metadata.get("unit", "")).strip().lower())
        if scale is None or x is None or y is None:
            return None, ()
        depth = _positive(file.imagej_metadata.get("spacing"))
        return _with_depth(scale / x, scale / y, None if depth is None else scale * depth)
    unit = _MM_PER_RESOLUTION_UNIT.get(int(tags["ResolutionUnit"].value)) if "ResolutionUnit" in tags else None
    if unit is None or x is None or y is None or _is_print_resolution(x * 25.4 / unit):
        return None, ()
    return _with_depth(unit / x, unit / y, None)


def _with_depth(x_mm: float, y_mm: float, z_mm: float | None) -> tuple[tuple[float, float, float], tuple[str, ...]]:
    if z_mm is not None:
        return (x_mm, y_mm, z_mm), ()
    note = f"The file gives no distance between slices; {x_mm:.6g} mm, the size of a pixel, was assumed."
    return (x_mm, y_mm, x_mm), (note,)


def _ome_spacing_mm(xml: str) -> tuple[float, float, float | None] | None:
    sizes = [_ome_size_mm(xml, axis) for axis in "XYZ"]
    return None if sizes[0] is None or sizes[1] is None else (sizes[0], sizes[1], sizes[2])


def _ome_size_mm(xml: str, axis: str) -> float | None:
    size = re.search(rf'\bPhysicalSize{axis}="([^"]+)"', xml)
    unit = re.search(rf'\bPhysicalSize{axis}Unit="([^"]+)"', xml)
    scale = MM_PER_UNIT.get(unit[1].lower()) if unit else 1e-3  # OME's default is the micrometre
    value = _positive(size[1]) if size else None
    return value * scale if value is not None and scale is not None else None


def _per_unit(fraction: tuple[int, int] | float) -> float | None:
    """Pixels per unit of a TIFF rational."""
    if isinstance(fraction, tuple):
        return _positive(fraction[0] / fraction[1]) if fraction[1] else None
    return _positive(fraction)


def _positive(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if 0 < number < math.inf else None


def _is_print_resolution(dpi: float) -> bool:
    return any(abs(dpi - usual) < 0.5 for usual in _PRINT_RESOLUTIONS_DPI)


def _layout(array: np.ndarray) -> str:
    colour = " RGB" if array.ndim == 4 else ""
    return f"{array.shape[2]} x {array.shape[1]} {array.dtype}{colour}"


def _tifffile() -> ModuleType:
    try:
        import tifffile
    except ImportError as error:
        raise DependencyMissing("TIFF files need tifffile: pip install tifffile") from error
    return tifffile
