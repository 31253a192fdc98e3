"""What can be learned from the mask that a propagation begins with."""

from __future__ import annotations

import numpy as np

from ...core.mask import Mask
from ...core.propagation_step import Seed
from ...core.settings.propagation import PropagationSettings
from ...core.value_range import Range
from ...errors import StateError
from .drift import inner_grey_of
from .edge import edge_of
from .neighbourhood import around, inner_depth, mean_difference, values_around

_USUAL_RULES = PropagationSettings()
# choices: what lies in a mask by mistake is left out, and grey values may wander by half their range
_PERCENTILES = (3, 97)
_WIDENED_BY = 0.5
_MOST_RIM_PX, _MOST_RIM_SHARE = 2.5, 0.3
"""How much of a mask's rim is left out, in pixels and of its depth: it may lie on other material."""
_MOST_ALIKE_AROUND = 0.75
"""Where more of the ring around an object has grey values of its own, they do not tell it apart: a whole cell's."""


def seed_of(values_yx: np.ndarray, mask: Mask, rules: PropagationSettings = _USUAL_RULES) -> Seed:
    """Learn from a mask.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values of its slice, (rows, columns).
    mask : Mask
    rules : PropagationSettings
        Grey values that they give are not learned.

    Raises
    ------
    StateError
        If the mask is empty.
    """
    if mask.is_empty:
        raise StateError("An empty mask cannot be propagated: prompt the object on this slice first.")
    part, inside = around(mask, 0)
    depth = inner_depth(inside)
    core = values_yx[part][depth > min(_MOST_RIM_PX, _MOST_RIM_SHARE * float(depth.max()))]
    lower, upper = (float(each) for each in np.percentile(core, _PERCENTILES))
    more = (upper - lower) * _WIDENED_BY
    learned = Range(lower - more, upper + more)
    ring = values_around(values_yx, mask)
    inner_grey = inner_grey_of(values_yx, mask)
    if not ring.size or np.mean((ring >= lower - more) & (ring <= upper + more)) > _MOST_ALIKE_AROUND:
        return Seed(rules.grey or Range(), None, inner_grey=inner_grey)
    edge = edge_of(values_yx, mask, rules.edge_reach) if rules.grey is None else None
    return Seed(rules.grey or learned, mean_difference(values_yx, mask), edge, inner_grey)
