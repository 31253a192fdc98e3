"""Whether the holes of the prompted mask are still there: a mask that fills one takes in what lies within its object.

A roll that swallows its core overlaps with the slice before everywhere, keeps a Dice of .96, and comes home on the way
back. That it is wrong shows in its shape alone, so the estimate, which tells of a Dice, is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ...core.mask import Mask
from .neighbourhood import without_holes
from .track import TrackedSlice

_LEAST_SHARE, _LEAST_PX = 0.015, 20
"""Of the filled mask, and in pixels: smaller holes are pores or threads, which come and go. With .01 sixteen right
slices of made-up foam were on the list; the core of a phantom takes .05."""
_AS_GOOD = 0.9
_WHY = "a hole of the prompted mask is filled here by {:.0%}"


def hole_share(mask: Mask, least: float = 1.0) -> float:
    """Share of a mask, its holes filled, that is holes; those count that are large enough to be parts.

    Parameters
    ----------
    mask : Mask
        May be empty.
    least : float
        Holes count from this share of the usual size on.
    """
    from scipy import ndimage

    if mask.is_empty:
        return 0.0
    pixels = mask.pixels
    filled = without_holes(pixels)
    labels, count = ndimage.label(filled & ~pixels)
    if not count:
        return 0.0
    whole, sizes = int(np.count_nonzero(filled)), np.bincount(labels.ravel())[1:]
    return float(sizes[sizes >= least * max(_LEAST_PX, _LEAST_SHARE * whole)].sum() / whole)


def without_belief_in_filled_holes(slices: Iterable[TrackedSlice], prompted: Mapping[int, Mask]) -> list[TrackedSlice]:
    """The same slices, believed at most as far as the holes of the prompted masks beside them are open.

    Parameters
    ----------
    slices : iterable of TrackedSlice
    prompted : mapping of int to Mask
        By the index of their slice. Between two of them the one with less holes counts, for holes may end there.
    """
    expected = {index: hole_share(mask) for index, mask in prompted.items()}
    judged = []
    for each in slices:
        there = _expected_at(each.index, expected)
        kept = hole_share(each.mask, least=0.5) / there if there else 1.0
        judged.append(each.limited(kept, _WHY.format(1 - kept)) if kept < _AS_GOOD else each)
    return judged


def _expected_at(index: int, shares: Mapping[int, float]) -> float:
    """Share of holes of the nearest prompted masks on both sides, the smaller one."""
    before = max((at for at in shares if at <= index), default=None)
    behind = min((at for at in shares if at >= index), default=None)
    return min(shares[at] for at in (before, behind) if at is not None)
