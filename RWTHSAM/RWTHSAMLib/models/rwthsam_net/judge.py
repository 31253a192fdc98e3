"""How good a mask probably is: its predicted IoU, from what lies under it and from how sure its logits are."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .settings import NetSettings

# part of the network's design, chosen before its training (`settings.FORMAT`); the offset in logits is that of
# segment-anything's stability score
_PLACE = 4
_HIDDEN = 64
_OFFSET = 1.0
_FIGURES = 5


class Judge(nn.Module):
    """Predicts the IoU of hypotheses.

    Parameters
    ----------
    settings : NetSettings
    """

    def __init__(self, settings: NetSettings) -> None:
        super().__init__()
        self.kind = nn.Parameter(torch.zeros(settings.hypotheses + 1, _HIDDEN))
        self.hidden = nn.Linear(3 * settings.trunk_channels + _FIGURES, _HIDDEN)
        self.between = nn.Linear(_HIDDEN, _HIDDEN)
        self.out = nn.Linear(_HIDDEN, 1)

    def forward(self, logits: Tensor, trunk: Tensor, wanted: Tensor) -> Tensor:
        """Rate masks; the masks themselves learn nothing from it.

        Parameters
        ----------
        logits : torch.Tensor
            (b, m, h / 2, w / 2).
        trunk : torch.Tensor
            (b, trunk_channels, h / 8, w / 8).
        wanted : torch.Tensor
            (m,), int64: which hypotheses they are.

        Returns
        -------
        torch.Tensor
            (b, m), 0 to 1.
        """
        covered = torch.sigmoid(logits)
        share = functional.avg_pool2d(covered, _PLACE).flatten(2)
        unsure = functional.avg_pool2d(covered * (1 - covered), _PLACE).flatten(2)
        places = trunk.flatten(2).transpose(1, 2)
        parts = [
            torch.matmul(share, places) / (share.sum(2, keepdim=True) + 1),
            torch.matmul(unsure, places) / (unsure.sum(2, keepdim=True) + 1),
            places.mean(1)[:, None].expand(-1, share.shape[1], -1),
            _figures(logits, covered, unsure),
        ]
        hidden = functional.relu(self.hidden(torch.cat(parts, 2)) + self.kind.index_select(0, wanted))
        rated: Tensor = torch.sigmoid(self.out(functional.relu(self.between(hidden)))[..., 0])
        return rated


def _figures(logits: Tensor, covered: Tensor, unsure: Tensor) -> Tensor:
    """Size, share of unsure pixels, and how much the mask changes with its threshold, (b, m, 5)."""
    area = covered.flatten(2).sum(2)
    larger = torch.sigmoid(logits + _OFFSET).flatten(2).sum(2)
    smaller = torch.sigmoid(logits - _OFFSET).flatten(2).sum(2)
    stable = (smaller + 1) / (larger + 1)
    doubt = unsure.sum(2) * _PLACE**2 / (area + 1)
    whole = covered.shape[-1] * covered.shape[-2]
    size = torch.log1p(area)
    return torch.stack((stable, doubt, area / whole, size / 10, torch.exp(-size)), 2)
