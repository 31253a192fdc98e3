"""What can be learned from the mask that a propagation begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from ...core.image import SliceImage
from ...core.mask import Mask
from ...core.propagation_step import Seed
from ...core.settings.propagation import PropagationSettings
from ...errors import StateError
from .appearance.absence import surroundings_of
from .appearance.edge import edge_of
from .appearance.looks import look_of
from .appearance.material import material_of
from .drift import inner_grey_of
from .neighbourhood import mean_difference

_USUAL_RULES = PropagationSettings()
_LEAST_SEEN = 3
"""Grey levels, of 255, that a slice must span for anything to be seen on it; a black one has none."""


def seeds_of(
    keyframes: Mapping[int, Mask],
    values_of: Callable[[int], np.ndarray],
    image_of: Callable[[int], SliceImage],
    rules: PropagationSettings = _USUAL_RULES,
) -> dict[int, Seed]:
    """Learn from all masks that a propagation begins with.

    Parameters
    ----------
    keyframes : mapping of int to Mask
        By the index of their slice.
    values_of, image_of : callable
        Grey values of a slice, (rows, columns), and the slice as the model sees it, by its index.
    rules : PropagationSettings

    Raises
    ------
    StateError
        If a mask is empty, or nothing can be seen on any of the slices; where one shows something, others may be black,
        as where somebody says that a damaged slice was filled in right.
    """
    if keyframes and not any(shows_something(image_of(index)) for index in keyframes):
        raise nothing_seen(keyframes)
    return {index: seed_of(values_of(index), mask, rules) for index, mask in keyframes.items()}


def shows_something(image: SliceImage) -> bool:
    """Whether a slice is more than black, or of one grey."""
    return int(np.ptp(image.pixels)) >= _LEAST_SEEN


def nothing_seen(indices: Iterable[int]) -> StateError:
    """What is to be said of prompts on slices that show nothing."""
    where = ", ".join(map(str, sorted(indices)))
    return StateError(
        f"Nothing can be seen where the object is prompted (slice {where}): in this grey window all pixels look "
        "alike, as on a black slice. Prompt the object on a slice that shows it, or choose another window."
    )


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
    look = replace(look, surroundings=surroundings_of(values_yx, mask, look) or ())
    material = material_of(values_yx, mask, rules.reach_px)
    contrast = mean_difference(values_yx, mask) if material.is_told_apart else None
    if rules.grey is not None:
        return Seed(rules.grey, contrast, inner_grey=inner_grey, mask_prompt=rules.mask_prompt, look=look)
    edge = edge_of(values_yx, mask, rules.edge_reach) if material.is_told_apart else None
    return Seed(
        material.grey, contrast, edge, material.opening_px, inner_grey, mask_prompt=rules.mask_prompt, look=look
    )
