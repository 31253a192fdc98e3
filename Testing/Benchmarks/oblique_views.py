"""Print Dice of lungs after clicks on planes at growing angles, and what a plane costs.

    python Testing/Benchmarks/oblique_views.py [--assets FOLDER]

Planes go through the middle of each lung of the chest scan. On a plane the labels of its voxels are the truth; what is
written into the volume is compared with the labels of the voxels within half a voxel of the plane.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from click_protocol import largest_component, next_click
from real_scans import engine_of, options_of
from scipy import ndimage
from targets import LUNG_LABELS, LUNG_WINDOW, read_array

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.oblique_plane import ObliquePlane, plane_through
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.volumes.oblique import grey_on, mask_blocks, nearest_on
from RWTHSAMLib.volumes.read import VolumeData, read_volume

SEED = 11
ANGLES_DEG = (3, 15, 30, 45, 60, 90)
PLANES = 4
CLICKS = 3


def planes_at(angle_deg: float, scan: VolumeData, lung_kji: np.ndarray) -> list[ObliquePlane]:
    """Planes through the middle of a lung, tilted by an angle out of the slices in several directions."""
    random, grid = np.random.default_rng(SEED), scan.ijk_to_ras
    k, j, i = ndimage.center_of_mass(lung_kji)
    middle = grid[:3, :3] @ [i, j, k] + grid[:3, 3]
    columns = grid[:3, :3] / np.linalg.norm(grid[:3, :3], axis=0)
    angle, planes = np.radians(angle_deg), []
    for turn in random.uniform(0, 2 * np.pi) + np.arange(PLANES) * 2 * np.pi / PLANES:
        sideways = np.cos(turn) * columns[:, 0] + np.sin(turn) * columns[:, 1]
        plane = plane_through(
            VoxelGrid(grid, lung_kji.shape), np.cos(angle) * columns[:, 2] + np.sin(angle) * sideways, middle
        )
        assert plane is not None
        planes.append(plane)
    return planes


def scores_on(engine: SamEngine, scan: VolumeData, lung_kji: np.ndarray, plane: ObliquePlane) -> list[float]:
    """Dice on the plane after each click, then that of the voxels of the last mask."""
    target = largest_component(nearest_on(lung_kji, (0, 0, 0), plane))
    image = SliceImage.from_values(grey_on(scan.array_kji, plane), LUNG_WINDOW)
    prompts, found, scores = Prompts(), np.zeros_like(target), []
    for _ in range(CLICKS):
        prompts = prompts.adding(next_click(target, found))
        found = engine.segment(image, prompts).best.mask.to_array()
        scores.append(dice(found, target))
    written = voxels(found, plane, lung_kji.shape)
    near = voxels(np.ones_like(target), plane, lung_kji.shape)
    return [*scores, dice(written & near, lung_kji & near & ndimage.binary_dilation(voxels(target, plane, near.shape)))]


def voxels(pixels: np.ndarray, plane: ObliquePlane, shape_kji: tuple[int, int, int]) -> np.ndarray:
    """Bool (k, j, i) of what a mask on a plane writes."""
    volume = np.zeros(shape_kji, bool)
    for block, (i0, i1, j0, j1, k0, k1) in mask_blocks(Mask.from_array(pixels), plane, shape_kji):
        volume[k0 : k1 + 1, j0 : j1 + 1, i0 : i1 + 1] |= block
    return volume


def best_of(work: Callable[[], object], runs: int = 3) -> float:
    """Least time in milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return min(times)


def print_costs() -> None:
    """Time of the two steps on planes through a cube."""
    print("cube, tilt: picture of the plane, voxels of a mask that fills it")
    for side in (512, 1024):
        cube = np.random.default_rng(SEED).integers(0, 255, (side, side, side), np.uint8)
        for degrees in (10, 45):
            normal = np.array([0, np.sin(np.radians(degrees)), np.cos(np.radians(degrees))])
            plane = plane_through(VoxelGrid(np.eye(4), cube.shape), normal, np.full(3, side / 2))
            assert plane is not None
            every = Mask.from_array(np.ones(plane.shape_yx(), bool))
            picture_ms = best_of(partial(grey_on, cube, plane))
            voxels_ms = best_of(partial(mask_blocks, every, plane, cube.shape))
            print(f"{side}, {degrees} degrees: {picture_ms:.0f} ms, {voxels_ms:.0f} ms")


def main() -> None:
    assets = options_of(__doc__).parse_args().assets
    volumes = assets / "volumes"
    engine = engine_of(assets)
    scan, labels_kji = read_volume(volumes / "CTChest4.nrrd"), read_array(volumes / "CTChest4_Segmentation.seg.nrrd")
    print(f"{engine.description} Seed {SEED}, {PLANES} planes through each lung.")
    print("degrees  Dice after 1, 2, 3 clicks; of the voxels written then")
    for angle in ANGLES_DEG:
        every = []
        for label in LUNG_LABELS:
            lung = labels_kji == label
            every += [scores_on(engine, scan, lung, plane) for plane in planes_at(angle, scan, lung)]
        print(f"{angle:7}  {', '.join(f'{each:.3f}' for each in np.mean(every, axis=0))}")
    print_costs()


if __name__ == "__main__":
    main()
