"""What a way between two prompted slices is off by where it comes to a known mask, taken back along the way."""

from __future__ import annotations

from ...core.mask import Mask
from .meeting import placed_together
from .neighbourhood import around, pixels_in, placed, signed_depth

_LEAST_FIT = 0.4
"""IoU with the known mask under which the way has come to something else, which nothing moves back."""
_MARGIN_PX = 2


def is_near(fit: float) -> bool:
    """Whether what comes to a known mask with this IoU is the same object."""
    return fit >= _LEAST_FIT


def is_off(fit: float) -> bool:
    """Whether a way that comes to a known mask with this IoU is off by something that can be taken back."""
    return is_near(fit) and fit < 1


def moved_back(mask: Mask, came: Mask, known: Mask, share: float) -> Mask:
    """A mask on the way, its edge moved by a share of what the way is off by at its end.

    Errors of a way grow from the slice that it begins with, where it is right, to the one that it comes to. What came
    there and what is known there differ by a signed distance at every pixel; the same share of it is taken back on a
    slice as of the way is gone there. So both prompted masks are met, and the slices between keep their own shape.

    Parameters
    ----------
    mask, came, known : Mask
        On the slice between, what came to the goal, and what is known there; all of equal slices, none empty.
    share : float
        How far of the way the slice is, 0 to 1.

    Returns
    -------
    Mask
        The mask as it was where nothing would be left of it.
    """
    part, _ = around(placed_together(placed_together(came, known), mask), _MARGIN_PX)
    off = signed_depth(pixels_in(known, part)) - signed_depth(pixels_in(came, part))
    moved = placed(signed_depth(pixels_in(mask, part)) + share * off > 0, part, mask.shape_yx)
    return mask if moved.is_empty else moved
