"""How wrong masks and their ratings are."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_BALANCED_WEIGHT, _SHARE_OF_ALL = 0.25, 0.1


def mask_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Dice loss and cross entropy of each mask.

    Half of the cross entropy is balanced: a layer of two pixels counts as much as all that is not it. Without that a
    network learns first, and for long, that most targets are nothing.

    Parameters
    ----------
    logits : torch.Tensor
        (..., m, h, w).
    truth : torch.Tensor
        (..., 1, h, w), 0 or 1.

    Returns
    -------
    torch.Tensor
        (..., m).
    """
    truth = truth.expand_as(logits)
    likely = torch.sigmoid(logits)
    surprise = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    inside, whole = truth.sum((-1, -2)), truth.shape[-1] * truth.shape[-2]
    at_inside, at_all = (surprise * truth).sum((-1, -2)), surprise.sum((-1, -2))
    balanced = at_inside / (inside + 1) + (at_all - at_inside) / (whole - inside + 1)
    both = (likely * truth).sum((-1, -2))
    dice = 1 - (2 * both + 1) / (likely.sum((-1, -2)) + inside + 1)
    return dice + at_all / whole + _BALANCED_WEIGHT * balanced


def iou_of(logits: Tensor, truth: Tensor) -> Tensor:
    """True IoU of masks (..., m, h, w) with (..., 1, h, w): (..., m)."""
    found, wanted = logits > 0, truth.expand_as(logits) > 0
    both = (found & wanted).sum((-1, -2)).float()
    return both / (found | wanted).sum((-1, -2)).clamp(min=1)


def best_of(each: Tensor) -> Tensor:
    """Mean over prompts of the best hypothesis' loss (..., m); a little of all others, so that none dies."""
    return (1 - _SHARE_OF_ALL) * each.amin(-1).mean() + _SHARE_OF_ALL * each.mean()


def rating_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """Of predicted IoU; errors count by their size, as the figures that people see do."""
    return functional.smooth_l1_loss(predicted, true, beta=0.1)
