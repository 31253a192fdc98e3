"""The learning curve as a picture: means over many steps, since a step sees a few slices only."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from RWTHSAMLib.core.system.atomic_file import replacing

_WIDTH, _HEIGHT, _MARGIN = 900, 420, 50
_SHOWN = {"first_iou": "#c02020", "best_iou": "#2060c0", "last_iou": "#208040", "rating_error": "#a07010"}
_POINTS = 60


def draw_curve(table: Path, picture: Path) -> None:
    """Draw IoU of the first shown, the best and the last mask, and the error of the rating, over steps."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    bottom, right = _HEIGHT - _MARGIN, _WIDTH - _MARGIN
    for share in np.linspace(0, 1, 6):
        y = bottom - share * (bottom - _MARGIN)
        draw.line((_MARGIN, y, right, y), fill="#dddddd")
        draw.text((10, y - 6), f"{share:.1f}", fill="black")
    last = int(rows[-1]["step"]) if rows else 0
    draw.text((_MARGIN, bottom + 10), f"0 to {last} steps, means of {max(1, len(rows) // _POINTS)} steps", fill="black")
    for number, (name, colour) in enumerate(_SHOWN.items()):
        draw.text((_MARGIN + 130 * number, 15), name.replace("_", " "), fill=colour)
        means = [
            float(np.mean(part)) for part in np.array_split([float(row[name]) for row in rows], _POINTS) if len(part)
        ]
        x = np.linspace(_MARGIN, right, max(2, len(means)))
        draw.line([(a, bottom - b * (bottom - _MARGIN)) for a, b in zip(x, means, strict=False)], fill=colour, width=2)
    with replacing(picture) as unfinished:
        image.save(unfinished, "PNG")
