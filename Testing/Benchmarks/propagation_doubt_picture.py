"""A reliability plot: how often slices are right that are said to be right with some probability."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from RWTHSAMLib.core.system.atomic_file import replacing

_SIDE, _MARGIN, _BINS, _LEAST_IN_BIN = 460, 60, 8, 15
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")


def draw_reliability(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], picture: Path) -> None:
    """Draw a curve for each name: probabilities to be right, and what was right, both (slices,)."""
    image = Image.new("RGB", (_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN), "white")
    draw = ImageDraw.Draw(image)
    _draw_axes(draw)
    for at, (name, (probable, right)) in enumerate(curves.items()):
        points = [_place(*each) for each in points_of(probable, right)]
        draw.line(points, fill=_COLOURS[at], width=2)
        for x, y in points:
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=_COLOURS[at])
        draw.text((_MARGIN + 12, _MARGIN + 10 + 16 * at), f"{name} ({len(right)} slices)", fill=_COLOURS[at])
    with replacing(picture) as unfinished:
        image.save(unfinished, "PNG")


def points_of(probable: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """Mean probability and share that was right, of slices of like probability; where there are too few, none."""
    bins = np.minimum((probable * _BINS).astype(int), _BINS - 1)
    chosen = [bins == each for each in range(_BINS)]
    return [(float(probable[c].mean()), float(right[c].mean())) for c in chosen if c.sum() >= _LEAST_IN_BIN]


def _draw_axes(draw: ImageDraw.ImageDraw) -> None:
    for share in np.linspace(0, 1, 6):
        x, y = _place(float(share), float(share))
        draw.line((_MARGIN, y, _MARGIN + _SIDE, y), fill="#dddddd")
        draw.text((_MARGIN - 28, y - 6), f"{share:.1f}", fill="black")
        draw.text((x - 8, _MARGIN + _SIDE + 8), f"{share:.1f}", fill="black")
    draw.line((*_place(0, 0), *_place(1, 1)), fill="#999999")
    draw.text(
        (_MARGIN, _MARGIN + _SIDE + 28), "estimated probability that a slice is right (Dice .8 and more)", fill="black"
    )
    draw.text((_MARGIN, _MARGIN - 24), "share of these slices that is right", fill="black")


def _place(x: float, y: float) -> tuple[float, float]:
    return _MARGIN + x * _SIDE, _MARGIN + (1 - y) * _SIDE
