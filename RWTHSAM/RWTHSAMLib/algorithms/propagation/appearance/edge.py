"""Where the edge of an object runs: at the grey value at which the mask that a propagation begins with has it.

The model draws masks in steps of a 256th of the slice, and on every slice anew it prefers the strongest edge nearby. Of
layered parts, such as a core within its first separator, that is not always the edge that a person chose.
"""

from __future__ import annotations

import numpy as np

from ....core.mask import Mask
from ....core.propagation_step import Edge
from ....core.value_range import Range
from ..neighbourhood import around, parts_meeting, signed_depth, values_around

_SIGMA_PX = 1.0
"""A choice: the noise of one pixel goes, an edge stays where it is."""
_STRIP_PX, _STRIP_SHARE = 2.5, 0.3
"""Width of the strips on both sides of an edge, in pixels and at most as a share of the mask's depth."""
_LEVELS = np.linspace(0.25, 0.75, 51)
"""Where the level may lie between the mean grey values inside and around: a mask off by more is not followed."""
_LEAST_TOLD_APART = 0.9
"""Share of pixels that a level must put on the right side, a choice: else grey values do not show the edge."""
_MOST_OF_NINE = 5
_ANY = Range()


def edge_of(values_yx: np.ndarray, mask: Mask, reach: float) -> Edge | None:
    """The grey value that best parts the strips on both sides of a mask's edge.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
        Not empty.
    reach : float
        See `Edge`.

    Returns
    -------
    Edge or None
        None where no level between inside and surroundings tells nine tenths of both apart, or the mask is too thin
        to have a strip within its edge.
    """
    part, inside = around(mask, 2 * round(_STRIP_PX) + 2)
    grey, depth = smoothed(values_yx), signed_depth(inside)
    values, width = grey[part], min(_STRIP_PX, _STRIP_SHARE * float(depth.max()))
    core, ring = values[depth > width], values_around(grey, mask)
    if not reach or not core.size or not ring.size or core.mean() == ring.mean():
        return None
    within, beyond = values[(depth > 0) & (depth <= width)], values[(depth < 0) & (depth >= -width)]
    if not within.size or not beyond.size:
        return None
    levels = core.mean() + _LEVELS * (ring.mean() - core.mean())
    shares = np.array([_told_apart(within, beyond, each) for each in levels])
    level = float(levels[shares >= shares.max() - 0.002].mean())
    is_dark = bool(core.mean() < ring.mean())
    return Edge(level, is_dark, reach) if _told_apart(core, ring, level) >= _LEAST_TOLD_APART else None


def moved_to_edge(
    kept: np.ndarray, before: np.ndarray, values: np.ndarray, edge: Edge, reach_px: int, material: Range = _ANY
) -> np.ndarray:
    """A mask whose edge is moved to where the grey values have it.

    Pixels near the edge stay where they are on the object's side of the level. Beyond the mask, pixels join where they
    are on that side too, have grey values of the object, and the slice before had the object there or beside it. The
    far side of an edge is not only the object: beside a spleen, bright against fat, lie ribs that are brighter still.

    Parameters
    ----------
    kept, before, values : numpy.ndarray
        Mask, that of the slice before, and grey values, of the same part of a slice.
    reach_px : int
        How many rows and columns from the mask's edge pixels may change.
    material : Range
        The object's grey values.
    """
    grey, kept_near = smoothed(values), _counts_around(kept, reach_px)
    is_object = grey < edge.level if edge.is_dark else grey > edge.level
    region = kept | ((_counts_around(before, 1) > 0) & (kept_near > 0))
    found = (kept_near == (2 * reach_px + 1) ** 2) | (region & is_object)
    lower, upper = material.limits
    found &= kept | ((grey <= upper) if not edge.is_dark else (grey >= lower))
    found &= kept | (_counts_around(found, 1) >= _MOST_OF_NINE)  # no threads into what lies beside
    return np.asarray(region & ~parts_meeting(~found, ~region))  # what is cut off from the outside are holes


def smoothed(values: np.ndarray) -> np.ndarray:
    """Grey values without the noise of single pixels, float32."""
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(values.astype(np.float32), _SIGMA_PX))


def _counts_around(pixels: np.ndarray, reach_px: int) -> np.ndarray:
    """How many pixels are set in the square of `reach_px` rows and columns to every side; none beyond the array."""
    from scipy import ndimage

    side = 2 * reach_px + 1
    return np.asarray(np.rint(ndimage.uniform_filter(pixels.astype(np.float32), side, mode="constant") * side**2))


def _told_apart(one: np.ndarray, other: np.ndarray, level: float) -> float:
    """Mean share of two sets of grey values that lie on different sides of a level, the better way round."""
    share = (np.mean(one < level) + np.mean(other >= level)) / 2
    return float(max(share, 1 - share))
