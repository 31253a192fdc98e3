"""From drawn masks to targets: pieces, which of them are usable and visible, and the lines along their middle."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..sample import Target

SMALLEST_PX = 12
MOST_OF_A_KIND = 4
_LEAST_THICK = 0.4
_LEAST_STEP, _LEAST_VISIBLE = 0.012, 0.3


def usable(targets: list[Target]) -> list[Target]:
    """Without those that are too small, that fill the image, or that equal one before."""
    kept: list[Target] = []
    for target in targets:
        area = int(np.count_nonzero(target.mask))
        if area < SMALLEST_PX or area > 0.98 * target.mask.size or _is_hair(target.mask, area):
            continue
        if not any(np.array_equal(target.mask, other.mask) for other in kept):
            kept.append(target)
    return kept


def visible(targets: tuple[Target, ...], shown: np.ndarray) -> tuple[Target, ...]:
    """Those whose outline shows somewhere.

    Parameters
    ----------
    targets : tuple of Target
        Any.
    shown : numpy.ndarray
        float32 (rows, columns): what a faultless scanner would show, black 0 and white 1.
    """
    is_step_x = np.abs(np.diff(shown, axis=1)) > _LEAST_STEP
    is_step_y = np.abs(np.diff(shown, axis=0)) > _LEAST_STEP
    kept = []
    for target in targets:
        edge_x, edge_y = target.mask[:, 1:] ^ target.mask[:, :-1], target.mask[1:] ^ target.mask[:-1]
        steps = np.count_nonzero(edge_x & is_step_x) + np.count_nonzero(edge_y & is_step_y)
        if steps > _LEAST_VISIBLE * (np.count_nonzero(edge_x) + np.count_nonzero(edge_y)):
            kept.append(target)
    return tuple(kept)


def _is_hair(mask: np.ndarray, area: int) -> bool:
    """Whether hardly any of it is two pixels thick: dots and hairs that nobody could segment."""
    squares = mask[1:, 1:] & mask[:-1, 1:] & mask[1:, :-1] & mask[:-1, :-1]
    thick = np.zeros_like(mask)
    for rows in (slice(1, None), slice(None, -1)):
        for columns in (slice(1, None), slice(None, -1)):
            thick[rows, columns] |= squares
    return bool(np.count_nonzero(thick) < _LEAST_THICK * area)


def components(kind: str, mask: np.ndarray, random: np.random.Generator, most: int = MOST_OF_A_KIND) -> list[Target]:
    """Some of the connected parts of a mask, each a target."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    if count == 0:
        return []
    areas = np.bincount(labels.ravel())
    large = [number for number in range(1, count + 1) if areas[number] >= SMALLEST_PX]
    random.shuffle(large)
    return [Target(kind, labels == number) for number in large[:most]]


def centre_line(mask: np.ndarray, along: np.ndarray, step_px: float = 2.0) -> np.ndarray | None:
    """Line along the middle of a layer.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (rows, columns).
    along : numpy.ndarray
        float32 (rows, columns), position along the layer in pixels.

    Returns
    -------
    numpy.ndarray or None
        float32 (points, 2) as x, y: the mean place of the mask's pixels over every `step_px`; None where
        that is no line.
    """
    rows, columns = np.nonzero(mask)
    bins = np.floor(along[rows, columns] / step_px).astype(np.int64)
    bins -= bins.min()
    counts = np.bincount(bins)
    there = counts > 0
    if there.sum() < 3:
        return None
    x, y = (np.bincount(bins, weights=values)[there] / counts[there] for values in (columns, rows))
    if counts.sum() / there.sum() > 0.2 * there.sum():
        # about as wide as long: a layer that is seen from its face has no middle line
        return None
    # where the layer comes past the same position twice, the mean lies between the two
    is_on = mask[np.rint(y).astype(int), np.rint(x).astype(int)]
    return np.stack([x, y], axis=1).astype(np.float32)[is_on] if is_on.sum() >= 3 else None
