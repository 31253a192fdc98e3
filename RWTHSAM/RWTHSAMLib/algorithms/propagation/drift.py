"""Whether a mask still lies on what it began with, however believable each step from slice to slice was.

A leak that grows by a few pixels a slice breaks no rule and agrees with the slice before it. What gives it away are
grey values without the noise of single pixels: of organs, lungs and parts of cells, at least 0.8 of the inner pixels of
nine slices in ten lie where those of the prompted slice do; of masks that lie beside them, less than 0.75.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...core.mask import Mask
from ...core.value_range import Range
from .appearance.edge import smoothed
from .appearance.inner_grey import LEAST_INNER_PX, inner_values
from .neighbourhood import values_around
from .track import TrackedSlice

_PERCENTILES, _WIDENED_BY, _OF_CONTRAST = (2, 98), 0.25, 0.1
"""Of an object without noise all values are one: what is around it, smoothed, reaches some percent into it."""
_STRANGE = 0.5
"""Share of alike pixels with which a slice is not believed at all; half way from there to all it becomes doubtful."""
_MOST_ALIKE_AROUND = 0.5
_WHY = "only {:.0%} of it looks as on the prompted slice"


def inner_grey_of(values_yx: np.ndarray, mask: Mask) -> Range:
    """Where nearly all smoothed grey values of a mask lie, off its rim.

    Open where the mask is too thin to say, or where most of what is around it has such values too.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
        Not empty.
    """
    inner = inner_values(values_yx, mask, thin_counts_whole=False)
    if len(inner) < LEAST_INNER_PX:
        return Range()
    lower, upper = (float(each) for each in np.percentile(inner, _PERCENTILES))
    ring = values_around(smoothed(values_yx), mask)
    if not ring.size:
        return Range()
    more = max(_WIDENED_BY * (upper - lower), _OF_CONTRAST * abs(float(ring.mean() - inner.mean())))
    lower, upper = lower - more, upper + more
    is_told_apart = np.mean((ring >= lower) & (ring <= upper)) <= _MOST_ALIKE_AROUND
    return Range(lower, upper) if is_told_apart else Range()


def likeness(values_yx: np.ndarray, mask: Mask, inner_grey: Range) -> float:
    """Share of a mask's pixels off its rim that lie in a range; 1 where the range is open or the mask too thin.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
        May be empty.
    inner_grey : Range
        See `inner_grey_of`.
    """
    if mask.is_empty or inner_grey == Range():
        return 1.0
    inner = inner_values(values_yx, mask, thin_counts_whole=False)
    lower, upper = inner_grey.limits
    return float(np.mean((inner >= lower) & (inner <= upper))) if len(inner) >= LEAST_INNER_PX else 1.0


def without_belief_in_drift(slices: Iterable[TrackedSlice]) -> list[TrackedSlice]:
    """The same slices, with lower scores where little of the mask looks as on the prompted slice."""
    return [each.limited(float(score_of_drift(np.array(each.likeness))), _WHY.format(each.likeness)) for each in slices]


def score_of_drift(likeness: np.ndarray) -> np.ndarray:
    """Score, at most, of slices of which such a share of the pixels looks as on the prompted one."""
    return np.asarray(np.clip((likeness - _STRANGE) / (1 - _STRANGE), 0.0, 1.0))
