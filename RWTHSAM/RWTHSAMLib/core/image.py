"""What the model sees: grey values, clipped by a window to 8 bit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import ImageError
from .value_range import Range
from .window import Window, propose_window

_SEEN_BEYOND_WINDOW = 0.25
"""Of its width, a choice: what is black and what is blacker still stay apart, and a mean is not that of padding."""


@dataclass(frozen=True, eq=False)
class SliceImage:
    """One slice as the model sees it.

    Attributes
    ----------
    pixels : numpy.ndarray
        uint8, (rows, columns) grey or (rows, columns, 3) RGB, C-contiguous and read-only.
    """

    pixels: np.ndarray

    def __post_init__(self) -> None:
        shape_fits = self.pixels.ndim == 2 or (self.pixels.ndim == 3 and self.pixels.shape[2] == 3)
        if self.pixels.dtype != np.uint8 or not shape_fits or self.pixels.size == 0:
            raise ImageError(
                "A slice image is a non-empty uint8 array of shape (rows, columns) or (rows, columns, 3), "
                f"not {self.pixels.dtype} {self.pixels.shape}. Use SliceImage.from_values for grey values."
            )
        own = np.ascontiguousarray(self.pixels).view()
        own.flags.writeable = False
        object.__setattr__(self, "pixels", own)

    @classmethod
    def from_values(cls, values: np.ndarray, window: Window | None = None) -> SliceImage:
        """Clip grey or RGB values to a window.

        Parameters
        ----------
        values : numpy.ndarray
            (rows, columns) or (rows, columns, 3 or 4), any integer or floating type; a fourth channel (alpha) is
            dropped. NaN becomes black, infinities black or white.
        window : Window, optional
            Default: uint8 values stay as they are, others get `propose_window`.

        Raises
        ------
        ImageError
            If the shape or the type is something else.
        """
        values = _grey_or_rgb(np.asarray(values))
        if window is None and values.dtype == np.uint8:
            return cls(values.copy())
        return cls(_clip_to_uint8(values, window or propose_window(values)))

    @classmethod
    def of_scan(cls, values: np.ndarray, window: Window | None) -> SliceImage:
        """A slice or plane of a scan as the model sees it, in every front: clipped, but for colour photographs.

        Parameters
        ----------
        values : numpy.ndarray
            (rows, columns), or (rows, columns, 3 or 4); colours of 8 bits stay as they are.
        window : Window, optional
            See `from_values`.
        """
        is_colour_photo = values.ndim == 3 and values.dtype == np.uint8
        return cls.from_values(values, None if is_colour_photo else window)

    @property
    def shape_yx(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def grey_pixels(self) -> np.ndarray:
        """uint8 (rows, columns); of a colour picture the mean of its channels."""
        return self.pixels if self.is_grey else np.rint(grey_of(self.pixels, 2)).astype(np.uint8)

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel only."""
        return self.pixels.ndim == 2

    def rgb(self) -> np.ndarray:
        """(rows, columns, 3) uint8, as SAM's encoders expect; grey is repeated."""
        if self.is_grey:
            return np.repeat(self.pixels[..., None], 3, axis=2)
        return self.pixels

    @cached_property
    def digest(self) -> str:
        """SHA-256 of shape and pixels: equal digests mean the same picture, whatever volume or window it came from."""
        content = hashlib.sha256(repr(self.pixels.shape).encode())
        content.update(self.pixels.data)
        return content.hexdigest()


def grey_of(values: np.ndarray, axes: int) -> np.ndarray:
    """Grey values of pixels or voxels; of colours the mean of red, green and blue, floating point.

    Parameters
    ----------
    values : numpy.ndarray
        Of `axes` axes, or one more of channels.
    axes : int
        2 of a slice (rows, columns), 3 of a volume (k, j, i).
    """
    return values if values.ndim == axes else np.asarray(values[..., :3].mean(axis=-1))


def grey_near_window(values: np.ndarray, window: Window | None, grey: Range | None = None) -> np.ndarray:
    """Grey values of a slice, those far beyond its window held to it: padding is no material, however low it is.

    Scanners and programs fill what they have not seen with -32768, with infinities, or with NaN. In a mean, or
    smoothed, a few such pixels would outweigh all others.

    Parameters
    ----------
    values : numpy.ndarray
        (rows, columns), or (rows, columns, 3 or 4), of which the mean of the first three is the grey value.
    window : Window, optional
        What the model sees as black and white; without one all values stay as they are.
    grey : Range, optional
        Grey values that matter too, wherever they lie.

    Returns
    -------
    numpy.ndarray
        (rows, columns), of the same type: NaN is black, all else at most a quarter of the window's width beyond the
        window and `grey`. Colour photographs, which no window changes, stay as they are.
    """
    values_yx = grey_of(values, 2)
    if window is None or (values.ndim > 2 and values.dtype == np.uint8):
        return values_yx
    ends = [each for each in (grey.limits if grey is not None else ()) if np.isfinite(each)]
    lower, upper = min((window.lower, *ends)), max((window.upper, *ends))
    reach = _SEEN_BEYOND_WINDOW * window.width
    return _held(values_yx, lower - reach, upper + reach, window.lower)


def _held(values: np.ndarray, lower: float, upper: float, unknown: float) -> np.ndarray:
    """Values clipped within their type; `unknown` in place of NaN."""
    if values.dtype.kind == "f":
        if np.isnan(values).any():
            values = np.where(np.isnan(values), values.dtype.type(unknown), values)
        return values.clip(lower, upper)
    limits = np.iinfo(values.dtype)
    return values.clip(max(limits.min, int(np.floor(lower))), min(limits.max, int(np.ceil(upper))))


def _grey_or_rgb(values: np.ndarray) -> np.ndarray:
    if values.dtype == np.bool_:
        values = values.astype(np.uint8)
    if not (np.issubdtype(values.dtype, np.integer) or np.issubdtype(values.dtype, np.floating)):
        raise ImageError(f"Grey values must be integers or floating point numbers, not {values.dtype}.")
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim == 3 and values.shape[2] == 4:
        values = values[..., :3]
    if values.ndim != 2 and not (values.ndim == 3 and values.shape[2] == 3):
        raise ImageError(f"A slice has shape (rows, columns) or (rows, columns, 3 or 4), not {values.shape}.")
    return values


def _clip_to_uint8(values: np.ndarray, window: Window) -> np.ndarray:
    # float32 holds every value of the short types exactly; wider ones need float64 or window edges would drift
    exact = np.float32 if values.dtype.itemsize <= 2 or values.dtype == np.float32 else np.float64
    scaled = values.astype(exact)
    # clipped before scaling, so that no value, however large, overflows on the way
    np.clip(scaled, exact(window.lower), exact(window.upper), out=scaled)
    np.nan_to_num(scaled, copy=False, nan=window.lower)
    scaled -= exact(window.lower)
    scaled *= exact(255.0 / window.width)
    np.clip(scaled, 0, 255, out=scaled)
    return np.rint(scaled).astype(np.uint8)
