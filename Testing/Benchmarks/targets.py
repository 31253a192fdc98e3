"""What is looked for in the real scans: lungs with labels, and parts of the Li-ion cell derived from its grey values.

The cell has no published labels. Its parts are found by thresholds and connected components, checked by eye: the
whole cell is what is brighter than the air, its holes filled; the can is the largest bright component; the core hole
is the dark component at the cell's centre.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from click_protocol import largest_component
from scipy import ndimage

from RWTHSAMLib.image import SliceImage, Window

LUNG_WINDOW = Window(-1350, 150)
LUNG_LABELS = (5, 6)
LUNG_SLICES_PER_SIDE = 5
CELL_SLICES = range(65, 100, 5)
CAN_GREY = 150


@dataclass(frozen=True, eq=False)
class Target:
    """One object on one slice."""

    image: SliceImage
    mask_yx: np.ndarray


def lungs(volumes: Path, window: Window | None) -> list[Target]:
    """Largest component of either lung on five slices each, evenly spread over those that hold a lot of it."""
    scan, labels = _read(volumes / "CTChest4.nrrd"), _read(volumes / "CTChest4_Segmentation.seg.nrrd")
    window = window or Window(float(scan.min()), float(scan.max()))
    return [
        Target(SliceImage.from_values(scan[k], window), largest_component(labels[k] == label))
        for label in LUNG_LABELS
        for k in _spread_slices(labels == label)
    ]


def cell_parts(volumes: Path) -> dict[str, list[Target]]:
    """Core hole, whole cell and can of the Li-ion cell on slices through the jelly roll."""
    scan = _read(volumes / "liion_cell_xct_100x728x728_u8.nrrd")
    parts: dict[str, list[Target]] = {"core hole": [], "whole cell": [], "can as a ring": []}
    for k in CELL_SLICES:
        image = SliceImage(scan[k])
        for name, mask in _parts_of(scan[k]):
            parts[name].append(Target(image, mask))
    return parts


def _parts_of(grey_yx: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    from skimage.filters import threshold_multiotsu

    smooth = ndimage.gaussian_filter(grey_yx.astype(float), 1)
    air, _ = threshold_multiotsu(grey_yx, 3)
    cell = largest_component(ndimage.binary_fill_holes(ndimage.binary_opening(smooth > 0.8 * air)))
    centre = tuple(int(each) for each in ndimage.center_of_mass(cell))
    dark, _ = ndimage.label(cell & (smooth < air))
    yield "core hole", dark == dark[centre]
    yield "whole cell", cell
    yield "can as a ring", largest_component(cell & (smooth > CAN_GREY))


def _spread_slices(label_kji: np.ndarray) -> list[int]:
    areas = label_kji.sum(axis=(1, 2))
    large = np.flatnonzero(areas > areas.max() / 4)
    return [int(large[n]) for n in np.linspace(0, len(large) - 1, LUNG_SLICES_PER_SIDE).round().astype(int)]


def _read(path: Path) -> np.ndarray:
    import SimpleITK

    return SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path)))
