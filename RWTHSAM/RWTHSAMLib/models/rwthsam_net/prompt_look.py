"""Prompts by their look: the embeddings found at the points, and where else on the slice it looks like that."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import for_each_prompt
from .prompt_maps import BOX_MAP, CELL, MASK_MAP
from .settings import NetSettings

# part of the network's design, chosen before its training; other values want other weights (`settings.FORMAT`)
_HIDDEN = 96
_MOST_SIMILAR, _FAR_BELOW = 4.0, 1e3


class Looks(NamedTuple):
    """What follows from the points' look.

    Attributes
    ----------
    near_pixels : list of torch.Tensor
        Two of (n, t, h / 2 * w / 2): similarity to the most similar positive, and negative, point.
    near_context : torch.Tensor
        (n * t, 4, h / 8, w / 8): the same of the surroundings, and the similarity to the mean of each sign.
    trunk_scale, trunk_shift : torch.Tensor
        (n * t, trunk_channels, 1, 1).
    hidden_scale : torch.Tensor
        (n, t, hidden_channels, 1).
    """

    near_pixels: list[Tensor]
    near_context: Tensor
    trunk_scale: Tensor
    trunk_shift: Tensor
    hidden_scale: Tensor


class PromptLook(nn.Module):
    """Gathers embeddings where prompts are.

    Parameters
    ----------
    settings : NetSettings
    """

    def __init__(self, settings: NetSettings) -> None:
        super().__init__()
        pixel, context = settings.pixel_channels, settings.context_channels
        self.ask_pixels = nn.Linear(pixel, pixel)
        self.ask_context = nn.Linear(context, context)
        self.trunk, self.fine = settings.trunk_channels, settings.hidden_channels
        seen = 2 * (pixel + context) + 2 + 2 * (context + 1)
        self.hidden = nn.Linear(seen, _HIDDEN)
        self.out = nn.Linear(_HIDDEN, 2 * self.trunk + self.fine)

    def forward(self, pixels: Tensor, context: Tensor, points_xy: Tensor, labels: Tensor, maps: Tensor) -> Looks:
        """Look at the points and at what box and mask cover; arrays as in `Decoder.forward`."""
        signs = ((labels == 1).float(), (labels == 0).float())
        around = context.flatten(2)
        at_pixels = _at(pixels, points_xy, 2)
        at_context = _at(context, points_xy, CELL)
        likeness = _likeness(pixels.flatten(2), self.ask_pixels(at_pixels), signs)
        asked = self.ask_context(at_context)
        near = _likeness(around, asked, signs)
        near += [_bounded(_products(around, _mean(asked, sign)[:, :, None]))[:, :, 0] for sign in signs]
        style = self._style(torch.cat((at_pixels, at_context), 3), around, signs, maps)
        scale, shift, fine = style.split((self.trunk, self.trunk, self.fine), 2)
        return Looks(
            likeness,
            torch.stack(near, 2).reshape(maps.shape[0], -1, maps.shape[2], maps.shape[3]),
            scale.flatten(0, 1)[:, :, None, None],
            shift.flatten(0, 1)[:, :, None, None],
            fine[..., None],
        )

    def _style(self, found: Tensor, around: Tensor, signs: tuple[Tensor, Tensor], maps: Tensor) -> Tensor:
        """(n, t, all three scales and shifts): what is clicked on or covered, as weights for all places."""
        parts = [_mean(found, sign) for sign in signs]
        parts += [sign.amax(2)[:, :, None] for sign in signs]
        covering = maps.reshape(found.shape[0], found.shape[1], maps.shape[1], -1)
        for inside in (covering[:, :, BOX_MAP], covering[:, :, MASK_MAP]):
            total = inside.sum(2)[:, :, None]
            parts += [torch.matmul(inside, around.transpose(1, 2)) / (total + 1), total / (total + 1)]
        style: Tensor = self.out(functional.relu(self.hidden(torch.cat(parts, 2))))
        return style


def _products(keys: Tensor, asked: Tensor) -> Tensor:
    """Likeness of places (n, c, p) to what is asked for (n, t, k, c): (n, t, k, p)."""
    return for_each_prompt(asked * keys.shape[1] ** -0.5, keys)


def _bounded(likeness: Tensor) -> Tensor:
    return _MOST_SIMILAR * torch.tanh(likeness / _MOST_SIMILAR)


def _likeness(keys: Tensor, asked: Tensor, signs: tuple[Tensor, Tensor]) -> list[Tensor]:
    """Likeness to the most similar point of each sign, (n, t, p); 0 without such a point."""
    product = _products(keys, asked)
    # a point that does not count is pushed below all others
    best = [(product - _FAR_BELOW * (1 - sign)[..., None]).amax(2) for sign in signs]
    return [_bounded(each) * sign.amax(2)[:, :, None] for each, sign in zip(best, signs, strict=True)]


def _at(found: Tensor, points_xy: Tensor, pixels_per_place: int) -> Tensor:
    """Embeddings (n, c, rows, columns) at points (n, t, k, 2): (n, t, k, c)."""
    rows, columns = found.shape[2], found.shape[3]
    x = (points_xy[..., 0] / pixels_per_place).long().clamp(0, columns - 1)
    y = (points_xy[..., 1] / pixels_per_place).long().clamp(0, rows - 1)
    places = (y * columns + x).flatten(1)[:, None].expand(-1, found.shape[1], -1)
    there = found.flatten(2).gather(2, places).transpose(1, 2)
    return there.reshape(points_xy.shape[0], points_xy.shape[1], points_xy.shape[2], -1)


def _mean(found: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean over the points of (n, t, k, c): (n, t, c); 0 without a point."""
    total = weights.sum(2)[:, :, None]
    return (found * weights[..., None]).sum(2) / total.clamp(min=1)
