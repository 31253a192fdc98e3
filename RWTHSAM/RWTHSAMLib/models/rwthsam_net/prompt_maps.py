"""Prompts as pictures at an eighth of the resolution: where points, box and mask are."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

CELL = 8
"""Pixels along a place's side."""
# part of the network's design, chosen before its training: near, middle and far of a prompt, a box's rim, and logits
# that do not saturate; other values want other weights (`settings.FORMAT`)
_REACHES_PX = (6.0, 24.0, 96.0)
_FAR = 1e9
_EDGE_PX = 16.0
_MILD = 0.5
BOX_MAP = 2 * len(_REACHES_PX)
MASK_MAP = BOX_MAP + 3
MAP_COUNT = MASK_MAP + 3
"""How many maps there are, and which of them say what the box and the mask cover."""


def prompt_maps(points_xy: Tensor, labels: Tensor, box_xyxy: Tensor, mask: Tensor, has_mask: Tensor) -> Tensor:
    """All that is known about where the prompts are.

    Parameters
    ----------
    points_xy : torch.Tensor
        (b, k, 2), pixels.
    labels : torch.Tensor
        (b, k): 1 positive, 0 negative, below 0 no point.
    box_xyxy : torch.Tensor
        (b, 4), both corners inside; x_max below x_min says that there is none.
    mask : torch.Tensor
        (b, h / 2, w / 2): logits of the mask before.
    has_mask : torch.Tensor
        (b,): 1 or 0.

    Returns
    -------
    torch.Tensor
        (b, MAP_COUNT, h / 8, w / 8), each between -1 and 1.
    """
    side = CELL // 2
    rows, columns = mask.shape[-2] // side, mask.shape[-1] // side
    x = CELL * torch.arange(columns, device=mask.device, dtype=torch.float32) + (CELL - 1) / 2
    y = CELL * torch.arange(rows, device=mask.device, dtype=torch.float32) + (CELL - 1) / 2
    maps = [
        *_nearness(points_xy, labels == 1, x, y),
        *_nearness(points_xy, labels == 0, x, y),
        *_box_maps(box_xyxy, x, y),
        *_mask_maps(mask, has_mask, side),
    ]
    return torch.stack(maps, 1)


def _nearness(points_xy: Tensor, wanted: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    """How near the nearest of the wanted points is, each (b, h, w): 1 at it, 0 far away."""
    across = (points_xy[:, :, 0, None] - x) ** 2
    down = (points_xy[:, :, 1, None] - y) ** 2
    down = torch.where(wanted[:, :, None], down, torch.full_like(down, _FAR))
    distance = (down[:, :, :, None] + across[:, :, None, :]).amin(1).sqrt()
    return [torch.exp(-distance / reach) for reach in _REACHES_PX]


def _box_maps(box_xyxy: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    """Inside, depth below the nearest side (negative outside), and whether there is a box."""
    x_min, y_min, x_max, y_max = (box_xyxy[:, n, None, None] for n in range(4))
    given = (x_max >= x_min).float()
    depth_x = torch.minimum(x - x_min, x_max - x)
    depth_y = torch.minimum(y[:, None] - y_min, y_max - y[:, None])
    depth = torch.minimum(depth_x, depth_y)
    inside = ((depth + CELL / 2) / CELL).clamp(0, 1)
    return [given * inside, given * torch.tanh(depth / _EDGE_PX), given.expand_as(depth)]


def _mask_maps(mask: Tensor, has_mask: Tensor, side: int) -> list[Tensor]:
    """Share of a place that the mask covers, how sure it is, and whether there is a mask."""
    given = has_mask[:, None, None].float()
    share = functional.avg_pool2d(torch.sigmoid(mask)[:, None], side)[:, 0]
    sure = functional.avg_pool2d(torch.tanh(_MILD * mask)[:, None], side)[:, 0]
    return [given * share, given * sure, given.expand_as(share)]
