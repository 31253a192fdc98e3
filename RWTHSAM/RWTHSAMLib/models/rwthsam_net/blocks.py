"""Building blocks of the network.

Normalisation is over one slice's channels and places together (group normalisation with one group): it does not depend
on which other slices or prompts are in a batch, so training and use see the same numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

# part of the network's design, chosen before its training; other values want other weights (`settings.FORMAT`)
_FIRST_SCALE = 0.1
_HEAD = 32


class MixBlock(nn.Module):
    """Looks around with a depthwise convolution, then mixes channels; added to what came in.

    Parameters
    ----------
    channels : int
    reach : int
        Side in places of the depthwise convolution.
    wider : int
        How many times more channels there are between the two mixings.
    """

    def __init__(self, channels: int, reach: int = 7, wider: int = 2) -> None:
        super().__init__()
        self.around = nn.Conv2d(channels, channels, reach, padding=reach // 2, groups=channels)
        self.norm = nn.GroupNorm(1, channels)
        self.widen = nn.Conv2d(channels, wider * channels, 1)
        self.narrow = nn.Conv2d(wider * channels, channels, 1)
        self.scale = nn.Parameter(torch.full((channels, 1, 1), _FIRST_SCALE))

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, h, w) in and out."""
        mixed: Tensor = self.narrow(functional.relu(self.widen(self.norm(self.around(x)))))
        return x + self.scale * mixed


class LookBlock(nn.Module):
    """Every place looks at all others: softmax attention, for the few places of the coarsest level.

    Parameters
    ----------
    channels : int
        A multiple of 32, the channels of one head.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = channels // _HEAD
        self.where = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm = nn.GroupNorm(1, channels)
        self.ask = nn.Conv2d(channels, 3 * channels, 1)
        self.answer = nn.Conv2d(channels, channels, 1)
        self.scale = nn.Parameter(torch.full((channels, 1, 1), _FIRST_SCALE))

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, h, w) in and out."""
        x = x + self.where(x)  # the convolution's padding tells a place where it is
        batch, channels, height, width = x.shape
        asked = self.ask(self.norm(x)).reshape(batch, 3, self.heads, _HEAD, height * width)
        query, key, value = asked.transpose(3, 4).unbind(1)
        seen = functional.scaled_dot_product_attention(query, key, value)
        seen = seen.transpose(2, 3).reshape(batch, channels, height, width)
        answered: Tensor = self.answer(seen)
        return x + self.scale * answered


def larger(x: Tensor, times: int = 2) -> Tensor:
    """So many times the resolution, bilinear."""
    enlarged: Tensor = functional.interpolate(x, scale_factor=float(times), mode="bilinear", align_corners=False)
    return enlarged


def for_each_prompt(weights: Tensor, places: Tensor) -> Tensor:
    """Weights of each prompt times the embeddings of its slice.

    The rows of all prompts make one product, so that the large array is not copied for each prompt.

    Parameters
    ----------
    weights : torch.Tensor
        (n, t, k, c).
    places : torch.Tensor
        (n, c, p).

    Returns
    -------
    torch.Tensor
        (n, t, k, p).
    """
    products = torch.bmm(weights.flatten(1, 2), places)
    return products.reshape(*weights.shape[:3], -1)
