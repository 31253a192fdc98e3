"""Print Dice of objects on large slices: the model looks at the whole slice, or at a tile around the clicks.

    python Testing/Benchmarks/large_slices.py [--assets FOLDER]

Large slices with real detail are put together of real ones: slices of a scan side by side, so many that they fill about
3000 pixels, of which one holds the object. Clicks are simulated, see `click_protocol`.
"""

from __future__ import annotations

import numpy as np
from click_protocol import next_click
from real_scans import engine_of, options_of
from targets import LUNG_WINDOW, Target, cell_parts, lungs

from RWTHSAMLib.core.crop import Detail, with_tile
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.inference.engine import SamEngine

LARGE_PX = 2900
CLICKS = 3
OBJECTS = 4


def mosaic(targets: list[Target], which: int) -> tuple[SliceImage, np.ndarray]:
    """Slices side by side, and the object of one of them, which lies in the second row and column."""
    rows, columns = targets[which].image.shape_yx
    side = LARGE_PX // max(rows, columns) + 1
    pixels = np.zeros((side * rows, side * columns), np.uint8)
    mask = np.zeros(pixels.shape, bool)
    for place in range(side * side):
        number = which if place == side + 1 else (which + 1 + place) % len(targets)
        part = np.s_[
            place // side * rows : (place // side + 1) * rows, place % side * columns : (place % side + 1) * columns
        ]
        pixels[part] = targets[number].image.pixels
        if place == side + 1:
            mask[part] = targets[which].mask_yx
    return SliceImage(pixels), mask


def clicked(engine: SamEngine, image: SliceImage, mask_yx: np.ndarray, detail: Detail) -> list[float]:
    """Dice after each click."""
    prompts, found, scores = Prompts(), np.zeros_like(mask_yx), []
    for _ in range(CLICKS):
        prompts = with_tile(prompts.adding(next_click(mask_yx, found)), image.shape_yx, detail)
        found = engine.segment(image, prompts).best.mask.to_array()
        scores.append(dice(found, mask_yx))
    return scores


def main() -> None:
    options = options_of(__doc__).parse_args()
    engine = engine_of(options.assets)
    parts = {"lungs": lungs(options.assets / "volumes", LUNG_WINDOW), **cell_parts(options.assets / "volumes")}
    for name, targets in parts.items():
        if name == "can as a ring":
            continue
        for detail in ("whole", "tile"):
            scores = []
            for which in range(0, len(targets), max(1, len(targets) // OBJECTS)):
                image, mask_yx = mosaic(targets, which)
                scores.append(clicked(engine, image, mask_yx, detail))
            means = ", ".join(f"{each:.3f}" for each in np.mean(scores, axis=0))
            print(f"{name} on {image.shape_yx[1]} x {image.shape_yx[0]} pixels, {detail}: {means}", flush=True)


if __name__ == "__main__":
    main()
