"""Blobs within blobs."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .chance import log_uniform
from .grid import SmoothField
from .parts import Part
from .sample import Target
from .targets import usable


class BlobScene:
    """Smooth blobs, nested up to four deep."""

    name = "blobs"

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self._blobs: list[tuple[float, float, float, float, int]] = []
        self._ground = float(random.uniform(0, 0.5))
        self._warp = [
            SmoothField(random, int(random.integers(3, 8)), size * log_uniform(random, 0.01, 0.05)) for _ in range(2)
        ]
        for _ in range(random.integers(1, 6)):
            x, y = size * random.uniform(-0.4, 0.4, 2)
            self._add(random, float(x), float(y), size * log_uniform(random, 0.04, 0.3), 0)

    def _add(self, random: np.random.Generator, x: float, y: float, radius: float, depth: int) -> None:
        self._blobs.append((x, y, radius, float(random.uniform(0, 1)), depth))
        if depth < 3 and radius > 8:
            for _ in range(random.integers(0, 3)):
                inner = radius * random.uniform(0.2, 0.7)
                angle, away = random.uniform(0, 2 * np.pi), random.uniform(0, radius - inner)
                self._add(random, x + away * np.cos(angle), y + away * np.sin(angle), inner, depth + 1)

    def draw(self, canvas: Canvas) -> None:
        """Draw all blobs."""
        grid = canvas.grid
        canvas.attenuation[:] = self._ground
        x, y = grid.x + self._warp[0].on(grid), grid.y + self._warp[1].on(grid)
        for number, (middle_x, middle_y, radius, attenuation, _) in enumerate(self._blobs):
            where = (x - middle_x) ** 2 + (y - middle_y) ** 2 < radius**2
            canvas.draw(where, Part.PARTICLE, attenuation)
            canvas.layer[where] = number

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Every blob with what lies in it."""
        grid = truth.grid
        x, y = grid.x + self._warp[0].on(grid), grid.y + self._warp[1].on(grid)
        masks = [(x - blob[0]) ** 2 + (y - blob[1]) ** 2 < blob[2] ** 2 for blob in self._blobs]
        return usable([Target("blob", mask) for mask in masks])
