"""Grey values of real scans, for learning from another network's masks; no label file is ever read here.

The scans lie in the folder `volumes` of the folder that RWTHSAM_ASSETS names. What the project is judged by is not
among them: `battery_slice_1.tif` whole, and of every scan the slices `is_held_out` says.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import ndimage

from RWTHSAMLib.errors import VolumeError
from RWTHSAMLib.volumes.read import read_volume

from .chance import chance, log_uniform
from .scanner.window import choose_window, to_uint8

SCANS = (
    "liion_cell_xct_100x728x728_u8.nrrd",
    "CTChest4.nrrd",
    "qim3d_cement_128x128x128.tif",
    "qim3d_bone_128x128x128.tif",
    "qim3d_fibers_150x150x150.tif",
    "abdomen_ct.nii.gz",
)
"""Names of the scans; no others are looked for."""
_HELD_OUT_EVERY = 10


@dataclass(frozen=True, eq=False)
class RealSlice:
    """A piece of a real scan: uint8 (rows, columns), and where it is from."""

    image: np.ndarray
    scan: str
    slice_index: int


def is_held_out(slice_index: int) -> bool:
    """Whether a slice (of the scan's first axis) is kept for evaluation."""
    return slice_index % _HELD_OUT_EVERY == 0


def make_real_slice(seed: int, size: int = 256) -> RealSlice:
    """A random piece of a random slice, turned, zoomed and windowed at random; the same for the same seed.

    Raises
    ------
    VolumeError
        If RWTHSAM_ASSETS is not set or a scan is not there.
    """
    random = np.random.default_rng([seed, size])
    scan = str(random.choice(SCANS))
    values = _grey_kji(str(_folder() / scan))
    index = int(random.choice([k for k in range(len(values)) if not is_held_out(k)]))
    piece = _piece(values[index].astype(np.float32), random, size)
    return RealSlice(to_uint8(piece, choose_window(piece, random), random), scan, index)


def _piece(slice_yx: np.ndarray, random: np.random.Generator, size: int) -> np.ndarray:
    """A square of the slice, resampled to `size`; never enlarged more than threefold, mirrored beyond the edges."""
    side = log_uniform(random, size / 3, max(size / 3, min(slice_yx.shape)))
    turn = random.choice([0, 1, 2, 3]) * np.pi / 2 + (random.uniform(-0.5, 0.5) if chance(random, 0.5) else 0)
    step = side / size * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    room = np.maximum(np.array(slice_yx.shape) - side, 0) / 2
    middle = (np.array(slice_yx.shape) - 1) / 2 + random.uniform(-1, 1, 2) * room
    if chance(random, 0.5):
        step[:, 1] *= -1
    if side > size:
        slice_yx = ndimage.gaussian_filter(slice_yx, 0.4 * side / size)
    start = middle - step @ np.full(2, (size - 1) / 2)
    return np.asarray(ndimage.affine_transform(slice_yx, step, start, (size, size), order=1, mode="mirror"))


def _folder() -> Path:
    named = os.environ.get("RWTHSAM_ASSETS")
    if not named:
        raise VolumeError("Real slices need the folder of real scans: set RWTHSAM_ASSETS to it.")
    return Path(named) / "volumes"


@lru_cache(maxsize=len(SCANS))
def _grey_kji(path: str) -> np.ndarray:
    return read_volume(Path(path)).array_kji
