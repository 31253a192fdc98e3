"""The same line again, one winding further."""

from __future__ import annotations

import numpy as np

from ...core.prompts import StrokePrompt
from ...errors import PromptError
from .line import normals, resampled
from .pitch import winding_distance_px
from .trace import snapped

# a choice: a winding is straight for as long
_VERTEX_EVERY_PX = 5.0
# how little a line bulges, of its length, to have no middle of its own
_STRAIGHT = 0.01


def stroke_along(
    path_xy: np.ndarray, shape_yx: tuple[int, int], half_width_px: float | None, positive: bool = True
) -> StrokePrompt:
    """A drawn path as a stroke: a vertex every few pixels, within the slice; without a width it is a scribble.

    Raises
    ------
    PromptError
        If it is shorter than two pixels there.
    """
    rows, columns = shape_yx
    vertices = np.rint(resampled(path_xy, _VERTEX_EVERY_PX)).astype(int)
    inside = (vertices >= 0).all(axis=1) & (vertices[:, 0] < columns) & (vertices[:, 1] < rows)
    points = tuple(dict.fromkeys((int(x), int(y)) for x, y in vertices[inside]))
    if len(points) < 2:
        raise PromptError("A line needs a length of two pixels on the slice: drag further.")
    return StrokePrompt(points, None if half_width_px is None else round(half_width_px, 2), positive)


def next_stroke(
    image_yx: np.ndarray, stroke: StrokePrompt, outwards: bool, distance_px: float | None = None
) -> StrokePrompt:
    """A stroke along the winding beside that of a stroke.

    Parameters
    ----------
    image_yx : numpy.ndarray
        Grey values (rows, columns).
    stroke : StrokePrompt
    outwards : bool
        Away from the middle of its curvature, of a straight one from the middle of the picture; else towards it.
    distance_px : float, optional
        From winding to winding; by default measured.

    Raises
    ------
    PromptError
        If nothing repeats there, or the next winding lies beyond the slice.
    """
    distance = distance_px or winding_distance_px(image_yx, np.asarray(stroke.points_xy))
    if distance is None:
        raise PromptError("No windings that repeat were found beside the line: draw the next one by hand.")
    line, _ = snapped(image_yx, resampled(stroke.points_xy), stroke.reach_px)
    across = normals(line)
    middle = _middle(line, image_yx.shape[:2])
    away = float(((line - middle) * across).sum()) > 0
    beside = line + (distance if away == outwards else -distance) * across
    last_xy = np.array(image_yx.shape[1::-1]) - 1
    beside = beside[((beside >= 0) & (beside <= last_xy)).all(axis=1)]
    if len(beside) < 2:
        raise PromptError("The next winding lies beyond the slice.")
    beside, _ = snapped(image_yx, beside, distance / 2)
    return stroke_along(beside, image_yx.shape[:2], stroke.reach_px, stroke.positive)


def _middle(line_xy: np.ndarray, shape_yx: tuple[int, ...]) -> np.ndarray:
    """Centre of the circle that fits a line best (Kasa 1976), or of the picture where it is nearly straight."""
    own = line_xy.mean(axis=0)
    length, bulge = np.linalg.svd(line_xy - own, compute_uv=False)
    if bulge < _STRAIGHT * length:
        return np.array([(shape_yx[1] - 1) / 2, (shape_yx[0] - 1) / 2])
    x, y = (line_xy - own).T
    solved, *_ = np.linalg.lstsq(np.stack([x, y, np.ones_like(x)], axis=1), x**2 + y**2, rcond=None)
    center = solved[:2] / 2
    middle: np.ndarray = own + center
    return middle
