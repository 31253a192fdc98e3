"""The plane in which a body is cut: from places in the view to places in the body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chance import log_uniform
from .grid import Grid, Points, SmoothField


@dataclass(frozen=True)
class Plane:
    """A plane through a body, in pixels.

    Attributes
    ----------
    origin, right, down : numpy.ndarray
        (3,) place of the view's middle in the body, and where one pixel to the right and down leads.
    warp : tuple of SmoothField
        Displacement of the body within the plane, along x and y of the view.
    """

    origin: np.ndarray
    right: np.ndarray
    down: np.ndarray
    warp: tuple[SmoothField, SmoothField] | None = None

    def points(self, grid: Grid) -> Points:
        """x, y and z in the body, float32; those that do not change over the view have the shape (1, 1)."""
        x, y = grid.x, grid.y
        if self.warp is not None:
            x, y = x + self.warp[0].on(grid), y + self.warp[1].on(grid)
        along_x, along_y, along_z = (self._along(axis, x, y) for axis in range(3))
        return along_x, along_y, along_z

    @property
    def cut_across(self) -> float:
        """1 if the plane is perpendicular to the body's z axis, 0 if it holds it."""
        return float(abs(np.cross(self.right, self.down)[2]))

    def _along(self, axis: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        right, down = np.float32(self.right[axis]), np.float32(self.down[axis])
        if abs(right) < 1e-6 and abs(down) < 1e-6:
            return np.full((1, 1), self.origin[axis], np.float32)
        return np.asarray(x * right + y * down + np.float32(self.origin[axis]))


def make_warp(random: np.random.Generator, size: int, deviation_px: float) -> tuple[SmoothField, SmoothField]:
    """Displacement of a few pixels, smooth enough not to fold."""
    cells = int(random.integers(1, 5))
    steepest = 0.12 * size / cells
    deviation_px = min(deviation_px, steepest) * log_uniform(random, 0.3, 1)
    return SmoothField(random, cells, deviation_px), SmoothField(random, cells, deviation_px)


def rotated(plane: Plane, angle: float) -> Plane:
    """The same plane, the view turned within it."""
    cos, sin = np.cos(angle), np.sin(angle)
    return Plane(plane.origin, cos * plane.right + sin * plane.down, cos * plane.down - sin * plane.right, plane.warp)


def moved(plane: Plane, x_px: float, y_px: float) -> Plane:
    """The same plane, the body moved by so much within the view."""
    return Plane(plane.origin - x_px * plane.right - y_px * plane.down, plane.right, plane.down, plane.warp)


def across(z: float, tilt: float = 0.0, warp: tuple[SmoothField, SmoothField] | None = None) -> Plane:
    """Perpendicular to the z axis at z, or tilted out of that by an angle."""
    down = np.array([0.0, np.cos(tilt), np.sin(tilt)])
    return Plane(np.array([0.0, 0.0, z]), np.array([1.0, 0.0, 0.0]), down, warp)


def lengthwise(z: float, off_axis: float, warp: tuple[SmoothField, SmoothField] | None = None) -> Plane:
    """Parallel to the z axis, which points down, at a distance from it; the view's middle is at z."""
    return Plane(np.array([0.0, off_axis, z]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]), warp)
