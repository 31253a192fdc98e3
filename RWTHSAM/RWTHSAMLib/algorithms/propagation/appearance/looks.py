"""What a mask looks like, whatever lies around it: how its grey values are distributed, how sharp its outline is.

A mask that is handed on from slice to slice overlaps with the one before whether an object is there or not. Where it
has left the object its grey values are distributed in another way, and its outline runs where no edge is.
"""

from __future__ import annotations

import numpy as np

from ....core.mask import Mask
from ....core.propagation_step import Look
from ..neighbourhood import around, mean_difference
from .inner_grey import inner_values

_QUANTILES = np.linspace(0, 1, 33)
_OF_CONTRAST = 0.25
"""Grey values may be off by this share of the contrast: scans drift, and an object without noise has one value. Of
made-up objects whose kind was not learned from 37 % of the named slices are good with .1, 35 % with .25, and as many of
the poor ones are named."""
_BAND_PX = 6
_SMOOTHED_OVER_PX = 4


def look_of(values_yx: np.ndarray, mask: Mask) -> Look:
    """What a mask that a propagation begins with looks like.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
        Not empty.
    """
    inner = inner_values(values_yx, mask, thin_counts_whole=True)
    contrast = abs(mean_difference(values_yx, mask))
    shows_something = len(inner) and (contrast or np.ptp(inner))  # a black slice that was confirmed tells nothing
    quantiles = tuple(map(float, np.quantile(inner, _QUANTILES))) if shows_something else ()
    return Look(quantiles, _OF_CONTRAST * contrast, sharpness(values_yx, mask))


def grey_match(values_yx: np.ndarray, mask: Mask, look: Look) -> float:
    """How alike the grey values of a mask are distributed as those of the first one, 0 to 1.

    One less the distance of Kolmogorov and Smirnov; 1 where nothing is known.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
    look : Look
    """
    if mask.is_empty or not look.grey_quantiles:
        return 1.0
    inner = np.sort(inner_values(values_yx, mask, thin_counts_whole=True))
    if not len(inner):
        return 1.0
    levels, tolerance = np.array(look.grey_quantiles), look.grey_tolerance
    below = np.searchsorted(inner, levels - tolerance, side="left") / len(inner)
    up_to = np.searchsorted(inner, levels + tolerance, side="right") / len(inner)
    apart = np.maximum(_QUANTILES - up_to, below - _QUANTILES).max()
    return float(np.clip(1 - apart, 0.0, 1.0))


def sharpness(values_yx: np.ndarray, mask: Mask) -> float:
    """Steepness of the grey values along a mask's outline over the sum of that and what it is near by.

    One half where the outline runs anywhere, more where it follows an edge, nearly 1 where there is no other.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
    """
    from scipy import ndimage

    if mask.is_empty:
        return 0.5
    part, inside = around(mask, _BAND_PX + _SMOOTHED_OVER_PX)
    steepness = ndimage.gaussian_gradient_magnitude(values_yx[part].astype(np.float32), 1.0)
    outline = ndimage.binary_dilation(inside) & ~ndimage.binary_erosion(inside)
    band = ndimage.binary_dilation(inside, iterations=_BAND_PX) & ~ndimage.binary_erosion(inside, iterations=_BAND_PX)
    band &= ~ndimage.binary_dilation(outline)
    here, near = (_mean(steepness[pixels]) for pixels in (outline, band))
    return here / (here + near) if here + near > 0 else 0.5


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else 0.0
