"""The optimiser: matrices that mix channels move by orthogonal steps, everything else by AdamW's."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_net import TINY

from RWTHSAMLib.errors import WeightsMismatch
from RWTHSAMLib.models.rwthsam_net.blocks import for_each_prompt
from Training.loop import Limits, Training
from Training.optimiser import Muon, NetOptimiser, orthogonalised
from Training.settings import TrainingSettings

SETTINGS = TrainingSettings(TINY, 3, 1, 2, 3, (64,), warm_up_steps=2)


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (24, 24)], ids=["wide", "tall", "square"])
def test_a_direction_has_no_large_and_no_small_singular_values(shape: tuple[int, int]) -> None:
    gradient = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalised(gradient))
    assert values.min() > 0.3 and values.max() < 1.3


def test_a_convolution_moves_as_the_matrix_that_it_is() -> None:
    torch.manual_seed(0)
    convolution = torch.nn.Parameter(torch.randn(8, 12, 3, 3).contiguous(memory_format=torch.channels_last))
    matrix = torch.nn.Parameter(convolution.detach().flatten(1).clone())
    convolution.grad = torch.randn(8, 12, 3, 3)
    matrix.grad = convolution.grad.flatten(1)
    for each in (convolution, matrix):
        Muon([each], 0.1, 0.02).step()
    torch.testing.assert_close(convolution.flatten(1), matrix)


def test_a_small_problem_is_solved() -> None:
    torch.manual_seed(0)
    wanted, given = torch.randn(16, 32), torch.randn(64, 32)
    layer = torch.nn.Linear(32, 16)
    optimiser = NetOptimiser(layer, 0.1, 0.0)
    for step in range(300):
        layer.zero_grad()
        loss = (layer(given) - given @ wanted.T).square().mean()
        loss.backward()
        optimiser.step(0.1 * (1 - step / 300))
    assert loss < 0.01


def test_a_checkpoint_of_another_optimiser_is_refused_in_a_sentence(tmp_path: Path) -> None:
    training = Training(tmp_path, SETTINGS, Limits(steps=1, workers=0))
    training.run()
    path = training.save()
    state = torch.load(path, weights_only=True)
    del state["optimiser"]["muon"]
    torch.save(state, path)
    with pytest.raises(WeightsMismatch, match="another folder"):
        Training(tmp_path, SETTINGS, Limits(steps=2, workers=0), resume=True)


def test_one_product_for_all_prompts_is_that_of_each_prompt() -> None:
    torch.manual_seed(0)
    weights, places = torch.randn(2, 5, 3, 7), torch.randn(2, 7, 11)
    torch.testing.assert_close(for_each_prompt(weights, places), torch.matmul(weights, places[:, None]))
