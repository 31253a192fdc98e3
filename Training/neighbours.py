"""The mask of the slice before, as it is known where an object is followed through a volume.

Scenes are drawn on one plane, so that slice is not there; but its mask is, up to what objects do from slice to slice:
move, bend, grow, and end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .clicks import deepest_pixel_xy
from .data.sample import Target

_ENDED_SHARE = 0.25
# of slices beside each other; a layer moves by little more than it is thick, or nobody could tell which one it is
_MOST_MOVED_PX, _MOST_GROWN_PX = 8.0, 4.0
_BENDS = 5
_TIP_SHARE, _TIP_PX = 0.5, (4, 24)
_MOST_PADDING_PX = 6


@dataclass(frozen=True, eq=False)
class Followed:
    """What is asked for on a slice where an object is followed to.

    Attributes
    ----------
    before : numpy.ndarray
        bool, (h, w): the mask of the slice before.
    mask : numpy.ndarray
        bool, (h, w): what is to be answered; empty where the object has ended.
    points : numpy.ndarray
        float32, (1, 3): x, y of the pixel deepest in `before`, and 1.
    box_xyxy : numpy.ndarray
        float32, (4,): somewhat larger than `before`.
    """

    before: np.ndarray
    mask: np.ndarray
    points: np.ndarray
    box_xyxy: np.ndarray


def followed(target: Target, random: np.random.Generator) -> Followed:
    """Ask for a target as propagation does, or now and then for one that is not there any more."""
    before, mask = neighbour(target.mask, random), target.mask
    if random.random() < _ENDED_SHARE:
        before, mask = _elsewhere(before, random), np.zeros_like(mask)
    x, y = deepest_pixel_xy(before)
    return Followed(before, mask, np.array([[x, y, 1]], np.float32), _padded_box_xyxy(before, random))


def neighbour(mask: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A mask as it could be one slice before: moved and bent by up to eight pixels, up to four larger or smaller."""
    inside = ndimage.distance_transform_edt(mask)
    depth = float(inside.max())
    height = np.where(mask, inside, -ndimage.distance_transform_edt(~mask))
    most = random.random() * min(_MOST_MOVED_PX, depth) / 2
    coarse = random.uniform(-1, 1, (2, _BENDS, _BENDS)) * most + random.uniform(-1, 1, (2, 1, 1)) * most
    zoom = (1, mask.shape[0] / _BENDS, mask.shape[1] / _BENDS)
    moved_by = ndimage.zoom(coarse, zoom, order=1, mode="nearest", grid_mode=True)
    places = np.indices(mask.shape) + moved_by
    rim = random.uniform(-1, 1) * min(_MOST_GROWN_PX, depth / 2)
    found: np.ndarray = ndimage.map_coordinates(height, places, order=1, mode="nearest") > rim
    return found if found.any() else mask


def _elsewhere(mask: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The outline, or a tip of it, at a place that knows nothing of it."""
    rows, columns = mask.shape
    if random.random() < _TIP_SHARE:
        x, y = deepest_pixel_xy(mask)
        down, across = np.ogrid[:rows, :columns]
        mask = mask & (np.hypot(down - y, across - x) < random.uniform(*_TIP_PX))
    by = random.integers(rows // 4, rows * 3 // 4), random.integers(columns // 4, columns * 3 // 4)
    return np.roll(mask, by, (0, 1))


def _padded_box_xyxy(mask: np.ndarray, random: np.random.Generator) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    by = int(random.integers(1, _MOST_PADDING_PX + 1))
    low = np.maximum((columns[0] - by, rows[0] - by), 0)
    high = np.minimum((columns[-1] + by, rows[-1] + by), (mask.shape[1] - 1, mask.shape[0] - 1))
    return np.array([*low, *high], np.float32)
