"""Losses: better masks cost less, thin ones as much as large ones, and only the best candidate must be right."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from Training.losses import best_of, iou_of, mask_loss


@pytest.fixture
def square() -> Tensor:
    truth = torch.zeros(1, 32, 32)
    truth[:, 8:24, 8:24] = 1
    return truth


def sure_of(mask: Tensor) -> Tensor:
    return 12 * mask - 6


def test_the_right_mask_costs_next_to_nothing_and_its_opposite_most(square: Tensor) -> None:
    half = square.clone()
    half[:, 16:] = 0
    right, part, wrong = (float(mask_loss(sure_of(each), square)) for each in (square, half, 1 - square))
    assert right < 0.02 < part < wrong


def test_missing_a_thin_layer_costs_at_least_half_of_missing_a_square_eight_times_as_large(square: Tensor) -> None:
    layer = torch.zeros_like(square)
    layer[:, 16] = 1
    nothing = torch.full_like(square, -6.0)
    assert float(mask_loss(nothing, layer)) > 0.5 * float(mask_loss(nothing, square))


def test_iou_counts_pixels_of_both(square: Tensor) -> None:
    half = square.clone()
    half[:, 16:] = 0
    candidates = torch.cat((sure_of(half), sure_of(square), sure_of(1 - square)))
    assert iou_of(candidates, square).tolist() == [0.5, 1.0, 0.0]


def test_the_best_candidate_counts_and_the_others_hardly() -> None:
    losses = torch.tensor([[3.0, 0.0, 3.0]])
    assert float(best_of(losses)) == pytest.approx(0.2)


def test_the_rating_of_an_empty_target_is_a_number() -> None:
    assert iou_of(torch.full((1, 4, 4), -1.0), torch.zeros(1, 4, 4)).tolist() == [0.0]
