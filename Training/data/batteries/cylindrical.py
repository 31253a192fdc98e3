"""Views of cylindrical cells: across, lengthwise, oblique; whole or a piece; alone or among others."""

from __future__ import annotations

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import Canvas
from ..drawing.plane import Plane, across, lengthwise, make_warp, moved, rotated
from ..sample import Target
from .cell_targets import battery_targets
from .cylinder import Cylinder, make_cylinder
from .defects import Defects
from .surroundings import Surroundings

_TURN = 2 * np.pi


class CylindricalScene:
    """A section of a wound cell."""

    name = "cylindrical cell"

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self._surroundings = Surroundings(random, size)
        self._beside: list[tuple[Cylinder, Plane]] = []
        kind = random.random()
        if kind < 0.5:
            self._across(random, size)
        elif kind < 0.85:
            self._lengthwise(random, size)
        else:
            self._oblique(random, size)
        self._defects = Defects(random, size)

    def draw(self, canvas: Canvas) -> None:
        """Draw surroundings, cells beside, the cell and its defects."""
        self._surroundings.draw(canvas)
        for number, (cell, plane) in enumerate(self._beside, start=2):
            self._draw_cell(canvas, cell, plane, number)
        self._draw_cell(canvas, self._cell, self._plane, 1)
        self._defects.draw(canvas)

    @staticmethod
    def _draw_cell(canvas: Canvas, cell: Cylinder, plane: Plane, body: int) -> None:
        """Only where the cell can be; across, that is less than the view."""
        if plane.cut_across > 0.99:
            x, y = -float(plane.origin @ plane.right), -float(plane.origin @ plane.down)
            canvas = canvas.rectangle(*canvas.grid.around(x, y, 1.15 * cell.radius_px + 4))
        if canvas.part.size:
            cell.draw(canvas, plane.points(canvas.grid), body)

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Masks of the parts."""
        return battery_targets(truth, random)

    def _across(self, random: np.random.Generator, size: int) -> None:
        is_piece = chance(random, 0.4)
        radius = size * (log_uniform(random, 0.6, 3) if is_piece else random.uniform(0.22, 0.52))
        self._cell = make_cylinder(random, radius)
        is_cap = chance(random, 0.2)
        top = self._cell.core_end_px[0]
        z = random.uniform(-0.02, 1.0) * top if is_cap else random.uniform(top, self._cell.core_end_px[1])
        angle = random.uniform(0, _TURN)
        away = random.uniform(0.1, 1.0) * radius if is_piece else random.uniform(0, 0.06) * size
        warp = make_warp(random, size, 0.03 * radius)
        plane = across(z, random.uniform(-0.04, 0.04), warp)
        self._plane = moved(plane, away * np.cos(angle), away * np.sin(angle))
        if not is_piece and chance(random, 0.3):
            self._beside = self._neighbours(random, plane, radius, away, angle)

    def _neighbours(
        self, random: np.random.Generator, plane: Plane, radius: float, away: float, angle: float
    ) -> list[tuple[Cylinder, Plane]]:
        """Cells in a hexagonal or loose pack."""
        distance = radius * random.uniform(2.02, 2.4)
        first = random.uniform(0, _TURN)
        cells = []
        for direction in first + np.arange(6)[: random.integers(1, 7)] * _TURN / 6:
            cell = make_cylinder(random, radius)
            x = away * np.cos(angle) + distance * np.cos(direction)
            y = away * np.sin(angle) + distance * np.sin(direction)
            cells.append((cell, moved(plane, x, y)))
        return cells

    def _lengthwise(self, random: np.random.Generator, size: int) -> None:
        is_whole = chance(random, 0.4)
        slimness = random.uniform(3, 7.5)
        radius = size * (random.uniform(0.75, 0.95) / slimness if is_whole else log_uniform(random, 0.25, 1.2))
        self._cell = make_cylinder(random, radius, slimness)
        reach = self._cell.height_px
        z = reach / 2 if is_whole else random.choice([random.uniform(0, 0.8) * radius, random.uniform(0, reach), reach])
        off_axis = radius * float(np.clip(random.normal(0, 0.25), -0.9, 0.9)) if chance(random, 0.7) else 0.0
        plane = lengthwise(z, off_axis, make_warp(random, size, 0.01 * radius))
        plane = rotated(plane, random.choice([0, 0, 0, np.pi / 2, np.pi]) + random.normal(0, 0.05))
        self._plane = moved(plane, *random.uniform(-0.06, 0.06, 2) * size * (1 if is_whole else 3))

    def _oblique(self, random: np.random.Generator, size: int) -> None:
        radius = size * log_uniform(random, 0.2, 1.5)
        self._cell = make_cylinder(random, radius)
        tilt = random.uniform(0.1, 1.4)
        plane = across(random.uniform(0, self._cell.height_px), tilt, make_warp(random, size, 0.02 * radius))
        away = max(0.0, radius - 0.3 * size)
        plane = moved(rotated(plane, random.uniform(0, _TURN)), *random.uniform(-1, 1, 2) * (away + 0.05 * size))
        self._plane = plane
