"""Things that should not be in a battery: foreign particles, voids, cracks, gas, a pool of electrolyte."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import Canvas
from .parts import LAYERS, Part


@dataclass(frozen=True)
class Speck:
    """A round or oval inclusion."""

    x_px: float
    y_px: float
    radius_px: float
    stretch: float
    angle: float
    part: Part
    attenuation: float


class Defects:
    """A few of them, anywhere in the layers of the cell, in places of the view."""

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self._specks = tuple(_make_speck(random, size) for _ in range(_count(random)))
        self._cracks = tuple(_make_crack(random, size) for _ in range(_count(random) // 2))
        self._crack_width_px = random.uniform(0.4, 1.3)
        self._liquid = float(random.uniform(0.03, 0.12)) if chance(random, 0.12) else None
        self._level_px = float(random.uniform(-0.3, 0.4)) * size

    def draw(self, canvas: Canvas) -> None:
        """Draw over a cell that is drawn already."""
        if self._liquid is not None:
            self._fill_up(canvas, self._liquid)
        for speck in self._specks:
            draw_speck(canvas, speck, (*LAYERS, Part.GAP))
        for crack in self._cracks:
            self._draw_crack(canvas, crack)

    def _fill_up(self, canvas: Canvas, attenuation: float) -> None:
        is_hollow = np.isin(canvas.part, (Part.CORE, Part.FILLING, Part.GAP)) & (canvas.body == 1)
        canvas.attenuation[is_hollow & (canvas.grid.y > self._level_px)] = attenuation

    def _draw_crack(self, canvas: Canvas, points: np.ndarray) -> None:
        for start, end in zip(points[:-1], points[1:], strict=True):
            middle, reach = (start + end) / 2, float(np.hypot(*(end - start))) / 2 + 2
            part = canvas.rectangle(*canvas.grid.around(float(middle[0]), float(middle[1]), reach))
            if part.part.size:
                along = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
                x, y = part.grid.x - np.float32(start[0]), part.grid.y - np.float32(start[1])
                is_near = np.abs(x * along[1] - y * along[0]) < self._crack_width_px
                is_within = np.abs(x * along[0] + y * along[1] - reach + 2) < reach
                part.draw(is_near & is_within & np.isin(part.part, LAYERS), Part.CRACK, 0.01)


def draw_speck(canvas: Canvas, speck: Speck, within: tuple[Part, ...], is_part: bool = True) -> None:
    """Draw an inclusion where it lies within some parts; as a part of its own or as a brighter place of theirs."""
    reach = speck.radius_px * max(speck.stretch, 1)
    rectangle = canvas.rectangle(*canvas.grid.around(speck.x_px, speck.y_px, reach + 1))
    if rectangle.part.size == 0:
        return
    where = np.isin(rectangle.part, within) & _is_in(speck, rectangle)
    if is_part:
        rectangle.draw(where, speck.part, speck.attenuation)
    else:
        rectangle.attenuation[where] = speck.attenuation


def _count(random: np.random.Generator) -> int:
    return int(random.integers(1, 7)) if chance(random, 0.35) else 0


def _make_speck(random: np.random.Generator, size: int) -> Speck:
    x, y = random.uniform(-0.48, 0.48, 2) * size
    radius = size * log_uniform(random, 0.006, 0.05)
    is_metal = chance(random, 0.6)
    part = Part.PARTICLE if is_metal else Part.GAS
    attenuation = random.uniform(0.7, 1.6) if is_metal else random.uniform(0, 0.03)
    return Speck(x, y, radius, log_uniform(random, 0.5, 2.5), random.uniform(0, np.pi), part, float(attenuation))


def _make_crack(random: np.random.Generator, size: int) -> np.ndarray:
    """(points, 2) of a line that wanders."""
    steps = int(random.integers(3, 9))
    angles = random.uniform(0, 2 * np.pi) + random.normal(0, 0.5, steps).cumsum()
    length = size * log_uniform(random, 0.01, 0.05)
    way = np.stack([np.cos(angles), np.sin(angles)], axis=1).cumsum(axis=0) * length
    return np.asarray(way + random.uniform(-0.4, 0.4, 2) * size)


def _is_in(speck: Speck, part: Canvas) -> np.ndarray:
    cos, sin = np.cos(speck.angle), np.sin(speck.angle)
    x, y = part.grid.x - np.float32(speck.x_px), part.grid.y - np.float32(speck.y_px)
    along, beside = (x * cos + y * sin) / max(speck.stretch, 0.3), y * cos - x * sin
    return np.asarray(along**2 + beside**2 < speck.radius_px**2)
