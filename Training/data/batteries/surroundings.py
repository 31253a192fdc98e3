"""What lies round a battery in the scanner: air, a holder, foam, tape."""

from __future__ import annotations

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import Canvas
from ..drawing.grid import rough_field, summed
from .parts import Part


class Surroundings:
    """Air with, now and then, a tube or a block of foam about the middle of the view."""

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self._attenuation = float(random.uniform(0.02, 0.15))
        self._kind = str(random.choice(["air", "tube", "block", "foam"], p=[0.6, 0.18, 0.12, 0.1]))
        self._middle = random.uniform(-0.08, 0.08, 2) * size
        self._inner = size * random.uniform(0.35, 0.62)
        self._outer = self._inner + size * log_uniform(random, 0.01, 0.2)
        self._cloud = rough_field(random, int(random.integers(4, 24)), 3)
        self._density = float(random.uniform(-0.8, 1.0))
        self._is_square = chance(random, 0.3)

    def draw(self, canvas: Canvas) -> None:
        """Draw before everything else."""
        if self._kind == "air":
            return
        grid = canvas.grid
        if self._kind == "foam":
            where = summed(self._cloud, grid) > self._density
        else:
            where = self._tube(canvas)
        canvas.draw(where, Part.HOLDER, self._attenuation, body=0)

    def _tube(self, canvas: Canvas) -> np.ndarray:
        x, y = canvas.grid.x - np.float32(self._middle[0]), canvas.grid.y - np.float32(self._middle[1])
        distance = np.maximum(np.abs(x), np.abs(y)) if self._is_square else np.hypot(x, y)
        if self._kind == "block":
            return np.asarray(y > self._inner * 0.9)
        return np.asarray((distance > self._inner) & (distance < self._outer))
