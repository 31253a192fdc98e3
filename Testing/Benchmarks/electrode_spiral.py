"""Print Dice of the electrode spiral of a real battery slice and of a phantom, found as a region and a threshold in it.

    python Testing/Benchmarks/electrode_spiral.py [--assets FOLDER]

The winding is clicked as a region, by simulated clicks (see `click_protocol`) on the label closed over its gaps: as a
disc from which the core is taken away, clicked for itself, and as a ring at once. Otsu's threshold of the region's own
grey values then finds the electrode in it, as *Threshold a class* does. Beside it stands the way over the unrolled
slice: clicks on the electrode of the band, and Otsu's threshold of the band, both rolled up again.
"""

from __future__ import annotations

import numpy as np
from click_protocol import next_click
from real_scans import engine_of, options_of
from scipy import ndimage

from RWTHSAMLib.algorithms.threshold.threshold import otsu_threshold, thresholded
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.window import propose_window
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell
from RWTHSAMLib.volumes.read import read_volume
from RWTHSAMLib.volumes.unroll import Unrolling

GAP_PX = 12
MOST_CLICKS = 7
PHANTOM_SEED, PHANTOM_SLICE = 71, 65


def clicked(engine: SamEngine, image: SliceImage, target_yx: np.ndarray, clicks: int) -> list[np.ndarray]:
    """Masks after each of so many clicks."""
    found, prompts, masks = np.zeros(target_yx.shape, bool), Prompts(), []
    for _ in range(clicks):
        prompts = prompts.adding(next_click(target_yx, found))
        found = engine.segment(image, prompts).best.mask.to_array()
        masks.append(found)
    return masks


def bright_inside(grey_yx: np.ndarray, region_yx: np.ndarray) -> np.ndarray:
    """What *Threshold a class* leaves of a region with the bright side of Otsu's threshold."""
    choices = ThresholdSettings(otsu="bright")
    left: np.ndarray = thresholded(region_yx[None], grey_yx[None], (1.0, 1.0, 1.0), choices)[0]
    return left


def unrolling_of(ring_yx: np.ndarray) -> Unrolling:
    """Round the middle of a ring, from a little inside it to its outer end."""
    disc = ndimage.binary_fill_holes(ring_yx)
    y, x = np.nonzero(disc)
    inner_px = 0.8 * float(np.sqrt(np.count_nonzero(disc & ~ring_yx) / np.pi))
    return Unrolling((x.mean(), y.mean()), inner_px, float(np.hypot(x - x.mean(), y - y.mean()).max()) + 2)


def print_unrolled(engine: SamEngine, grey: np.ndarray, label: np.ndarray, ring: np.ndarray) -> None:
    """What the way over the band reaches."""
    unrolling = unrolling_of(ring)
    band, target = unrolling.unrolled(grey), unrolling.unrolled(label.astype(np.uint8), order=0) > 0

    def score(band_vu: np.ndarray) -> float:
        return dice(unrolling.rolled(band_vu, label.shape), label)

    image = SliceImage.from_values(band, propose_window(grey))
    print(f"unrolled and rolled up again, the label itself: {score(target):.3f}")
    print(f"unrolled, Otsu on the band: {score(band > otsu_threshold(band)):.3f}")
    for clicks, mask in enumerate(clicked(engine, image, target, 10), 1):
        if clicks in (1, 6, 10):
            print(f"unrolled, {clicks} clicks on the electrode of the band: {score(mask):.3f}")


def judge(engine: SamEngine, name: str, grey: np.ndarray, label: np.ndarray) -> None:
    """Print what every way reaches on one slice."""
    print(f"--- {name}")
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
    print_unrolled(engine, grey, label, ring)


def main() -> None:
    options = options_of(__doc__).parse_args()
    engine = engine_of(options.assets)
    volumes = options.assets / "volumes"
    grey = read_volume(volumes / "battery_slice_1.tif").array_kji[0]
    judge(engine, "battery slice", grey, read_volume(volumes / "battery_slice_1_electrode_mask.tif").array_kji[0] > 0)
    phantom = cylindrical_cell(seed=PHANTOM_SEED)
    judge(engine, "phantom", phantom.grey_kji[PHANTOM_SLICE], phantom.mask_kji("Cathode")[PHANTOM_SLICE])


if __name__ == "__main__":
    main()
