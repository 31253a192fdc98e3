"""Outlines of things in the view: ovals, strands, polygons; in pixels from the view's middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..chance import log_uniform
from ..drawing.grid import Grid


class Outline(Protocol):
    """Something that covers a place or does not."""

    @property
    def reach(self) -> tuple[float, float, float]:
        """x, y and radius of a circle that holds it."""

    def covers(self, grid: Grid) -> np.ndarray:
        """Which samples of a rectangle lie in it, bool."""


@dataclass(frozen=True)
class Oval:
    """An ellipse, or with another power a rounded box or star, with waves on its outline.

    Attributes
    ----------
    x_px, y_px, radius_px : float
        Middle and half the length along its own x.
    stretch : float
        Half the length along its own y over `radius_px`.
    angle : float
        Of its own x.
    power : float
        2 for an ellipse, more for a box.
    waves : numpy.ndarray
        (orders,) complex: height (relative) and phase of the waves of order 2, 3, ...
    """

    x_px: float
    y_px: float
    radius_px: float
    stretch: float = 1.0
    angle: float = 0.0
    power: float = 2.0
    waves: tuple[complex, ...] = ()

    @property
    def reach(self) -> tuple[float, float, float]:
        """Middle, and the farthest place of the outline."""
        rough = 1 + sum(abs(wave) for wave in self.waves)
        corner = 2 ** (0.5 - 1 / self.power) if self.power > 2 else 1.0
        return self.x_px, self.y_px, self.radius_px * max(1.0, self.stretch) * rough * corner

    def covers(self, grid: Grid) -> np.ndarray:
        """Samples within."""
        cos, sin = np.cos(self.angle) / self.radius_px, np.sin(self.angle) / self.radius_px
        x, y = grid.x - np.float32(self.x_px), grid.y - np.float32(self.y_px)
        u = x * np.float32(cos) + y * np.float32(sin)
        v = (y * np.float32(cos) - x * np.float32(sin)) / np.float32(self.stretch)
        if self.power == 2:
            distance = np.sqrt(u * u + v * v)
        else:
            distance = (np.abs(u) ** self.power + np.abs(v) ** self.power) ** (1 / self.power)
        if not self.waves:
            return np.asarray(distance < 1)
        # only near the outline do the waves decide
        rough = sum(abs(wave) for wave in self.waves)
        covered = distance < 1 - rough
        is_near = ~covered & (distance < 1 + rough)
        turn = u[is_near] + 1j * v[is_near]
        turn /= np.maximum(np.abs(turn), 1e-6)
        edge, power = np.ones(turn.shape, np.float32), turn
        for wave in self.waves:
            power = power * turn
            edge += (np.complex64(wave) * power).real
        covered[is_near] = distance[is_near] < edge
        return np.asarray(covered)

    def scaled(self, factor: float) -> Oval:
        """The same outline about the same middle, larger or smaller."""
        return Oval(self.x_px, self.y_px, self.radius_px * factor, self.stretch, self.angle, self.power, self.waves)


@dataclass(frozen=True, eq=False)
class Strand:
    """A line with a thickness: places (points, 2) as x, y and the radius at each."""

    points: np.ndarray
    radii: np.ndarray

    @property
    def reach(self) -> tuple[float, float, float]:
        """Middle, and half the diagonal of the box round it."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        x, y = (low + high) / 2
        return float(x), float(y), float(np.hypot(*(high - low)) / 2 + self.radii.max())

    def covers(self, grid: Grid) -> np.ndarray:
        """Samples nearer to the line than its radius there."""
        covered = np.zeros(grid.shape, bool)
        for index in range(len(self.points) - 1):
            start, along = self.points[index], self.points[index + 1] - self.points[index]
            x, y = grid.x - np.float32(start[0]), grid.y - np.float32(start[1])
            length2 = max(float(along @ along), 1e-6)
            share = np.clip((x * np.float32(along[0]) + y * np.float32(along[1])) / np.float32(length2), 0, 1)
            distance2 = (x - share * np.float32(along[0])) ** 2 + (y - share * np.float32(along[1])) ** 2
            first, last = self.radii[index], self.radii[index + 1]
            covered |= distance2 < (np.float32(first) + share * np.float32(last - first)) ** 2
        return covered


@dataclass(frozen=True, eq=False)
class Polygon:
    """Straight edges between corners (points, 2) as x, y."""

    points: np.ndarray

    @property
    def reach(self) -> tuple[float, float, float]:
        """Mean of the corners, and the farthest."""
        x, y = self.points.mean(axis=0)
        return float(x), float(y), float(np.hypot(*(self.points - (x, y)).T).max())

    def covers(self, grid: Grid) -> np.ndarray:
        """Samples from which a ray crosses an odd number of edges."""
        is_in = np.zeros(grid.shape, bool)
        for (x0, y0), (x1, y1) in zip(self.points, np.roll(self.points, -1, axis=0), strict=True):
            if y0 == y1:
                continue
            is_level = (grid.y < y0) != (grid.y < y1)
            crossing = np.float32(x0) + (grid.y - np.float32(y0)) * np.float32((x1 - x0) / (y1 - y0))
            is_in ^= is_level & (grid.x < crossing)
        return is_in


def make_oval(random: np.random.Generator, x: float, y: float, radius_px: float, roughness: float = 0.1) -> Oval:
    """An oval at a place, of random stretch and outline."""
    heights = roughness * random.uniform(0, 1, 4) / np.arange(1, 5)
    waves = tuple(complex(wave) for wave in heights * np.exp(2j * np.pi * random.random(4)))
    power = 2.0 if random.random() < 0.8 else log_uniform(random, 1.5, 8)
    stretch = log_uniform(random, 0.4, 1.0)
    return Oval(x, y, radius_px, stretch, float(random.uniform(0, np.pi)), power, waves if roughness else ())
