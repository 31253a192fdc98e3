"""Pixels of TIFF files as grey values or colours: order of axes, palettes, inverted scales."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import VolumeError
from ..voxel_values import grey_or_rgb, plain_numbers

if TYPE_CHECKING:
    import tifffile

_MINISWHITE, _MINISBLACK, _RGB, _PALETTE, _MASK, _YCBCR = 0, 1, 2, 3, 4, 6
_JPEG = (6, 7, 34892, 33007, 34933)


def pixels_of(
    series: tifffile.TiffPageSeries, array: np.ndarray, is_imagej: bool
) -> tuple[np.ndarray, tuple[str, ...]]:
    """(k, j, i) or (k, j, i, 3) of a decoded series, and what was done to it.

    Raises
    ------
    VolumeError
        If it has other dimensions or colours. The sentence lacks its subject, the file.
    """
    page = series.keyframe
    photometric = int(page.photometric)
    _check_colours(photometric, int(page.compression))
    array, notes = volume_of_axes(array, series.axes)
    if photometric == _PALETTE and page.colormap is not None:
        array, said = _with_palette(array, np.asarray(page.colormap), is_imagej)
        return array, (*notes, *said)
    if photometric == _MINISWHITE:
        array, said = _inverted(array, int(page.bitspersample))
        return array, (*notes, *said)
    return array, notes


def volume_of_axes(array: np.ndarray, axes: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Bring an image into the order (k, j, i) or (k, j, i, 3); and what was left out.

    Parameters
    ----------
    array : numpy.ndarray
        Any number of dimensions.
    axes : str
        One letter per dimension as tifffile names them: X, Y, S (samples: grey + alpha, RGB, RGBA), C (channels), and
        anything else.

    Raises
    ------
    VolumeError
        If more than one axis besides X, Y, S and C is longer than 1. The sentence lacks its subject, the file.
    """
    notes: tuple[str, ...] = ()
    shape = array.shape
    for axis in reversed(range(array.ndim)):
        letter = axes[axis]
        if letter == "C" and array.shape[axis] > 1:
            notes += (f"The file holds {array.shape[axis]} channels; the first was read.",)
        if letter == "C" or (array.shape[axis] == 1 and letter not in "YX"):
            array, axes = array.take(0, axis), axes[:axis] + axes[axis + 1 :]
    others = [letter for letter in axes if letter not in "YXS"]
    if len(others) > 1 or "Y" not in axes or "X" not in axes:
        raise VolumeError(
            f"has {len(shape)} dimensions {shape} ({axes}), expected slices, rows and columns. "
            "Save one channel and one point in time."
        )
    if others == ["T"]:
        notes += ("The file calls its pictures points in time; they were read as slices.",)
    order = [*others, "Y", "X", *(["S"] if "S" in axes else [])]
    array = array.transpose([axes.index(letter) for letter in order])
    if not others:
        array = array[None]
    array, said = grey_or_rgb(array, has_components="S" in axes)
    return plain_numbers(array), (*notes, *said)


def _check_colours(photometric: int, compression: int) -> None:
    if photometric in (_MINISWHITE, _MINISBLACK, _RGB, _PALETTE, _MASK):
        return
    # of JPEG the decoder makes RGB
    if photometric != _YCBCR or compression not in _JPEG:
        raise VolumeError(f"has colours of an unusual kind (photometric {photometric}): save it as grey or RGB.")


def _with_palette(array: np.ndarray, palette: np.ndarray, is_imagej: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    if is_imagej:
        # ImageJ's lookup tables colour what is shown; the pixels are grey values
        return array, ("The file shows its grey values in the colours of a palette; the grey values were read.",)
    eight_bits = (palette if palette.max() < 256 else palette >> 8).astype(np.uint8).T
    if array.max() >= len(eight_bits):
        raise VolumeError(f"has a palette of {len(eight_bits)} colours, but a pixel of the number {array.max()}.")
    if (eight_bits == eight_bits[:, :1]).all():
        return eight_bits[:, 0][array], ("The greys of a palette were read, not its numbers.",)
    return eight_bits[array], ("The colours of a palette were read, not its numbers.",)


def _inverted(array: np.ndarray, bits: int) -> tuple[np.ndarray, tuple[str, ...]]:
    if array.dtype.kind == "f":
        return array, ("The file shows low values bright (MinIsWhite); its grey values were read as they are.",)
    note = "The file shows low values bright (MinIsWhite); its grey values were inverted."
    if array.dtype.kind == "i":
        return ~array, (note,)
    brightest = array.dtype.type(2**bits - 1)
    return brightest - array, (note,)
