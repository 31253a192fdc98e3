"""Prompts by their look: the embeddings found at the points, and where else on the slice it looks like that.

Places of two by two pixels are too coarse for layers two pixels wide, of which a point means one: single pixels are
told apart by their keys.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import for_each_prompt
from .prompt_maps import BOX_MAP, CELL, MASK_MAP
from .settings import KEY_COUNT, NetSettings

# part of the network's design, chosen before its training; other values want other weights (`settings.FORMAT`)
_HIDDEN = 96
_MOST_SIMILAR, _FAR_BELOW = 4.0, 1e3
_STAND_FOR_ALL = 4


class Looks(NamedTuple):
    """What follows from the points' look.

    Attributes
    ----------
    near_pixels : list of torch.Tensor
        Two of (n, t, h / 2 * w / 2): similarity to the most similar positive, and negative, point.
    near_keys : torch.Tensor
        (n, t, 8, h / 2 * w / 2): the same of the keys of each place's four pixels, 1 alike, 0 not at all.
    near_context : torch.Tensor
        (n * t, 4, h / 8, w / 8): the same of the surroundings, and the similarity to the mean of each sign.
    trunk_scale, trunk_shift : torch.Tensor
        (n * t, trunk_channels, 1, 1).
    hidden_scale : torch.Tensor
        (n, t, hidden_channels, 1).
    """

    near_pixels: list[Tensor]
    near_keys: Tensor
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
        self.pixel = pixel
        self.trunk, self.fine = settings.trunk_channels, settings.hidden_channels
        seen = 2 * (pixel + context) + 2 + 2 * (context + 1)
        self.hidden = nn.Linear(seen, _HIDDEN)
        self.out = nn.Linear(_HIDDEN, 2 * self.trunk + self.fine)

    def forward(self, pixels: Tensor, context: Tensor, points_xy: Tensor, labels: Tensor, maps: Tensor) -> Looks:
        """Look at the points and at what box and mask cover; arrays as in `Decoder.forward`."""
        signs = ((labels == 1).float(), (labels == 0).float())
        around = context.flatten(2)
        at_places = _at(pixels, points_xy, 2)
        at_pixels, at_keys = at_places[..., : self.pixel], at_places[..., self.pixel :]
        at_context = _at(context, points_xy, CELL)
        likeness = _likeness(pixels[:, : self.pixel].flatten(2), self.ask_pixels(at_pixels), signs)
        asked = self.ask_context(at_context)
        near = _likeness(around, asked, signs)
        near += [_bounded(_products(around, _mean(asked, sign)[:, :, None]))[:, :, 0] for sign in signs]
        style = self._style(torch.cat((at_pixels, at_context), 3), around, signs, maps)
        scale, shift, fine = style.split((self.trunk, self.trunk, self.fine), 2)
        return Looks(
            likeness,
            likeness_of_keys(pixels[:, self.pixel :].flatten(2), key_of_points(at_keys, points_xy), signs),
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


def likeness_of_keys(keys: Tensor, asked: Tensor, signs: tuple[Tensor, Tensor]) -> Tensor:
    """How near the keys of pixels (n, 4 * c, p) are to the nearest of (n, t, k, c), for each sign: (n, t, 8, p)."""
    slices, prompts, _, channels = asked.shape
    chosen = [_most_different(asked, sign) for sign in signs]
    own = torch.stack([each for each, _ in chosen], 2).flatten(0, 2)
    counts = torch.stack([each for _, each in chosen], 2).flatten(0, 2)
    # minus the squared distance, 2 a b - b b - a a, as one product with no large array besides; what does not count is
    # far; no array has more than five axes, of which OpenVINO would mistake some
    which = torch.eye(KEY_COUNT, device=keys.device)
    beside = -own.square().sum(2) - _FAR_BELOW * (1 - counts)
    rows = torch.cat(
        (
            (2 * own[:, None, :, None, :] * which[None, :, None, :, None]).flatten(3),
            which[None, :, None].expand(own.shape[0], -1, own.shape[1], -1),
            beside[:, None, :, None].expand(-1, KEY_COUNT, -1, -1),
        ),
        3,
    )
    lengths = keys.unflatten(1, (KEY_COUNT, channels)).square().sum(2)
    known = torch.cat((keys, -lengths, torch.ones_like(keys[:, :1])), 1)
    near = torch.bmm(rows.reshape(slices, -1, rows.shape[3]), known)
    near = near.reshape(slices, prompts, len(signs) * KEY_COUNT, own.shape[1], -1).amax(3)
    return torch.exp(near.clamp(max=0))


def _most_different(asked: Tensor, sign: Tensor) -> tuple[Tensor, Tensor]:
    """Some of the points' keys (n, t, k, c) that stand for all, (n, t, m, c), and which of them count, (n, t, m).

    The first, then each time the one farthest from those before: a stroke has many points of one look.
    """
    apart = torch.where(sign > 0, torch.full_like(sign, _FAR_BELOW), torch.full_like(sign, -1))
    kept, counts = [], []
    for _ in range(_STAND_FOR_ALL):
        far, place = apart.max(2, keepdim=True)
        own = asked.gather(2, place[..., None].expand(-1, -1, -1, asked.shape[3]))
        kept.append(own)
        counts.append((far >= 0).float())
        apart = torch.minimum(apart, (asked - own).detach().square().sum(3))
    fewer = asked.shape[2]
    return torch.cat(kept, 2)[:, :, :fewer], torch.cat(counts, 2)[:, :, :fewer]


def key_of_points(found: Tensor, points_xy: Tensor) -> Tensor:
    """The key of each point's own pixel, (n, t, k, c), among those of its place's four."""
    column, row = (points_xy.clamp(min=0).long() % 2).unbind(3)
    own = torch.arange(KEY_COUNT, device=found.device) == (2 * row + column)[..., None]
    key: Tensor = (found.unflatten(3, (KEY_COUNT, -1)) * own[..., None]).sum(3)
    return key


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
