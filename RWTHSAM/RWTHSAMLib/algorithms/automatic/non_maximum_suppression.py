"""Of boxes that overlap only the best stays (NMS)."""

from __future__ import annotations

import numpy as np


def box_iou(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """IoU of a box (4,) with boxes (n, 4), float64 (n,); corners are points, as torchvision counts."""
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    union = _area(box[None]) + _area(others) - shared
    return np.asarray(shared / np.maximum(union, 1e-9))


def least_box_iou(box: np.ndarray, others: np.ndarray, tolerance: float) -> np.ndarray:
    """Least IoU that a box (4,) can have with boxes (n, 4) if each of its sides may lie off by a tolerance."""
    inner, outer = (box + sign * tolerance * np.array([1, 1, -1, -1]) for sign in (1, -1))
    width = np.minimum(inner[2], others[:, 2]) - np.maximum(inner[0], others[:, 0])
    height = np.minimum(inner[3], others[:, 3]) - np.maximum(inner[1], others[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    return np.asarray(shared / np.maximum(_area(outer[None]) + _area(others) - shared, 1e-9))


def non_maximum_suppression(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> list[int]:
    """Positions of the boxes (n, 4) xyxy that no better one (n,) overlaps by more than the threshold, best first."""
    kept: list[int] = []
    for position in np.argsort(-scores, kind="stable"):
        if not kept or (box_iou(boxes[position], boxes[kept]) <= threshold).all():
            kept.append(int(position))
    return kept


def _area(boxes: np.ndarray) -> np.ndarray:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
