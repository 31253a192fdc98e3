"""Where a view is looked at: sample positions in pixels, and fields that are smooth over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

Span = tuple[int, int | None]
Points = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Grid:
    """Sample positions of a square view, or of a rectangle of it.

    Attributes
    ----------
    size : int
        Pixels along either side of the view.
    factor : int
        Samples per pixel and axis: 1 looks at the pixels' centres.
    rows, columns : tuple of int
        First sample and the one after the last, `None` for all.
    """

    size: int
    factor: int = 1
    rows: Span = (0, None)
    columns: Span = (0, None)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of samples."""
        return self.y.shape[0], self.x.shape[1]

    @property
    def x(self) -> np.ndarray:
        """float32 (1, columns), in pixels from the view's middle."""
        return _positions(self.size, self.factor)[None, slice(*self.columns)]

    @property
    def y(self) -> np.ndarray:
        """float32 (rows, 1), in pixels from the view's middle."""
        return _positions(self.size, self.factor)[slice(*self.rows), None]

    def around(self, x_px: float, y_px: float, reach_px: float) -> tuple[Span, Span]:
        """Rows and columns of the whole view's samples within a square; empty spans where it misses the view."""
        return self._between(y_px - reach_px, y_px + reach_px), self._between(x_px - reach_px, x_px + reach_px)

    def _between(self, first_px: float, last_px: float) -> Span:
        positions = _positions(self.size, self.factor)
        first, last = np.searchsorted(positions, [first_px, last_px])
        return int(first), int(last)

    def averaged(self, values: np.ndarray) -> np.ndarray:
        """Mean over the samples of each pixel, float32 (size, size)."""
        if self.factor == 1:
            return values.astype(np.float32)
        parts = [values[a :: self.factor, b :: self.factor] for a in range(self.factor) for b in range(self.factor)]
        return np.asarray(np.sum(parts, axis=0, dtype=np.float32) / np.float32(len(parts)))


class SmoothField:
    """Random field over a view, the same at the same place on every grid: a cubic spline through random numbers.

    Parameters
    ----------
    random : numpy.random.Generator
        Where the numbers come from.
    cells : int
        Bumps along either side of the view.
    deviation : float
        Standard deviation of the field.
    """

    def __init__(self, random: np.random.Generator, cells: int, deviation: float = 1.0) -> None:
        self._cells = cells
        # a cubic B-spline averages its nodes: a standard deviation of about .7 by .7 remains
        self._nodes = (random.standard_normal((cells + 3, cells + 3)) * deviation / 0.49).astype(np.float32)

    def on(self, grid: Grid) -> np.ndarray:
        """float32 of the grid's shape."""
        weights = _spline_weights(grid.size, grid.factor, self._cells)
        return np.asarray(weights[slice(*grid.rows)] @ self._nodes @ weights[slice(*grid.columns)].T)


def rough_field(random: np.random.Generator, coarsest: int, octaves: int, deviation: float = 1.0) -> list[SmoothField]:
    """Fields of ever finer bumps, each of half the height: their sum is rough like clouds."""
    weights = 0.5 ** np.arange(octaves)
    weights *= deviation / np.sqrt((weights**2).sum())
    return [SmoothField(random, coarsest * 2**level, float(weight)) for level, weight in enumerate(weights)]


def summed(fields: list[SmoothField], grid: Grid) -> np.ndarray:
    """Sum of fields, float32 of the grid's shape."""
    return np.asarray(sum(field.on(grid) for field in fields))


@lru_cache(maxsize=64)
def _positions(size: int, factor: int) -> np.ndarray:
    positions = ((np.arange(size * factor) + 0.5) / factor - size / 2).astype(np.float32)
    positions.flags.writeable = False
    return positions


@lru_cache(maxsize=128)
def _spline_weights(size: int, factor: int, cells: int) -> np.ndarray:
    """(samples, cells + 3): weight of each node at each sample."""
    place = (_positions(size, factor) / size + 0.5) * cells
    distance = np.abs(place[:, None] - (np.arange(cells + 3) - 1)[None, :])
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.clip(2 - distance, 0, None) ** 3 / 6
    weights = np.where(distance < 1, near, far).astype(np.float32)
    weights.flags.writeable = False
    return weights
