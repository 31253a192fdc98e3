"""Prompts as the arrays that the decoder takes; numpy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.prompts import Prompts, StrokePrompt

MOST_STROKE_POINTS = 10
"""As many as a stroke has in training."""
_NO_BOX = (0, 0, -1, -1)
_STEP_PX = 4.0


@dataclass(frozen=True, eq=False)
class PromptArrays:
    """One prompt on one slice, or t of them, each to be answered by itself.

    Attributes
    ----------
    points_xy : numpy.ndarray
        float32, (1, t, k, 2), k at least 1.
    labels : numpy.ndarray
        float32, (1, t, k): 1 positive, 0 negative, -1 no point.
    box_xyxy : numpy.ndarray
        float32, (1, t, 4); x_max below x_min says that there is none.
    """

    points_xy: np.ndarray
    labels: np.ndarray
    box_xyxy: np.ndarray


def prompt_arrays(prompts: Prompts, scale_xy: tuple[float, float] = (1.0, 1.0)) -> PromptArrays:
    """All points, strokes as points along them, and the box.

    Parameters
    ----------
    prompts : Prompts
        In pixels of the slice.
    scale_xy : tuple of float
        Pixels of what the encoder saw for each pixel of the slice.
    """
    points: list[tuple[float, float, float]] = [(each.x, each.y, each.positive) for each in prompts.points]
    points += [(x, y, each.positive) for each in prompts.strokes for x, y in points_along(each)]
    found = np.array(points or [(0, 0, -1)], np.float32)
    box = np.array([[prompts.box.box_xyxy if prompts.box else _NO_BOX]], np.float32)
    if prompts.box:
        box *= np.array(2 * scale_xy, np.float32)
    coords = found[None, None, :, :2] * np.array(scale_xy, np.float32)
    return PromptArrays(coords, found[None, None, :, 2].copy(), box)


def lone_points(points_xy: np.ndarray) -> PromptArrays:
    """Positive points (n, 2), in pixels of what the encoder saw, each a prompt of its own."""
    count = len(points_xy)
    coords = np.asarray(points_xy, np.float32).reshape(1, count, 1, 2)
    boxes = np.tile(np.array(_NO_BOX, np.float32), (1, count, 1))
    return PromptArrays(coords, np.ones((1, count, 1), np.float32), boxes)


def points_along(stroke: StrokePrompt) -> np.ndarray:
    """Points at even distances along a stroke, both ends included: float64, (n, 2), n at most 10."""
    corners = np.asarray(stroke.points_xy, float)
    passed = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))))
    count = int(np.clip(np.ceil(passed[-1] / _STEP_PX) + 1, 2, MOST_STROKE_POINTS))
    wanted = np.linspace(0, passed[-1], count)
    return np.stack([np.interp(wanted, passed, corners[:, axis]) for axis in range(2)], 1)
