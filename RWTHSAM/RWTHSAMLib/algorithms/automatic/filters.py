"""What decides about a mask before anybody sees it: stability, edges of crops, small regions."""

from __future__ import annotations

import numpy as np

from ...core.mask import Mask
from .crops import Crop

_NEAR_EDGE_PIXELS = 20.0
"""As segment-anything's `is_box_near_crop_edge` has it."""


def stability_scores(logits: np.ndarray, offset: float) -> np.ndarray:
    """IoU of each mask at a threshold raised by `offset` with itself at one lowered by it.

    Parameters
    ----------
    logits : numpy.ndarray
        (n, rows, columns).

    Returns
    -------
    numpy.ndarray
        float64, (n,); 0 where the lower threshold gives no pixel.
    """
    # one by one: counting along axes takes several times longer
    inner = np.array([np.count_nonzero(each > offset) for each in logits], int)
    outer = np.array([np.count_nonzero(each > -offset) for each in logits], int)
    return np.asarray(inner / np.maximum(outer, 1))


def boxes_xyxy(masks: np.ndarray) -> np.ndarray:
    """First and last column and row of each mask (n, rows, columns), int64 (n, 4); all 0 where a mask is empty."""
    columns, rows = np.asarray(masks.any(axis=1)), np.asarray(masks.any(axis=2))
    x0, y0 = columns.argmax(axis=1), rows.argmax(axis=1)
    x1 = columns.shape[1] - 1 - columns[:, ::-1].argmax(axis=1)
    y1 = rows.shape[1] - 1 - rows[:, ::-1].argmax(axis=1)
    boxes = np.stack([x0, y0, x1, y1], axis=1)
    boxes[~masks.any(axis=(1, 2))] = 0
    return boxes


def is_cut_by_crop(box: np.ndarray, crop: Crop, shape_yx: tuple[int, int]) -> bool:
    """Whether a box (4,), in pixels of the crop, touches an edge of the crop that is none of the slice."""
    found = box + [crop.x0, crop.y0, crop.x0, crop.y0]
    at_crop = np.abs(found - [crop.x0, crop.y0, crop.x1, crop.y1]) <= _NEAR_EDGE_PIXELS
    at_slice = np.abs(found - [0, 0, shape_yx[1], shape_yx[0]]) <= _NEAR_EDGE_PIXELS
    return bool((at_crop & ~at_slice).any())


def without_small_regions(mask: Mask, smallest: int) -> tuple[Mask, bool]:
    """The mask with holes and spots of fewer than `smallest` pixels filled and removed, and whether that changed it.

    The largest spot stays, however small.
    """
    from scipy import ndimage

    array = mask.to_array()
    holes = _small_regions(~array, smallest)
    filled = array | holes
    spots = _small_regions(filled, smallest)
    if spots.any() and not (filled & ~spots).any():
        regions, _ = ndimage.label(filled, np.ones((3, 3)))
        spots &= regions != np.bincount(regions[regions > 0]).argmax()
    return Mask.from_array(filled & ~spots), bool(holes.any() or spots.any())


def _small_regions(array: np.ndarray, smallest: int) -> np.ndarray:
    from scipy import ndimage

    regions, _ = ndimage.label(array, np.ones((3, 3)))
    sizes = np.bincount(regions.ravel())
    return np.asarray(array & (sizes[regions] < smallest))
