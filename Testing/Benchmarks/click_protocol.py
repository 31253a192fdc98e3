"""Simulated clicks: what a patient person would click next, so that accuracy can be measured again and again.

The first click is the pixel deepest inside the target. Every next one is the deepest pixel of the larger of false
negatives (positive click) and false positives (negative click). Depth is the distance to the region's edge; the image
border counts as outside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.inference.engine import SamEngine


def dice_after_clicks(engine: SamEngine, image: SliceImage, target_yx: np.ndarray, most: int = 10) -> list[float]:
    """Dice after 1, 2, ... `most` clicks."""
    prompts, found, scores = Prompts(), np.zeros_like(target_yx, bool), []
    for _ in range(most):
        prompts = prompts.adding(next_click(target_yx, found))
        found = engine.segment(image, prompts).best.mask.to_array()
        scores.append(dice(found, target_yx))
    return scores


def dice_of_tight_box(engine: SamEngine, image: SliceImage, target_yx: np.ndarray) -> float:
    """Dice of the mask for the target's own bounding box."""
    rows, columns = np.flatnonzero(target_yx.any(1)), np.flatnonzero(target_yx.any(0))
    box = BoxPrompt(int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1]))
    return dice(engine.segment(image, Prompts((box,))).best.mask.to_array(), target_yx)


def next_click(target_yx: np.ndarray, found_yx: np.ndarray) -> PointPrompt:
    """The click that helps most."""
    missed, spilt = target_yx & ~found_yx, found_yx & ~target_yx
    positive = bool(np.count_nonzero(missed) >= np.count_nonzero(spilt))
    y, x = deepest_pixel(missed if positive else spilt)
    return PointPrompt(x, y, positive)


def deepest_pixel(region_yx: np.ndarray) -> tuple[int, int]:
    """Row and column of the pixel farthest from the region's edge."""
    depth = ndimage.distance_transform_edt(np.pad(region_yx, 1))[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(y), int(x)


def largest_component(mask_yx: np.ndarray) -> np.ndarray:
    """The largest connected part of a mask; nothing of an empty one."""
    labels, count = ndimage.label(mask_yx)
    sizes = np.bincount(labels[mask_yx], minlength=count + 1)
    largest: np.ndarray = mask_yx & (labels == sizes.argmax())
    return largest


def mean_at(scores: Sequence[Sequence[float]], clicks: int) -> float:
    """Mean Dice over slices after a number of clicks."""
    return float(np.mean([each[clicks - 1] for each in scores]))
