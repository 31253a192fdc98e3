"""The optimiser: Muon for the matrices that mix channels, AdamW for everything else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

_SMALLEST_SIDE = 8
_BETAS = (0.9, 0.98)
_QUINTIC, _ITERATIONS = (3.4445, -4.7750, 2.0315), 5
_ADAMW_RMS = 0.2


class NetOptimiser:
    """Steps of all parameters of a network.

    Parameters
    ----------
    network : torch.nn.Module
    learning_rate, weight_decay : float
    """

    def __init__(self, network: nn.Module, learning_rate: float, weight_decay: float) -> None:
        parameters = [p for p in network.parameters() if p.requires_grad]
        matrices, others = [p for p in parameters if _is_matrix(p)], [p for p in parameters if not _is_matrix(p)]
        self._parts: dict[str, Optimizer] = {
            "muon": Muon(matrices, learning_rate, weight_decay),
            "adamw": AdamW(others, learning_rate, _BETAS, weight_decay=weight_decay),
        }

    def step(self, learning_rate: float) -> None:
        """Move all parameters by their gradients."""
        for each in self._parts.values():
            each.param_groups[0]["lr"] = learning_rate
            each.step()

    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {name: each.state_dict() for name, each in self._parts.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        for name, each in self._parts.items():
            each.load_state_dict(state[name])


class Muon(Optimizer):
    """Moves a matrix by the orthogonalised momentum of its gradient.

    As K. Jordan et al., "Muon" (2024), with the step matched to AdamW's as in J. Liu et al., "Muon is scalable for LLM
    training" (2025), so that both share a learning rate. `torch.optim.Muon` takes no convolutions and computes in
    bfloat16, which takes twenty times longer on processors without it.

    Parameters
    ----------
    parameters : sequence of torch.Tensor
        (out, in) or (out, in, rows, columns).
    learning_rate, weight_decay : float
    momentum : float
    """

    def __init__(
        self, parameters: Sequence[Tensor], learning_rate: float, weight_decay: float, momentum: float = 0.95
    ) -> None:
        super().__init__(parameters, {"lr": learning_rate, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Move all parameters that have a gradient."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is not None:
                    direction = self._direction(matrix, matrix.grad, group["momentum"])
                    size = _ADAMW_RMS * math.sqrt(max(direction.shape))
                    matrix.mul_(1 - group["lr"] * group["weight_decay"])
                    matrix.add_(direction.reshape(matrix.shape), alpha=-group["lr"] * size)

    def _direction(self, matrix: Tensor, gradient: Tensor, momentum: float) -> Tensor:
        mean = self.state[matrix].setdefault("momentum", torch.zeros_like(matrix))
        mean.lerp_(gradient, 1 - momentum)
        return orthogonalised(torch.lerp(gradient, mean, momentum).flatten(1))


def orthogonalised(matrix: Tensor) -> Tensor:
    """A matrix (m, n) with its singular values brought near 1, by Newton-Schulz iterations."""
    is_tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if is_tall else matrix
    x = x / x.norm().clamp(min=1e-7)
    a, b, c = _QUINTIC
    for _ in range(_ITERATIONS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if is_tall else x


def _is_matrix(parameter: Tensor) -> bool:
    """Linear layers and convolutions that mix channels; depthwise ones, biases and scales are none."""
    return parameter.ndim in (2, 4) and min(parameter.shape[:2]) >= _SMALLEST_SIDE
