"""The encoder: a slice in; out come the embedding of every second pixel, of its surroundings, and every pixel's key."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import LookBlock, MixBlock, larger
from .settings import KEY_COUNT, NetSettings

# part of the network's design, chosen before its training (`settings.FORMAT`)
_MIDDLE_GREY, _GREY_SPREAD = 0.4, 0.25
_FIRST_KEY = 2.0


class Encoder(nn.Module):
    """A pyramid down to 1/32 of the resolution and up again to 1/2.

    Parameters
    ----------
    settings : NetSettings
    """

    def __init__(self, settings: NetSettings) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth, coarsest = settings.widths
        depths = settings.depths
        self.stem = nn.Conv2d(KEY_COUNT, half, 3, padding=1)
        self.to_quarter = nn.Conv2d(half, quarter, 3, stride=2, padding=1)
        self.at_quarter = nn.Sequential(*(MixBlock(quarter, 5) for _ in range(depths[0])))
        self.to_eighth = nn.Conv2d(quarter, eighth, 2, stride=2)
        self.at_eighth = nn.Sequential(*(MixBlock(eighth) for _ in range(depths[1])))
        self.to_sixteenth = nn.Conv2d(eighth, sixteenth, 2, stride=2)
        self.at_sixteenth = nn.Sequential(*(MixBlock(sixteenth) for _ in range(depths[2])))
        self.to_coarsest = nn.Conv2d(sixteenth, coarsest, 2, stride=2)
        self.at_coarsest = nn.Sequential(*_looking(coarsest, depths[3]))
        self.from_coarsest = nn.Conv2d(coarsest, sixteenth, 1)
        self.up_sixteenth = MixBlock(sixteenth)
        self.from_sixteenth = nn.Conv2d(sixteenth, eighth, 1)
        self.up_eighth = MixBlock(eighth)
        self.from_eighth = nn.Conv2d(eighth, quarter, 1)
        self.up_quarter = MixBlock(quarter, 5)
        self.from_quarter = nn.Conv2d(quarter, settings.pixel_channels, 1)
        self.from_half = nn.Conv2d(half, settings.pixel_channels, 1)
        self.at_half = nn.Conv2d(settings.pixel_channels, settings.pixel_channels, 3, padding=1)
        self.to_context = nn.Conv2d(eighth, settings.context_channels, 1)
        self.context_norm = nn.GroupNorm(1, settings.context_channels)
        self.pixel_norm = nn.GroupNorm(1, settings.pixel_channels)
        self.to_keys = nn.Conv2d(settings.pixel_channels + KEY_COUNT, KEY_COUNT * settings.key_channels, 1)
        _begin_with_grey(self.to_keys, settings)

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        """Embed slices.

        Parameters
        ----------
        grey : torch.Tensor
            (b, 1, h, w), 0 black to 1 white; h and w are multiples of 32.

        Returns
        -------
        pixels : torch.Tensor
            (b, embedding_channels, h / 2, w / 2): the embedding of a place, then its four pixels' keys, row by row.
        context : torch.Tensor
            (b, context_channels, h / 8, w / 8).
        """
        seen = functional.pixel_unshuffle((grey - _MIDDLE_GREY) / _GREY_SPREAD, 2)
        half = functional.relu(self.stem(seen))
        quarter = self.at_quarter(self.to_quarter(half))
        eighth = self.at_eighth(self.to_eighth(quarter))
        sixteenth = self.at_sixteenth(self.to_sixteenth(eighth))
        coarsest = self.at_coarsest(self.to_coarsest(sixteenth))
        sixteenth = self.up_sixteenth(sixteenth + larger(self.from_coarsest(coarsest)))
        eighth = self.up_eighth(eighth + larger(self.from_sixteenth(sixteenth)))
        quarter = self.up_quarter(quarter + larger(self.from_eighth(eighth)))
        fine = functional.relu(self.from_half(half) + larger(self.from_quarter(quarter)))
        pixels = self.pixel_norm(fine + self.at_half(fine))
        keys = self.to_keys(torch.cat((pixels, seen), 1))
        return torch.cat((pixels, keys), 1), self.context_norm(self.to_context(eighth))


def _looking(channels: int, depth: int) -> list[nn.Module]:
    return [kind(channels) for _ in range(depth) for kind in (LookBlock, MixBlock)]


def _begin_with_grey(to_keys: nn.Conv2d, settings: NetSettings) -> None:
    """Let a pixel's key be, before any training, its grey value: what looks alike has the same."""
    with torch.no_grad():
        keys = to_keys.weight.unflatten(0, (KEY_COUNT, settings.key_channels))
        for pixel in range(KEY_COUNT):
            keys[pixel, 0, settings.pixel_channels + pixel] = _FIRST_KEY
