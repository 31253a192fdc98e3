"""Which points of a grid are tried, and in which order.

`exhaustive` tries them all, row by row, as segment-anything does. `adaptive` begins with a coarse grid spread over the
whole slice and goes on to finer ones, but no longer asks where asking has stopped to bring anything new: in masks of
about the size of the grid's meshes, and in larger areas once too few of their points have brought a new mask. Where an
area keeps bringing new masks, as pores do that are as small as the meshes, nearly every point is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .non_maximum_suppression import box_iou
from .proposals import Proposals

# choices; that this finds what all points find is tested, and what it saves is told in Docs/automatic.md
_FIRST_STRIDE = 4
_LEAST_YIELD = 1 / 16
_SMALL_MESHES = 2
_SAME_BOX = 0.7
_NO_REGION = -1


@dataclass
class _Yield:
    """How many points were asked in an area, and how many of them brought a new mask."""

    asked: int = 0
    new: int = 0

    @property
    def may_continue(self) -> bool:
        # the next one is hoped to be new: an area that has brought nothing is given up after sixteen points
        return (self.new + 1) / (self.asked + 1) > _LEAST_YIELD


class PointOrder(Protocol):
    """Batches of points, chosen with what earlier batches have found.

    Attributes
    ----------
    settled : int
        How many points were asked or given up so far.
    """

    settled: int

    def batches(self, size: int, found: Proposals) -> Iterator[np.ndarray]:
        """Positions (m,) in the grid, int, at most `size` at once; `found` grows between them."""


class Exhaustive:
    """Every point once.

    Parameters
    ----------
    points_xy : numpy.ndarray
        (n, 2).
    """

    def __init__(self, points_xy: np.ndarray) -> None:
        self._count = len(points_xy)
        self.settled = 0

    def batches(self, size: int, found: Proposals) -> Iterator[np.ndarray]:
        """Positions (m,), int, row by row."""
        for start in range(0, self._count, size):
            batch = np.arange(start, min(start + size, self._count))
            yield batch
            self.settled += len(batch)


class Adaptive:
    """Coarse to fine, where it pays.

    Parameters
    ----------
    points_xy : numpy.ndarray
        (n, 2): a square grid, row by row, in pixels of the crop.
    scale_xy : numpy.ndarray
        (2,): low-resolution pixels per pixel of the crop.
    shape_low : tuple of int
        Rows and columns of the crop in low-resolution pixels.
    """

    def __init__(self, points_xy: np.ndarray, scale_xy: np.ndarray, shape_low: tuple[int, int]) -> None:
        self._side = int(round(len(points_xy) ** 0.5))
        low = np.minimum((points_xy * scale_xy).astype(int), [shape_low[1] - 1, shape_low[0] - 1])
        self._low_xy = np.maximum(low, 0)
        self._small = _SMALL_MESHES * shape_low[0] * shape_low[1] / max(1, len(points_xy))
        self._regions = np.full(shape_low, _NO_REGION)
        self._areas: list[int] = []
        self._boxes = np.zeros((0, 4), int)
        self._yields: defaultdict[int, _Yield] = defaultdict(_Yield)
        self.settled = 0

    def batches(self, size: int, found: Proposals) -> Iterator[np.ndarray]:
        """Positions (m,), int: the coarse grid first, then what is worth it of the finer ones."""
        ended = 0
        for waiting in self._levels():
            ended += len(waiting)
            while len(waiting):
                worth = [point for point in waiting if self._is_worth(point)]
                batch, waiting = np.array(worth[:size], int), np.array(worth[size:], int)
                if not len(batch):
                    break
                before = len(found)
                asked_in = self._region_of(batch)
                yield batch
                self._learn(found, before, batch, asked_in)
                self.settled = ended - len(waiting)

    def _levels(self) -> Iterator[np.ndarray]:
        row, column = np.divmod(np.arange(self._side**2), self._side)
        done = np.zeros(self._side**2, bool)
        stride = _FIRST_STRIDE
        while stride:
            offset = stride // 2
            level = ((row - offset) % stride == 0) & ((column - offset) % stride == 0) & ~done
            done |= level
            yield np.flatnonzero(level)
            stride //= 2

    def _is_worth(self, point: int) -> bool:
        region = int(self._region_of(np.array([point]))[0])
        if region != _NO_REGION and self._areas[region] < self._small:
            return False
        return self._yields[region].may_continue

    def _region_of(self, points: np.ndarray) -> np.ndarray:
        x, y = self._low_xy[points].T
        return np.asarray(self._regions[y, x])

    def _learn(self, found: Proposals, before: int, batch: np.ndarray, asked_in: np.ndarray) -> None:
        fruitful: set[int] = set()
        for position in range(before, len(found)):
            if self._is_new(found.boxes[position]):
                self._add(found, position)
                fruitful.add(found.point[position])
        for point, region in zip(batch, asked_in, strict=True):
            self._yields[int(region)].asked += 1
            self._yields[int(region)].new += int(point) in fruitful

    def _is_new(self, box: np.ndarray) -> bool:
        return not len(self._boxes) or bool((box_iou(box, self._boxes) <= _SAME_BOX).all())

    def _add(self, found: Proposals, position: int) -> None:
        rows, columns = self._regions.shape
        mask = found.logits[position][:rows, :columns] > 0
        number, area = len(self._areas), int(np.count_nonzero(mask))
        self._areas.append(area)
        self._boxes = np.concatenate([self._boxes, found.boxes[position][None]])
        # the smallest mask at a place is its region: parts of a large object are still looked for
        covering = np.array([*self._areas, np.iinfo(int).max])[self._regions]
        self._regions[mask & (covering > area)] = number
