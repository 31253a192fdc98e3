"""A class on a slice that is to become better: which part of it, how it prompts the model, and what goes for it.

The part is given to the model as its bounding box and its deepest pixel. As low-resolution logits, the form in which
SAM feeds masks back, damaged masks gave worse results in every kind of damage; see ``Docs/refining.md``.
"""

from __future__ import annotations

import numpy as np

from ...core.mask import Mask
from ...core.prompts import BoxPrompt, PointPrompt, Prompts
from ..propagation.neighbourhood import deepest_pixel

_CONNECTED = np.ones((3, 3), bool)


def part_at(mask: Mask, at_xy: tuple[int, int] | None = None) -> Mask:
    """The connected part (8 neighbours) of a mask that holds a pixel, else the largest; empty if the mask is."""
    if mask.is_empty:
        return mask
    labels, count = _labelled(mask)
    number = labels[at_xy[1], at_xy[0]] if at_xy is not None else 0
    if not number:
        number = 1 + int(np.argmax(np.bincount(labels.ravel(), minlength=count + 1)[1:]))
    return Mask.from_array(labels == number)


def prompts_of_part(part: Mask) -> Prompts:
    """Prompts that ask the model for a better mask of a part, which is not empty, and say that it is replaced."""
    x, y = deepest_pixel(part)
    return Prompts((BoxPrompt(*part.bounds_xyxy), PointPrompt(x, y)), replaces=True)


def replaced_by(held: Mask, new: Mask, box: BoxPrompt | None) -> Mask:
    """What a class loses when a better mask takes the place of its part.

    Parameters
    ----------
    held : Mask
        What the class has on the slice.
    new : Mask
        The better mask.
    box : BoxPrompt, optional
        Round the part; without one nothing is replaced.

    Returns
    -------
    Mask
        Of the connected parts that lie in the box and meet the new mask, what that does not cover.
    """
    nothing = Mask.from_array(np.zeros(held.shape_yx, bool))
    if held.is_empty or new.is_empty or box is None:
        return nothing
    labels, count = _labelled(held)
    inside = np.zeros(held.shape_yx, bool)
    inside[box.y_min : box.y_max + 1, box.x_min : box.x_max + 1] = True
    covered = new.to_array()
    met = np.setdiff1d(np.unique(labels[covered]), [0, *np.unique(labels[~inside])])
    return Mask.from_array(np.isin(labels, met) & ~covered) if count else nothing


def _labelled(mask: Mask) -> tuple[np.ndarray, int]:
    from scipy import ndimage

    labels, count = ndimage.label(mask.to_array(), _CONNECTED)
    return labels, count
