"""A scribble as points along it: what any model takes."""

from __future__ import annotations

import numpy as np

from .prompts import Prompts, StrokePrompt

MOST_POINTS = 10
"""As many as a line has in the training of this project's network; more slow a model down and tell it little."""
_STEP_PX = 4.0
"""A choice: short scribbles have fewer points, nearer ones tell the model nothing new."""


def points_along(stroke: StrokePrompt) -> np.ndarray:
    """Points at even distances along a line, both ends included: float64, (n, 2), n at most 10."""
    corners = np.asarray(stroke.points_xy, float)
    passed = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))))
    count = int(np.clip(np.ceil(passed[-1] / _STEP_PX) + 1, 2, MOST_POINTS))
    wanted = np.linspace(0, passed[-1], count)
    return np.stack([np.interp(wanted, passed, corners[:, axis]) for axis in range(2)], 1)


def points_of(prompts: Prompts) -> tuple[np.ndarray, np.ndarray]:
    """All points that a model is asked with.

    Returns
    -------
    coords_xy : numpy.ndarray
        float32, (n, 2): the points, then those along scribbles.
    labels : numpy.ndarray
        float32, (n,): 1 positive, 0 negative.
    """
    found = [(float(each.x), float(each.y), each.positive) for each in prompts.points]
    found += [(x, y, each.positive) for each in prompts.scribbles for x, y in points_along(each)]
    table = np.array(found, np.float32).reshape(-1, 3)
    return table[:, :2].copy(), table[:, 2].copy()
