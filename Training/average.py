"""A running average of the weights: what is evaluated and shipped, since it is good at whatever step a run ends."""

from __future__ import annotations

import copy

import torch

from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet

_SLOWEST = 0.999


class Average:
    """Weights that follow those of a network.

    Parameters
    ----------
    network : RwthSamNet
    """

    def __init__(self, network: RwthSamNet) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def follow(self, network: RwthSamNet, step: int) -> None:
        """Move towards a network's weights, at first fast, later slowly."""
        keep = min(_SLOWEST, (1 + step) / (10 + step))
        for own, other in zip(self.network.parameters(), network.parameters(), strict=True):
            own.lerp_(other, 1 - keep)
