"""Which part of a large slice the model looks at: it sees 1024 pixels along the longer side, whatever it is given."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from .mask import Bounds
from .prompts import Prompts

Detail = Literal["auto", "whole", "tile"]
"""Of large slices around the prompts, always of the whole slice, or always around the prompts."""
DETAILS: tuple[Detail, ...] = ("auto", "whole", "tile")

TILE_PX = 1024
"""The size that SAM's encoder looks at: a tile loses nothing."""
_LARGE_PX = 1536
"""A choice: longer slices would be shown to SAM at less than two thirds of their size (`Docs/large-slices.md`)."""
_ROOM = 1.5
"""Sides of a tile for a side of the prompts' box, a choice: the model wants to see what lies around an object."""
_STEPS_A_TILE = 4
"""Places of tiles are multiples of a quarter, so that prompts beside each other share an embedding."""


def with_tile(prompts: Prompts, shape_yx: tuple[int, int], detail: Detail) -> Prompts:
    """Prompts that say which part of the slice the model looks at.

    A tile that was chosen stays as long as all prompts lie in it, away from its edges, so that one embedding serves
    many clicks, and the mask depends on the prompts alone.

    Parameters
    ----------
    prompts : Prompts
    shape_yx : tuple of int
        Of the slice.
    detail : str
        See `DETAILS`.
    """
    longest = max(shape_yx)
    if (
        not len(prompts.for_model)
        or detail == "whole"
        or longest <= TILE_PX
        or (detail == "auto" and longest < _LARGE_PX)
    ):
        return replace(prompts, tile_xyxy=None)
    if prompts.tile_xyxy is not None and _has_room(prompts.tile_xyxy, _bounds(prompts), shape_yx):
        return prompts
    return replace(prompts, tile_xyxy=tile_around(_bounds(prompts), shape_yx))


def tile_around(bounds_xyxy: Bounds, shape_yx: tuple[int, int]) -> Bounds | None:
    """A square part of a slice, at least 1024 pixels wide, around a place; None where it would be the whole slice.

    Tiles begin at multiples of a quarter of their width, so that places near each other share one.
    """
    x0, y0, x1, y1 = bounds_xyxy
    side = max(TILE_PX, int(_ROOM * max(x1 - x0, y1 - y0)))
    rows, columns = shape_yx
    if side >= max(rows, columns):
        return None
    left, width = _placed((x0 + x1) // 2, side, columns)
    top, height = _placed((y0 + y1) // 2, side, rows)
    return left, top, left + width - 1, top + height - 1


def _placed(middle: int, side: int, count: int) -> tuple[int, int]:
    """Where a tile begins along an axis, and how long it is."""
    if side >= count:
        return 0, count
    step = side // _STEPS_A_TILE
    first = round((middle - side / 2) / step) * step
    return min(max(0, first), count - side), side


def _bounds(prompts: Prompts) -> Bounds:
    boxes = [item.bounds_xyxy for item in prompts.for_model.items]
    return (
        min(each[0] for each in boxes),
        min(each[1] for each in boxes),
        max(each[2] for each in boxes),
        max(each[3] for each in boxes),
    )


def _has_room(tile: Bounds, inner: Bounds, shape_yx: tuple[int, int]) -> bool:
    """Whether there is an eighth of the tile between what lies in it and its edges, where the slice goes on."""
    rows, columns = shape_yx
    room = (min(tile[2] - tile[0], tile[3] - tile[1]) + 1) // 8
    return all(
        (
            tile[0] == 0 or inner[0] - tile[0] >= room,
            tile[1] == 0 or inner[1] - tile[1] >= room,
            tile[2] == columns - 1 or tile[2] - inner[2] >= room,
            tile[3] == rows - 1 or tile[3] - inner[3] >= room,
        )
    )
