"""Views of pouch and prismatic cells: along any axis, oblique; whole or a piece; alone or one on the other."""

from __future__ import annotations

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import Canvas
from ..drawing.plane import Plane, make_warp, moved, rotated
from ..sample import Target
from .cell_targets import battery_targets
from .defects import Defects
from .pouch import Pouch, make_pouch
from .prismatic import Prism, make_prism
from .surroundings import Surroundings

_AXES = np.eye(3)
_THICKEST_SHARE = 0.9


class FlatCellScene:
    """A section of a cell that is a flat box; `name` says which."""

    name = "flat cell"

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self._surroundings = Surroundings(random, size)
        is_pouch = chance(random, 0.55)
        self.name = "pouch cell" if is_pouch else "prismatic cell"
        make = make_pouch if is_pouch else make_prism
        half = self._choose_size(random, size, is_pouch)
        self._cells: list[Pouch | Prism] = [make(random, half[0], half[1], 2 * half[2])]
        self._planes = [self._choose_plane(random, size, half, is_pouch)]
        if chance(random, 0.2):
            self._add_beside(random, half[1])
        self._defects = Defects(random, size)

    def draw(self, canvas: Canvas) -> None:
        """Draw surroundings, cells and their defects."""
        self._surroundings.draw(canvas)
        for number in reversed(range(len(self._cells))):
            self._cells[number].draw(canvas, self._planes[number].points(canvas.grid), number + 1)
        self._defects.draw(canvas)

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Masks of the parts."""
        return battery_targets(truth, random, self._cells[0].is_wound)

    def _choose_size(self, random: np.random.Generator, size: int, is_pouch: bool) -> tuple[float, float, float]:
        """Half width, thickness and height in pixels; thick enough for a few layers."""
        self._is_piece = chance(random, 0.5)
        flatness = log_uniform(random, 2.5, 14) if is_pouch else log_uniform(random, 1.5, 7)
        if self._is_piece:
            thickness = size * log_uniform(random, 0.15, 0.9)
            width = thickness * flatness
        else:
            width = size * random.uniform(0.3, 0.48) / (1.25 if is_pouch else 1)
            thickness = max(width / flatness, 6.0)
        return width, thickness, width * log_uniform(random, 0.6, 1.8)

    def _choose_plane(
        self, random: np.random.Generator, size: int, half: tuple[float, float, float], is_pouch: bool
    ) -> Plane:
        width, thickness, height = half
        kind = random.random()
        x, y, z = (
            random.uniform(-0.9, 0.9) * width,
            random.uniform(-0.9, 0.9) * thickness,
            random.uniform(-0.1, 2) * height,
        )
        if kind < 0.45:
            plane = Plane(np.array([0.0, 0.0, max(z, 0.02 * height)]), _AXES[0], _AXES[1])
        elif kind < 0.75:
            plane = Plane(np.array([x, 0.0, height]), _AXES[1], _AXES[2])
        elif kind < 0.85:
            plane = Plane(np.array([0.0, y, height]), _AXES[0], _AXES[2])
        else:
            plane = _tilted(random, Plane(np.array([x, 0.0, z]), _AXES[0], _AXES[1]))
        plane = Plane(
            plane.origin, plane.right, plane.down, make_warp(random, size, (0.15 if is_pouch else 0.02) * thickness)
        )
        plane = rotated(plane, random.choice([0, 0, np.pi / 2, np.pi, -np.pi / 2]) + random.normal(0, 0.1))
        if self._is_piece:
            return self._shifted(random, plane, half)
        return moved(plane, *random.uniform(-0.06, 0.06, 2) * size)

    @staticmethod
    def _shifted(random: np.random.Generator, plane: Plane, half: tuple[float, float, float]) -> Plane:
        """Move the view to anywhere within the cell, its ends and tabs more often than chance would."""
        place = random.uniform(-1, 1, 3) * half
        if chance(random, 0.4):
            place = np.sign(place) * half * random.uniform(0.9, 1.05, 3)
        shift = plane.right * (plane.right @ place) + plane.down * (plane.down @ place)
        return Plane(plane.origin + shift, plane.right, plane.down, plane.warp)

    def _add_beside(self, random: np.random.Generator, half_thickness: float) -> None:
        plane = self._planes[0]
        distance = 2.3 * half_thickness * random.uniform(1, 1.4)
        for side in (-1, 1)[: random.integers(1, 3)]:
            self._cells.append(self._cells[0])
            origin = plane.origin + np.array([0.0, side * distance, 0.0])
            self._planes.append(Plane(origin, plane.right, plane.down, plane.warp))


def _tilted(random: np.random.Generator, plane: Plane) -> Plane:
    """Turned about a random axis of its own."""
    angle, tilt = random.uniform(0, 2 * np.pi), random.uniform(0.1, 1.2)
    first = np.cos(angle) * plane.right + np.sin(angle) * plane.down
    second = np.cos(angle) * plane.down - np.sin(angle) * plane.right
    normal = np.cross(plane.right, plane.down)
    return Plane(plane.origin, first, np.cos(tilt) * second + np.sin(tilt) * normal)
