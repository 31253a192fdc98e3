"""Values of voxels brought into the kinds that everything else works with: grey or RGB, whole numbers or floats."""

from __future__ import annotations

import numpy as np

from ..errors import VolumeError

FIRST_OF_TWO = "Each voxel has two values; the first was read, the second (transparency or another channel) left out."
WITHOUT_ALPHA = "The transparency, the fourth value of each voxel, was left out."


def grey_or_rgb(array: np.ndarray, has_components: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """(k, j, i) or (k, j, i, 3) of an image whose last axis may count values per voxel; and what was left out.

    Raises
    ------
    VolumeError
        If there are more than four values a voxel; the sentence lacks its subject, the file.
    """
    if not has_components:
        return array, ()
    components = array.shape[-1]
    if components == 1:
        return array[..., 0], ()
    if components == 2:
        return array[..., 0], (FIRST_OF_TWO,)
    if components not in (3, 4):
        raise VolumeError(f"has {components} values per voxel, expected grey or RGB: export one component.")
    notes: tuple[str, ...] = (WITHOUT_ALPHA,) if components == 4 else ()
    if array.dtype != np.uint8:
        notes += ("The three values of each voxel were read as red, green and blue.",)
    return array[..., :3], notes


def turned(orientation: object) -> tuple[str, ...]:
    """What is to be said of the orientation that TIFF and JPEG files state; 1 is as it is stored."""
    if orientation not in range(2, 9):
        return ()
    return (f"The file asks to be shown turned or mirrored (orientation {orientation}); it was read as it is stored.",)


def plain_numbers(array: np.ndarray) -> np.ndarray:
    """The same values and shape in this computer's byte order, of a dtype that everything else knows; contiguous.

    Raises
    ------
    VolumeError
        If they are no real numbers; the sentence lacks its subject, the file.
    """
    if array.dtype == np.bool_:
        return np.ascontiguousarray(array).astype(np.uint8)
    if array.dtype == np.float16:
        return np.ascontiguousarray(array, np.float32)
    if array.dtype.kind == "c":
        raise VolumeError("has complex voxels: export their magnitude or one part.")
    if array.dtype.kind not in "iuf" or array.dtype.itemsize > 8:
        raise VolumeError(f"has voxels of type {array.dtype}, expected integers or floating point numbers.")
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def unusual_values(array: np.ndarray) -> tuple[str, ...]:
    """A note on voxels that are no finite numbers, slice by slice so that little memory is taken."""
    if array.dtype.kind != "f":
        return ()
    count = sum(int(each.size - np.count_nonzero(np.isfinite(each))) for each in array)
    return (f"{count:,} of {array.size:,} voxel values are no finite numbers (NaN or Inf).",) if count else ()
