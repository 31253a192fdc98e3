"""Pictures of answers: the first click on targets that were not trained on, with the three candidates."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.system.atomic_file import replacing
from RWTHSAMLib.models.rwthsam_net.prompt_arrays import prompt_arrays
from RWTHSAMLib.models.rwthsam_net.runners import EncodedSlice, Runner

from .clicks import deepest_pixel_xy
from .data.sample import Target
from .held_out import HeldOut

_TRUTH, _FOUND = (60, 200, 90), (240, 80, 60)
_LARGEST_PX = 256


def draw_answers(runner: Runner, held_out: Iterable[HeldOut], path: Path, most_rows: int = 12) -> None:
    """A row for each target: its truth, then the candidates by their predicted IoU, with true Dice."""
    rows: list[Image.Image] = []
    for each in held_out:
        encoded = runner.encode(each.image)
        for target in each.targets:
            if len(rows) < most_rows:
                rows.append(_row(runner, encoded, each.image, target))
    sheet = Image.new("RGB", (4 * _LARGEST_PX, max(1, len(rows)) * _LARGEST_PX))
    for number, row in enumerate(rows):
        sheet.paste(row, (0, number * _LARGEST_PX))
    with replacing(path) as unfinished:
        sheet.save(unfinished, "PNG")


def _row(runner: Runner, encoded: EncodedSlice, image: np.ndarray, target: Target) -> Image.Image:
    x, y = deepest_pixel_xy(target.mask)
    answer = runner.decode(encoded, prompt_arrays(Prompts((PointPrompt(x, y),))))
    tiles = [_tile(image, target.mask, _TRUTH, (x, y), target.kind)]
    for n in np.argsort(-answer.predicted_iou):
        mask = answer.masks[n]
        tiles.append(
            _tile(image, mask, _FOUND, (x, y), f"{answer.predicted_iou[n]:.2f}, Dice {dice(mask, target.mask):.2f}")
        )
    row = Image.new("RGB", (len(tiles) * _LARGEST_PX, _LARGEST_PX))
    for number, tile in enumerate(tiles):
        row.paste(tile, (number * _LARGEST_PX, 0))
    return row


def _tile(
    image: np.ndarray, mask: np.ndarray, colour: tuple[int, int, int], click_xy: tuple[int, int], text: str
) -> Image.Image:
    picture = np.repeat(image[..., None], 3, axis=2).astype(np.float32)
    picture[mask] = 0.55 * picture[mask] + 0.45 * np.array(colour)
    tile = Image.fromarray(picture.astype(np.uint8)).resize((_LARGEST_PX, _LARGEST_PX))
    draw = ImageDraw.Draw(tile)
    x, y = click_xy[0] * _LARGEST_PX / image.shape[1], click_xy[1] * _LARGEST_PX / image.shape[0]
    draw.ellipse((x - 3, y - 3, x + 3, y + 3), outline="yellow")
    draw.text((4, 2), text, fill="yellow")
    return tile
