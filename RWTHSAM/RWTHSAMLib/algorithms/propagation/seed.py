"""What can be learned from the mask that a propagation begins with."""

from __future__ import annotations

import numpy as np

from ...core.mask import Mask
from ...core.propagation_step import Seed
from ...core.settings.propagation import PropagationSettings
from ...errors import StateError
from .drift import inner_grey_of
from .edge import edge_of
from .looks import look_of
from .material import material_of
from .neighbourhood import mean_difference

_USUAL_RULES = PropagationSettings()


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
    inner_grey, look = inner_grey_of(values_yx, mask), look_of(values_yx, mask)
    material = material_of(values_yx, mask, rules.reach_px)
    contrast = mean_difference(values_yx, mask) if material.is_told_apart else None
    if rules.grey is not None:
        return Seed(rules.grey, contrast, inner_grey=inner_grey, mask_prompt=rules.mask_prompt, look=look)
    edge = edge_of(values_yx, mask, rules.edge_reach) if material.is_told_apart else None
    return Seed(
        material.grey, contrast, edge, material.opening_px, inner_grey, mask_prompt=rules.mask_prompt, look=look
    )
