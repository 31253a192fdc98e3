"""What is looked for: parts of phantoms, lungs with labels, parts of a real Li-ion cell derived from its grey values.

The cell has no published labels. Its parts are found by thresholds and connected components, checked by eye: the
whole cell is what is brighter than the air, its holes filled; the can is the largest bright component; the core hole
is the dark component at the cell's centre, up to the half-way grey between it and the windings around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from click_protocol import largest_component
from scipy import ndimage

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell, pouch_cell

LUNG_WINDOW = Window(-1350, 150)
LUNG_LABELS = (5, 6)
LUNG_SLICES = 10
CELL_SLICES = range(60, 100, 5)
FIRST_CORE_SLICE = 65
CAN_GREY = 150
HELD_OUT_SEEDS = (100_001, 100_002, 100_003)
"""Of phantoms; training slices have smaller ones."""
_PHANTOM_SHAPE_KJI, _PHANTOM_SLICE = (24, 256, 256), 16


@dataclass(frozen=True, eq=False)
class Target:
    """One object on one slice."""

    image: SliceImage
    mask_yx: np.ndarray


def lungs(volumes: Path, window: Window | None) -> list[Target]:
    """Largest component of lung on each of the ten slices where it is largest."""
    scan, labels = read_array(volumes / "CTChest4.nrrd"), read_array(volumes / "CTChest4_Segmentation.seg.nrrd")
    window = window or Window(float(scan.min()), float(scan.max()))
    lung = {k: _larger_lung(labels[k]) for k in range(len(scan))}
    largest = sorted(lung, key=lambda k: np.count_nonzero(lung[k]), reverse=True)[:LUNG_SLICES]
    return [Target(SliceImage.from_values(scan[k], window), lung[k]) for k in sorted(largest)]


def cell_parts(volumes: Path) -> dict[str, list[Target]]:
    """Core hole, whole cell and can of the Li-ion cell on slices through the jelly roll."""
    scan = read_array(volumes / "liion_cell_xct_100x728x728_u8.nrrd")
    parts: dict[str, list[Target]] = {"core hole": [], "whole cell": [], "can as a ring": []}
    for k in CELL_SLICES:
        image = SliceImage(scan[k])
        for name, mask in parts_of_cell(scan[k]):
            if name != "core hole" or k >= FIRST_CORE_SLICE:
                parts[name].append(Target(image, mask))
    return parts


def phantom_parts(seeds: Sequence[int] = HELD_OUT_SEEDS) -> dict[str, list[Target]]:
    """Every class of phantoms, all layers of a kind together, and the roll or stack of layers, on one slice each."""
    parts: dict[str, list[Target]] = {}
    for seed in seeds:
        for make in (cylindrical_cell, pouch_cell):
            made = make(_PHANTOM_SHAPE_KJI, seed=seed)
            image = SliceImage.from_values(made.grey_kji[_PHANTOM_SLICE])
            masks = {name.lower(): made.mask_kji(name)[_PHANTOM_SLICE] for name in made.class_names}
            masks["roll or stack"] = made.jelly_roll_kji[_PHANTOM_SLICE]
            for name, mask_yx in masks.items():
                if mask_yx.any():
                    parts.setdefault(name, []).append(Target(image, mask_yx))
    return parts


def _larger_lung(labels_yx: np.ndarray) -> np.ndarray:
    sides = [labels_yx == label for label in LUNG_LABELS]
    return largest_component(max(sides, key=np.count_nonzero))


def parts_of_cell(grey_yx: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Names and masks of what is on a slice of the cell."""
    from skimage.filters import threshold_multiotsu

    smooth = ndimage.gaussian_filter(grey_yx.astype(float), 1)
    air, _ = threshold_multiotsu(grey_yx, 3)
    cell = largest_component(ndimage.binary_fill_holes(ndimage.binary_opening(smooth > 0.8 * air)))
    yield "core hole", _core_hole(smooth, cell)
    yield "whole cell", cell
    yield "can as a ring", largest_component(cell & (smooth > CAN_GREY))


def _core_hole(smooth_yx: np.ndarray, cell_yx: np.ndarray) -> np.ndarray:
    centre_yx = ndimage.center_of_mass(cell_yx)
    distance = np.hypot(*(np.indices(cell_yx.shape) - np.reshape(centre_yx, (2, 1, 1))))
    radius = np.sqrt(np.count_nonzero(cell_yx) / np.pi)
    inside, around = smooth_yx[distance < radius / 10], smooth_yx[(distance > radius / 5) & (distance < radius / 2)]
    dark, _ = ndimage.label(cell_yx & (smooth_yx < (np.median(inside) + np.median(around)) / 2))
    return np.asarray(dark == dark[tuple(int(each) for each in centre_yx)])


def read_array(path: Path) -> np.ndarray:
    """(k, j, i) numbers of a scan or its labels, without their place in the world."""
    import SimpleITK

    return SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path)))
