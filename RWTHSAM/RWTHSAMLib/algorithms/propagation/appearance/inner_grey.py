"""Grey values inside a mask: without the noise of single pixels, and off the rim, where partial volumes lie."""

from __future__ import annotations

import numpy as np

from ....core.mask import Mask
from ..neighbourhood import around
from .edge import smoothed

LEAST_INNER_PX = 20
"""Fewer pixels do not tell how grey values are distributed."""
_RIM_PX = 2
_SMOOTHED_OVER_PX = 4


def inner_values(values_yx: np.ndarray, mask: Mask, thin_counts_whole: bool) -> np.ndarray:
    """Smoothed grey values of a mask off its rim, those that are no numbers left out.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
        Not empty.
    thin_counts_whole : bool
        Whether a mask with fewer than `LEAST_INNER_PX` pixels off its rim gives all of its pixels.
    """
    from scipy import ndimage

    part, inside = around(mask, _SMOOTHED_OVER_PX)
    inner = ndimage.binary_erosion(inside, iterations=_RIM_PX)
    is_thin = np.count_nonzero(inner) < LEAST_INNER_PX
    values = smoothed(values_yx[part])[inside if thin_counts_whole and is_thin else inner]
    return np.asarray(values[np.isfinite(values)])
