"""Which grey values belong to an object: those that part it from what is around it on the slice that was prompted.

No range of grey values is right for every object: of several ranges, and of several ways to cut off threads that lead
into what lies beside, the pair is taken that makes the prompted mask again out of the mask and its surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....core.mask import Mask
from ....core.value_range import Range
from ..neighbourhood import around, inner_depth, parts_meeting, values_around, without_holes

_USUAL = (3.0, 0.5)
_RANGES = (_USUAL, (2.0, 0.25), (5.0, 0.25), (2.0, 0.0), (5.0, 0.0))
"""Percentiles left out at either end, for what lies in a mask by mistake, and how far the rest may wander, in its own
widths: choices, of which the prompted slice decides."""
_OPENINGS_PX = (0, 1, 2)
_WORTH = 0.03
"""IoU by which another range than the usual one must be better."""
_MOST_RIM_PX, _MOST_RIM_SHARE = 2.5, 0.3
"""How much of a mask's rim is left out, in pixels and of its depth: it may lie on other material."""
_MOST_ALIKE_AROUND = 0.75
"""Where more of the ring around an object has grey values of its own, they do not tell it apart: a whole cell's."""
_AS_GOOD = 0.01
"""IoU within which two ways are as good: the mildest opening is taken, which thin objects on other slices survive."""
_WORTH_WHERE_ALIKE = 0.1
"""There another range must be so much better than none at all."""


@dataclass(frozen=True)
class Material:
    """What parts an object from its surroundings.

    Attributes
    ----------
    grey : Range
        Which values belong to it; open where none tell it apart.
    opening_px : int
        By how many pixels what has these values is opened, which cuts off threads.
    """

    grey: Range = Range()
    opening_px: int = 0

    @property
    def is_told_apart(self) -> bool:
        """Whether grey values say what belongs to it."""
        return self.grey != Range()


def material_of(values_yx: np.ndarray, mask: Mask, reach_px: int) -> Material:
    """Learn from a mask.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
        Not empty.
    reach_px : int
        How far around the mask the surroundings count: as far as masks of other slices may reach.
    """
    part, inside = around(mask, reach_px + 1)
    values, depth = values_yx[part], inner_depth(inside)
    core = values[depth > min(_MOST_RIM_PX, _MOST_RIM_SHARE * float(depth.max()))]
    core = core[np.isfinite(core)]
    if not core.size:
        return Material()
    region, usual = _grown(inside, reach_px), Material(_range(core, *_USUAL))
    is_alike_around = _alike_around(values_yx, mask, usual.grey) > _MOST_ALIKE_AROUND
    if not is_alike_around and _is_good_enough(_iou(pixels_of(region, values, usual, inside), inside)):
        return usual
    tried: dict[Material, float] = {}
    for grey in (_range(core, *each) for each in _RANGES):
        found = _pixels_by_opening(region, values, grey, inside, _OPENINGS_PX)
        tried |= {Material(grey, each): _iou(pixels, inside) for each, pixels in found.items()}
    best = _mildest(tried)
    if is_alike_around:
        return best if tried[best] > _iou(region, inside) + _WORTH_WHERE_ALIKE else Material()
    return best if tried[best] > tried[usual] + _WORTH else usual


def _mildest(tried: dict[Material, float]) -> Material:
    """The best by IoU; of those that are as good, the one that opens least."""
    most = max(tried.values())
    as_good = [each for each in tried if tried[each] >= most - _AS_GOOD]
    return min(as_good, key=lambda each: (each.opening_px, -tried[each]))


def _is_good_enough(found_again: float) -> bool:
    """Whether with this IoU no other range can be so much better that it would be taken."""
    return found_again >= 1 - _WORTH


def pixels_of(pixels: np.ndarray, values: np.ndarray, material: Material, before: np.ndarray) -> np.ndarray:
    """Pixels with an object's grey values, holes among them filled, that hang together with a mask.

    Parameters
    ----------
    pixels, values, before : numpy.ndarray
        Bool, grey values, and a mask to meet, bool; all (rows, columns) of the same part of a slice.

    Returns
    -------
    numpy.ndarray
        Bool, (rows, columns). An object thinner than the opening is not opened.
    """
    return _pixels_by_opening(pixels, values, material.grey, before, (material.opening_px,))[material.opening_px]


def _pixels_by_opening(
    pixels: np.ndarray, values: np.ndarray, grey: Range, before: np.ndarray, openings_px: tuple[int, ...]
) -> dict[int, np.ndarray]:
    """`pixels_of` for several openings of the same range of grey values."""
    lower, upper = grey.limits
    fitting = without_holes(pixels & (values >= lower) & (values <= upper)) & pixels
    whole = parts_meeting(fitting, before)
    return {each: _thick_part(fitting, whole, before, each) if each else whole for each in openings_px}


def _thick_part(fitting: np.ndarray, whole: np.ndarray, before: np.ndarray, opening_px: int) -> np.ndarray:
    opened = parts_meeting(_opened(fitting, opening_px), before)
    return opened if 2 * np.count_nonzero(opened) >= np.count_nonzero(whole) else whole


def _range(core: np.ndarray, percentile: float, widened_by: float) -> Range:
    lower, upper = (float(each) for each in np.percentile(core, (percentile, 100 - percentile)))
    more = (upper - lower) * widened_by
    return Range(lower - more, upper + more)


def _alike_around(values_yx: np.ndarray, mask: Mask, grey: Range) -> float:
    """Share of the ring around a mask that has its grey values; 1 without a ring."""
    ring = values_around(values_yx, mask)
    lower, upper = grey.limits
    return float(np.mean((ring >= lower) & (ring <= upper))) if ring.size else 1.0


def _grown(pixels: np.ndarray, reach_px: int) -> np.ndarray:
    from scipy import ndimage

    return np.asarray(ndimage.binary_dilation(pixels, iterations=reach_px))


def _opened(pixels: np.ndarray, reach_px: int) -> np.ndarray:
    from scipy import ndimage

    return np.asarray(ndimage.binary_opening(pixels, iterations=reach_px))


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    return int(np.count_nonzero(one & other)) / max(1, int(np.count_nonzero(one | other)))
