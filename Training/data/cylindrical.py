"""Cylindrical wound cells."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .chance import chance, log_uniform
from .chemistry import make_layers
from .grid import SmoothField
from .parts import Part
from .sample import Target
from .targets import battery_targets
from .winding import make_roll


class CylindricalScene:
    """Section across a wound cell: all of it, or a piece."""

    name = "cylindrical cell"

    def __init__(self, random: np.random.Generator, size: int) -> None:
        is_piece = chance(random, 0.4)
        radius = size * (log_uniform(random, 0.6, 2.5) if is_piece else random.uniform(0.28, 0.49))
        self._can_px = max(1.0, radius * log_uniform(random, 0.015, 0.06))
        self._radius = radius
        roll = radius - self._can_px - radius * random.uniform(0, 0.03)
        core = roll * random.uniform(0.05, 0.3)
        pitch = log_uniform(random, max(4.5, (roll - core) / 40), max(8.0, (roll - core) / 5))
        self._roll = make_roll(random, make_layers(random), core, roll, pitch)
        self._can = float(random.uniform(0.6, 1.1))
        self._fill = float(random.uniform(0, 0.06))
        angle, away = random.uniform(0, 2 * np.pi), random.uniform(0.2, 1.0) * radius if is_piece else 0.02 * size
        self._middle = away * np.cos(angle), away * np.sin(angle)
        self._warp = [SmoothField(random, 3, radius * log_uniform(random, 0.002, 0.03)) for _ in range(2)]

    def draw(self, canvas: Canvas) -> None:
        """Draw the section."""
        grid = canvas.grid
        x = grid.x - np.float32(self._middle[0]) + self._warp[0].on(grid)
        y = grid.y - np.float32(self._middle[1]) + self._warp[1].on(grid)
        radius = np.hypot(x, y)
        canvas.draw(radius < self._radius, Part.CAN, self._can)
        canvas.draw(radius < self._radius - self._can_px, Part.FILLING, self._fill)
        canvas.draw(self._roll.is_core(x, y), Part.CORE, self._fill)
        self._roll.draw(canvas, x, y, np.zeros((1, 1), np.float32))

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Masks of the parts."""
        return battery_targets(truth, random)
