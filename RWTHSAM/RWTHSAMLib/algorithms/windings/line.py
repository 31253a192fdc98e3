"""A drawn line as places at even distances, the directions across it, and the grey values beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# a place a pixel
_STEP_PX = 1.0
_SMOOTH_STEPS = 4.0
"""Standard deviation in steps, a choice: a hand trembles faster than a winding bends."""


def resampled(points_xy: Sequence[Sequence[float]] | np.ndarray, step_px: float = _STEP_PX) -> np.ndarray:
    """Places (n, 2) about a step apart along a line through points, its ends included; one where it has no length."""
    points = np.asarray(points_xy, float)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    keep = np.r_[True, lengths > 0]
    points, along = points[keep], np.cumsum(np.r_[0.0, lengths[lengths > 0]])
    places = np.linspace(0, along[-1], max(2, round(along[-1] / step_px) + 1)) if along[-1] else np.zeros(1)
    return np.stack([np.interp(places, along, points[:, axis]) for axis in range(2)], axis=1)


def normals(line_xy: np.ndarray) -> np.ndarray:
    """Unit vectors (n, 2) across a line of evenly spaced places, to the right of its direction in a picture."""
    from scipy import ndimage

    smooth = ndimage.gaussian_filter1d(line_xy, min(_SMOOTH_STEPS, len(line_xy) / 4), axis=0, mode="nearest")
    tangents = np.gradient(smooth, axis=0)
    length = np.hypot(*tangents.T)[:, None]
    tangents = tangents / np.where(length > 0, length, 1)
    return np.stack([-tangents[:, 1], tangents[:, 0]], axis=1)


def straightened(image_yx: np.ndarray, line_xy: np.ndarray, reach_px: int) -> np.ndarray:
    """Grey values beside a line: row by row for its places, from `reach_px` to its left to as far to its right.

    Beyond the picture they go on as at its edge.

    Returns
    -------
    numpy.ndarray
        float32, (n, 2 reach_px + 1).
    """
    from scipy import ndimage

    offsets = np.arange(-reach_px, reach_px + 1)
    places = line_xy[:, None] + normals(line_xy)[:, None] * offsets[:, None]
    grey: np.ndarray = ndimage.map_coordinates(
        image_yx, [places[..., 1], places[..., 0]], output=np.float32, order=1, mode="nearest"
    )
    return grey
