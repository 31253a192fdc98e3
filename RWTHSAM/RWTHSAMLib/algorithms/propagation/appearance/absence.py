"""Whether an object is gone from a slice, or the slice is a bad one on which nothing would be found.

Both break the same rules, and both may lie between slices that agree: a bad slice within one object, and a gap of a
slice or two between an object and another one behind it. What lies beside the object tells them apart: on a bad slice
it has changed as well.
"""

from __future__ import annotations

import numpy as np

from ....core.mask import Mask
from ....core.propagation_step import Look
from ..neighbourhood import around
from .edge import smoothed
from .looks import grey_match

MOST_ALIKE = 0.2
"""Of its grey values, see `grey_match`, that may be left where an object was before: none would be, but edges blur."""
_LEAST_MARGIN_PX, _GAP_PX, _LEAST_SEEN_PX = 32, 4, 200
"""Choices: as far as a slice may be shifted; wider than a blurred edge; enough pixels for a median."""
_MOST_CHANGE = 0.15
"""Of the difference between object and surroundings, by which these may become brighter or darker."""
_LEAST_NOISE, _MOST_NOISE = 0.8, 1.25
"""Times that of the prompted slice: a blurred or darkened slice has less noise, a drowned one more."""
_MOST_MOVED = 0.3
"""Of its area, that may newly lie beside the place where it was: a slice that is shifted has the object elsewhere."""


def surroundings_of(values_yx: np.ndarray, mask: Mask, look: Look) -> tuple[float, float, float] | None:
    """Grey level of what lies around a mask, its noise, and how much of it has the object's grey values.

    None where too little of the slice lies around the mask.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
        Not empty.
    look : Look

    Returns
    -------
    tuple of float
        Level and noise are medians; the last is an area over that of the mask.
    """
    from scipy import ndimage

    part, inside = around(mask, max(_LEAST_MARGIN_PX, *mask.pixels.shape))
    values = values_yx[part]
    grey = smoothed(values)
    beside = ~ndimage.binary_dilation(inside, iterations=_GAP_PX) & np.isfinite(grey)
    if np.count_nonzero(beside) < _LEAST_SEEN_PX or not look.grey_quantiles:
        return None
    eighth = len(look.grey_quantiles) // 8
    lower, upper = look.grey_quantiles[eighth], look.grey_quantiles[-1 - eighth]
    alike = (grey[beside] >= lower - look.grey_tolerance) & (grey[beside] <= upper + look.grey_tolerance)
    noise = float(np.median(np.abs(values[beside] - grey[beside])))
    return float(np.median(grey[beside])), noise, np.count_nonzero(alike) / mask.area


def is_absent(values_yx: np.ndarray, before: Mask, look: Look) -> bool:
    """Whether nothing with the object's grey values lies where it was, on a slice that is as good as the prompted one.

    False wherever that cannot be told: where no grey values are known, nothing lies around the object, or that shows no
    noise.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of a slice, (rows, columns).
    before : Mask
        Of the object on the slice beside it; not empty.
    look : Look
        With what lies around the object where it was prompted.
    """
    if not look.surroundings or grey_match(values_yx, before, look) > MOST_ALIKE:
        return False
    found = surroundings_of(values_yx, before, look)
    if found is None:
        return False
    (level, noise, alike), (usual_level, usual_noise, usual_alike) = found, look.surroundings
    apart = abs(look.grey_quantiles[len(look.grey_quantiles) // 2] - usual_level)
    is_as_bright = abs(level - usual_level) <= _MOST_CHANGE * apart
    is_as_noisy = usual_noise > 0 and _LEAST_NOISE <= noise / usual_noise <= _MOST_NOISE
    return is_as_bright and is_as_noisy and alike - usual_alike <= _MOST_MOVED
