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
    """One prompt on one slice.

    Attributes
    ----------
    points_xy : numpy.ndarray
        float32, (1, 1, k, 2), k at least 1.
    labels : numpy.ndarray
        float32, (1, 1, k): 1 positive, 0 negative, -1 no point.
    box_xyxy : numpy.ndarray
        float32, (1, 1, 4); x_max below x_min says that there is none.
    """

    points_xy: np.ndarray
    labels: np.ndarray
    box_xyxy: np.ndarray


def prompt_arrays(prompts: Prompts) -> PromptArrays:
    """All points, strokes as points along them, and the box."""
    points: list[tuple[float, float, float]] = [(each.x, each.y, each.positive) for each in prompts.points]
    points += [(x, y, each.positive) for each in prompts.strokes for x, y in points_along(each)]
    found = np.array(points or [(0, 0, -1)], np.float32)
    box = prompts.box.box_xyxy if prompts.box else _NO_BOX
    return PromptArrays(found[None, None, :, :2].copy(), found[None, None, :, 2].copy(), np.array([[box]], np.float32))


def points_along(stroke: StrokePrompt) -> np.ndarray:
    """Points at even distances along a stroke, both ends included: float64, (n, 2), n at most 10."""
    corners = np.asarray(stroke.points_xy, float)
    passed = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))))
    count = int(np.clip(np.ceil(passed[-1] / _STEP_PX) + 1, 2, MOST_STROKE_POINTS))
    wanted = np.linspace(0, passed[-1], count)
    return np.stack([np.interp(wanted, passed, corners[:, axis]) for axis in range(2)], 1)
