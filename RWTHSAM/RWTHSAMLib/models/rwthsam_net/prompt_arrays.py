"""Prompts as the arrays that the decoder takes; numpy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.prompts import Prompts
from ...core.scribble import points_of

_NO_BOX = (0, 0, -1, -1)


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
    """All points, those along scribbles, and the box.

    Parameters
    ----------
    prompts : Prompts
        In pixels of the slice.
    scale_xy : tuple of float
        Pixels of what the encoder saw for each pixel of the slice.
    """
    points_xy, signs = points_of(prompts)
    if not len(signs):
        points_xy, signs = np.zeros((1, 2), np.float32), np.full(1, -1, np.float32)
    box = np.array([[prompts.box.box_xyxy if prompts.box else _NO_BOX]], np.float32)
    if prompts.box:
        box *= np.array(2 * scale_xy, np.float32)
    coords = points_xy * np.array(scale_xy, np.float32)
    return PromptArrays(coords[None, None], signs[None, None], box)


def lone_points(points_xy: np.ndarray) -> PromptArrays:
    """Positive points (n, 2), in pixels of what the encoder saw, each a prompt of its own."""
    count = len(points_xy)
    coords = np.asarray(points_xy, np.float32).reshape(1, count, 1, 2)
    boxes = np.tile(np.array(_NO_BOX, np.float32), (1, count, 1))
    return PromptArrays(coords, np.ones((1, count, 1), np.float32), boxes)
