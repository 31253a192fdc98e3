"""Voxels as a header describes them, made into a volume: the part that NRRD, NIfTI and MetaImage share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import VolumeError
from ..volume_data import VolumeData
from ..voxel_values import grey_or_rgb, plain_numbers
from .payload import Part, read_payload

UNCLEAR_UNIT = "The file gives no usable voxel size ({found}); voxels count as 1 mm."


@dataclass(frozen=True, eq=False)
class StoredVoxels:
    """What a header says of the voxels behind it.

    Attributes
    ----------
    dtype : numpy.dtype
        Of one value, in the byte order of the file.
    sizes : tuple of int
        Counts along all axes, the fastest first.
    component_axis : int, optional
        Which of them counts the values of a voxel.
    parts : tuple of Part
        Where the voxels are.
    ijk_to_ras : numpy.ndarray
        (4, 4), voxel index to Slicer's world in mm.
    unit_known : bool
        Whether the file says how large a voxel is.
    notes : tuple of str
        What was assumed.
    scale : tuple of float
        Slope and intercept of the grey values; (1, 0) leaves them as they are.
    is_text : bool
        Whether the values are written as decimal numbers.
    """

    dtype: np.dtype
    sizes: tuple[int, ...]
    component_axis: int | None
    parts: tuple[Part, ...]
    ijk_to_ras: np.ndarray
    unit_known: bool
    notes: tuple[str, ...] = ()
    scale: tuple[float, float] = (1.0, 0.0)
    is_text: bool = False


def check_sizes(sizes: Sequence[int], path: Path) -> None:
    """Raise `VolumeError` unless all counts are at least 1."""
    if not sizes or min(sizes) < 1:
        counts = " x ".join(map(str, sizes)) or "none"
        raise VolumeError(f"'{path}' holds no voxels: its sizes are {counts}, expected at least 1 along each axis.")


def volume_of(stored: StoredVoxels, path: Path, name: str) -> VolumeData:
    """Read the voxels.

    Raises
    ------
    VolumeError
        If they are cut short or damaged, have more than three dimensions, or values of an unusual kind.
    """
    array, notes = stored_array(stored, path)
    array, said = plain_voxels(array, stored, path)
    return VolumeData(array, stored.ijk_to_ras, name, stored.unit_known, (*notes, *said))


def plain_voxels(array: np.ndarray, stored: StoredVoxels, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """Grey values or RGB of values as they are stored; and what was left out.

    Parameters
    ----------
    array : numpy.ndarray
        (k, j, i) or (k, j, i, components), of all slices or of some.
    stored : StoredVoxels
    path : Path
        For messages.
    """
    try:
        array, notes = grey_or_rgb(array, has_components=stored.component_axis is not None)
        return _scaled(plain_numbers(array), stored.scale), notes
    except VolumeError as error:
        raise VolumeError(f"'{path}' {error}") from error


def stored_array(stored: StoredVoxels, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """The values as they are stored, (k, j, i) or (k, j, i, components); and what is to be said of them.

    Raises
    ------
    VolumeError
        If they are cut short or damaged, or there are more than three dimensions.
    """
    spatial_axes(stored, path)  # refused before anything is read
    values, left_over = _values(stored)
    return arranged(values, stored, path), noted(stored, left_over)


def noted(stored: StoredVoxels, left_over: int) -> tuple[str, ...]:
    """What is to be said of the header, and of bytes behind the voxels."""
    extra = f"The file holds {left_over:,} bytes more than its header tells of; they were left out."
    return (*stored.notes, extra) if left_over else stored.notes


def arranged(values: np.ndarray, stored: StoredVoxels, path: Path) -> np.ndarray:
    """(k, j, i) or (k, j, i, components) of values in the order in which they are stored."""
    order = spatial_axes(stored, path)
    array = values.reshape(stored.sizes[::-1])
    last = len(stored.sizes) - 1
    kept = [last - axis for axis in order[::-1]]
    if stored.component_axis is not None:
        kept.append(last - stored.component_axis)
    dropped = [axis for axis in range(len(stored.sizes)) if axis not in kept]
    array = array.transpose([*dropped, *kept]).reshape([array.shape[axis] for axis in kept])
    while array.ndim < 3 + (stored.component_axis is not None):
        array = array[None]
    return np.asarray(array)


def spatial_axes(stored: StoredVoxels, path: Path) -> list[int]:
    """Which of `sizes` count voxels along i, j and k, at most three.

    Raises
    ------
    VolumeError
        If a size is below 1, or there are more than three dimensions.
    """
    check_sizes(stored.sizes, path)
    axes = [axis for axis in range(len(stored.sizes)) if axis != stored.component_axis]
    if any(stored.sizes[axis] > 1 for axis in axes[3:]):
        counts = " x ".join(str(stored.sizes[axis]) for axis in axes)
        raise VolumeError(
            f"'{path}' has {len(axes)} dimensions ({counts}), expected three: export one point in time or one channel."
        )
    return axes[:3]


def _values(stored: StoredVoxels) -> tuple[np.ndarray, int]:
    count = math.prod(stored.sizes)
    if stored.is_text:
        return _values_of_text(stored, count), 0
    buffer, left_over = read_payload(stored.parts, count * stored.dtype.itemsize)
    return buffer.view(stored.dtype), left_over


def _values_of_text(stored: StoredVoxels, count: int) -> np.ndarray:
    path = stored.parts[0].path
    if len(stored.parts) > 1 or path.stat().st_size < 2 * count - 1:
        raise VolumeError(f"'{path}' is cut short: expected {count:,} numbers.")
    with path.open("rb") as file:
        file.seek(stored.parts[0].offset)
        words = file.read().split()
    try:
        numbers = np.array([float(word) for word in words])
    except ValueError as error:
        raise VolumeError(f"'{path}' is damaged: {error} among the voxels.") from error
    if len(numbers) != count:
        raise VolumeError(f"'{path}' is cut short or damaged: expected {count:,} numbers, found {len(numbers):,}.")
    return numbers.astype(stored.dtype)


def _scaled(array: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    slope, intercept = scale
    if scale == (1.0, 0.0) or array.ndim == 4:
        return array
    kind = np.float32 if array.dtype.itemsize <= 2 or array.dtype == np.float32 else np.float64
    scaled = array.astype(kind)
    scaled *= kind(slope)
    scaled += kind(intercept)
    return scaled
