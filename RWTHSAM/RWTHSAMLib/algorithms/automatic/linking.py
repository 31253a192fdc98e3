"""Masks of neighbouring slices become objects in 3D.

Between two slices each mask is paired with at most one other, so that the overlaps of all pairs together are as large
as possible (an assignment, Kuhn 1955). Chains of pairs are instances; what splits or merges goes on in the larger
partner, and the other begins or ends there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...core.mask import Mask, iou

Assignment = Callable[..., tuple[np.ndarray, np.ndarray]]
"""Rows and columns of the best pairs, see `scipy.optimize.linear_sum_assignment`."""

SAME_OBJECT_IOU = 0.5
"""A choice: above, no mask can have two partners in the next slice (masks of a slice hardly overlap)."""


@dataclass(frozen=True)
class Instance:
    """One object: in which slices, and which of the masks found there.

    Attributes
    ----------
    masks : tuple of (int, int)
        Position of the slice and of the mask in it, in the order of slices, without gaps.
    """

    masks: tuple[tuple[int, int], ...]

    @property
    def slice_count(self) -> int:
        """Number of slices it goes through."""
        return len(self.masks)


def linked(
    masks: Sequence[Sequence[Mask]], min_iou: float = SAME_OBJECT_IOU, min_slices: int = 1
) -> tuple[Instance, ...]:
    """Instances of the masks of consecutive slices, the longest first.

    Parameters
    ----------
    masks : sequence of sequences of Mask
        By slice.
    min_iou : float
        Least overlap of two masks of one object on neighbouring slices.
    min_slices : int
        Shorter instances are left out.
    """
    joined = [pairs(masks[position - 1], masks[position], min_iou) for position in range(1, len(masks))]
    return chained([len(each) for each in masks], joined, min_slices)


def chained(
    counts: Sequence[int], joined: Sequence[Sequence[tuple[int, int]]], min_slices: int = 1
) -> tuple[Instance, ...]:
    """Instances of what was paired between consecutive slices, the longest first.

    Parameters
    ----------
    counts : sequence of int
        Number of masks by slice.
    joined : sequence of sequences of (int, int)
        `pairs` of each slice and the next; one fewer than slices.
    min_slices : int
        Shorter instances are left out.
    """
    finished: list[list[tuple[int, int]]] = []
    growing: dict[int, list[tuple[int, int]]] = {}
    for position, count in enumerate(counts):
        partner = {new: old for old, new in joined[position - 1]} if position else {}
        went_on = set(partner.values())
        finished += [chain for old, chain in growing.items() if old not in went_on]
        growing = {new: [*(growing[partner[new]] if new in partner else ()), (position, new)] for new in range(count)}
    finished += growing.values()
    instances = [Instance(tuple(chain)) for chain in finished if len(chain) >= min_slices]
    return tuple(sorted(instances, key=lambda each: -each.slice_count))


def pairs(first: Sequence[Mask], second: Sequence[Mask], min_iou: float) -> list[tuple[int, int]]:
    """Positions of masks that are the same object; each occurs at most once, lesser overlaps count for nothing."""
    if not len(first) or not len(second):
        return []
    linear_sum_assignment = _assignment()
    least = max(min_iou, 1e-9)
    overlap = np.zeros((len(first), len(second)))
    for one, other in zip(*np.nonzero(_most_iou(first, second) >= least), strict=True):
        found = iou(first[one], second[other])
        overlap[one, other] = found if found >= least else 0.0
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    return [(int(a), int(b)) for a, b in zip(rows, columns, strict=True) if overlap[a, b]]


def get_ready() -> None:
    """Import what `pairs` needs: half a second, better spent when a person pushes a button than in mid-work."""
    _assignment()


def _assignment() -> Assignment:
    from scipy.optimize import linear_sum_assignment

    solve: Assignment = linear_sum_assignment
    return solve


def _most_iou(first: Sequence[Mask], second: Sequence[Mask]) -> np.ndarray:
    """What the IoU of each pair can be at most, from boxes and areas alone: of thousands of pairs few are left."""
    (one, area), (other, other_area) = _boxes_and_areas(first), _boxes_and_areas(second)
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    box = np.prod(np.maximum(high - low + 1, 0), axis=2)
    shared = np.minimum(box, np.minimum(area[:, None], other_area[None]))
    return np.asarray(shared / np.maximum(area[:, None] + other_area[None] - shared, 1))


def _boxes_and_areas(masks: Sequence[Mask]) -> tuple[np.ndarray, np.ndarray]:
    boxes = np.array([(1, 1, 0, 0) if mask.is_empty else mask.bounds_xyxy for mask in masks])
    return boxes, np.array([mask.area for mask in masks])
