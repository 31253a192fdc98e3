"""Which points of a grid are tried, and in which order.

`exhaustive` tries them all, row by row, as segment-anything does. `adaptive` begins with a coarse grid spread over the
whole slice and goes on to finer ones, but no longer asks where asking has stopped to bring anything new: inside a mask
that a few points have confirmed, and in areas where the neighbours found nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal, Protocol

import numpy as np

from .filters import box_iou
from .proposals import Proposals

Mode = Literal["adaptive", "exhaustive"]
MODES: tuple[Mode, ...] = ("adaptive", "exhaustive")
_FIRST_STRIDE = 4
_FRUITLESS_LIMIT = 3
_PIXELS_PER_TRY = 2000
_SAME_BOX = 0.7


class PointOrder(Protocol):
    """Batches of points, chosen with what earlier batches have found."""

    def batches(self, size: int, found: Proposals) -> Iterator[np.ndarray]:
        """Positions in the grid, at most `size` at once; `found` grows between them."""


class Exhaustive:
    """Every point once.

    Parameters
    ----------
    points_xy : numpy.ndarray
        (n, 2).
    """

    def __init__(self, points_xy: np.ndarray) -> None:
        self._count = len(points_xy)

    def batches(self, size: int, found: Proposals) -> Iterator[np.ndarray]:
        """Row by row."""
        for start in range(0, self._count, size):
            yield np.arange(start, min(start + size, self._count))


class Adaptive:
    """Coarse to fine, where it pays.

    Parameters
    ----------
    points_xy : numpy.ndarray
        (n, 2): a square grid, row by row, in pixels of the crop.
    scale : float
        Low-resolution pixels per pixel of the crop.
    shape_low : tuple of int
        Rows and columns of the crop in low-resolution pixels.
    """

    def __init__(self, points_xy: np.ndarray, scale: float, shape_low: tuple[int, int]) -> None:
        self._side = int(round(len(points_xy) ** 0.5))
        low = np.minimum((points_xy * scale).astype(int), [shape_low[1] - 1, shape_low[0] - 1])
        self._low_xy = np.maximum(low, 0)
        self._regions = np.full(shape_low, -1)
        self._areas: list[int] = []
        self._boxes = np.zeros((0, 4), int)
        self._fruitless: Counter[int] = Counter()

    def batches(self, size: int, found: Proposals) -> Iterator[np.ndarray]:
        """The coarse grid first, then what is worth it of the finer ones."""
        for waiting in self._levels():
            while len(waiting):
                worth = [point for point in waiting if self._is_worth(point)]
                batch, waiting = np.array(worth[:size], int), np.array(worth[size:], int)
                if not len(batch):
                    break
                before = len(found)
                asked_in = self._region_of(batch)
                yield batch
                self._learn(found, before, batch, asked_in)

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
        # what no mask covers may hold something anywhere; a large mask may hold more than a small one
        return region < 0 or self._fruitless[region] < _FRUITLESS_LIMIT + self._areas[region] / _PIXELS_PER_TRY

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
            if int(point) not in fruitful and region >= 0:
                self._fruitless[int(region)] += 1

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
