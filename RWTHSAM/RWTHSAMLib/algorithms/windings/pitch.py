"""How far apart the windings beside a line are."""

from __future__ import annotations

import numpy as np

from .line import resampled, straightened

_REACH_PX = 64
"""How far beside a line its neighbours are looked for, a choice: a larger distance is given by hand."""
_LEAST_PX = 3.0
"""A finer winding is not resolved: two pixels would be one bright, one dark."""
# of the autocorrelation at no distance; choices: noise stays below the first, multiples of the distance above the other
_LEAST_LIKENESS = 0.2
_NEARLY = 0.8
_ALONG_STEPS = 6.0
"""Standard deviation in steps, a choice: noise averages out along the line."""


def winding_distance_px(image_yx: np.ndarray, points_xy: np.ndarray) -> float | None:
    """Distance from a winding to the next one, across a line along it; None where nothing repeats.

    The first high peak of the autocorrelation of the grey values across the line, averaged along it. Each place is
    compared with itself only, so that a line need not keep to the middle of its winding.

    Parameters
    ----------
    image_yx : numpy.ndarray
        Grey values (rows, columns).
    points_xy : numpy.ndarray
        (n, 2) points of the line.
    """
    from scipy import ndimage

    grey = straightened(image_yx, resampled(points_xy), _REACH_PX)
    grey = ndimage.gaussian_filter1d(grey, _ALONG_STEPS, axis=0, mode="nearest")
    grey = grey - ndimage.gaussian_filter1d(grey, _REACH_PX / 4, axis=1, mode="nearest")
    count = grey.shape[1]
    spectrum = np.fft.rfft(grey, 2 * count, axis=1)
    likeness = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :_REACH_PX].mean(axis=0)
    likeness = likeness / (count - np.arange(_REACH_PX))  # fewer pairs are that far apart
    if likeness[0] <= 0:
        return None
    return _first_peak(likeness / likeness[0])


def _first_peak(likeness: np.ndarray) -> float | None:
    """Place of the first peak that is nearly as high as the highest, between samples.

    Windings of two coats have a lower peak before, at the distance of the coats.
    """
    inner = likeness[1:-1]
    every = np.flatnonzero((inner >= likeness[:-2]) & (inner > likeness[2:])) + 1
    peaks = [int(at) for at in every if at >= _LEAST_PX and likeness[at] >= _LEAST_LIKENESS]
    if not peaks:
        return None
    at = next(each for each in peaks if likeness[each] >= _NEARLY * likeness[peaks].max())
    left, top, right = likeness[at - 1 : at + 2]
    curved = left - 2 * top + right
    return at + (0.5 * float(left - right) / float(curved) if curved else 0.0)
