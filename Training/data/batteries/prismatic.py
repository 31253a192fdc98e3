"""A prismatic cell: a box of sheet metal with a lid, in it flat rolls or stacks side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import Canvas
from ..drawing.grid import Points
from .chemistry import Layer, make_layers
from .parts import Part
from .roll_making import make_roll
from .stack import Stack, make_stack
from .winding import Roll


@dataclass(frozen=True)
class Box:
    """A part that is a box: its middle and half its size along x, y, z, in pixels."""

    part: Part
    middle: tuple[float, float, float]
    half: tuple[float, float, float]
    attenuation: float

    def draw(self, canvas: Canvas, points: Points, body: int) -> None:
        """Draw where a plane cuts it."""
        is_in = np.ones((1, 1), bool)
        for place, middle, half in zip(points, self.middle, self.half, strict=True):
            is_in = is_in & (np.abs(place - middle) < half)
        canvas.draw(is_in, self.part, self.attenuation, body)


@dataclass(frozen=True)
class Prism:
    """A box cell; x is the width, y the thickness, z runs down from the lid; in pixels."""

    half_width_px: float
    half_thickness_px: float
    height_px: float
    corner_px: float
    wall_px: float
    lid_px: float
    metal: float
    fill: float
    insides: tuple[tuple[Stack | Roll, float], ...]
    top_px: float
    is_wound_across: bool
    fittings: tuple[Box, ...]

    @property
    def is_wound(self) -> bool:
        """Whether the electrodes are wound, not stacked."""
        return isinstance(self.insides[0][0], Roll)

    def draw(self, canvas: Canvas, points: Points, body: int = 1) -> None:
        """Draw where a plane cuts the cell."""
        x, y, z = points
        distance = self._distance(x, y)
        is_high = (z > 0) & (z < self.height_px)
        canvas.draw((distance < 0) & is_high, Part.CAN, self.metal, body)
        is_room = (distance < -self.wall_px) & (z > self.lid_px) & (z < self.height_px - self.wall_px)
        canvas.draw((distance < -self.wall_px) & (z < self.lid_px) & is_high, Part.CAP, self.metal, body)
        canvas.draw(is_room, Part.FILLING, self.fill, body)
        for inside, middle in self.insides:
            self._draw_inside(canvas, inside, (x, y - np.float32(middle), z - np.float32(self.top_px)), body)
        for fitting in self.fittings:
            fitting.draw(canvas, points, body)

    def _draw_inside(self, canvas: Canvas, inside: Stack | Roll, points: Points, body: int) -> None:
        if isinstance(inside, Stack):
            inside.draw(canvas, points, body)
        elif self.is_wound_across:
            x, y, z = points
            inside.draw(canvas, (z - np.float32((self.height_px - self.top_px) / 2), y, x), self.fill, body)
        else:
            inside.draw(canvas, points, self.fill, body)

    def _distance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Signed distance from the outline seen from above, negative inside."""
        beyond_x = np.abs(x) - np.float32(self.half_width_px - self.corner_px)
        beyond_y = np.abs(y) - np.float32(self.half_thickness_px - self.corner_px)
        outside = np.hypot(np.maximum(beyond_x, 0), np.maximum(beyond_y, 0))
        return np.asarray(outside + np.minimum(np.maximum(beyond_x, beyond_y), 0) - np.float32(self.corner_px))


def make_prism(random: np.random.Generator, half_width_px: float, half_thickness_px: float, height_px: float) -> Prism:
    """A cell of this outer size."""
    wall = max(0.8, half_thickness_px * log_uniform(random, 0.02, 0.12))
    metal = float(random.uniform(0.2, 0.4)) if chance(random, 0.7) else float(random.uniform(0.7, 1.1))
    fill = float(random.uniform(0, 0.06))
    lid = wall * random.uniform(1, 2.5)
    top = lid + height_px * random.uniform(0.03, 0.15)
    is_across = chance(random, 0.4)
    insides = _make_insides(
        random, half_width_px - wall, half_thickness_px - wall, height_px - top - wall, is_across, fill
    )
    corner = half_thickness_px * random.uniform(0.03, 1.0)
    fittings = _make_fittings(random, half_width_px, half_thickness_px, lid, top, metal)
    return Prism(
        half_width_px, half_thickness_px, height_px, corner, wall, lid, metal, fill, insides, top, is_across, fittings
    )


def _make_insides(
    random: np.random.Generator, half_width: float, half_thickness: float, height: float, is_across: bool, fill: float
) -> tuple[tuple[Stack | Roll, float], ...]:
    count = int(random.choice([1, 1, 2, 2, 4])) if half_thickness > 24 else 1
    half = half_thickness / count * random.uniform(0.92, 0.99)
    width = half_width * random.uniform(0.9, 0.98)
    places = [(2 * number + 1 - count) * half_thickness / count for number in range(count)]
    layers = make_layers(random)
    insides: list[tuple[Stack | Roll, float]] = []
    is_wound = chance(random, 0.7) and half > 6
    for place in places:
        if is_wound:
            across, along = (height * 0.48, 2 * width) if is_across else (width, height)
            faces = (-width, width) if is_across else (0.0, height)
            insides.append((_flat_roll(random, layers, across, half, faces, fill), place))
        else:
            insides.append((make_stack(random, layers, width, half, height, fill), place))
    return tuple(insides)


def _flat_roll(
    random: np.random.Generator,
    layers: tuple[Layer, ...],
    half_width: float,
    half_thickness: float,
    faces: tuple[float, float],
    fill: float,
) -> Roll:
    core = half_thickness * random.uniform(0.02, 0.15)
    thinnest = max(4.5, (half_thickness - core) / 30)
    pitch = min(log_uniform(random, thinnest, 3 * thinnest), (half_thickness - core) / 1.5)
    flat = max(0.0, half_width - half_thickness)
    return make_roll(random, layers, core, half_thickness, pitch, flat, faces, fill)


def _make_fittings(
    random: np.random.Generator, half_width: float, half_thickness: float, lid: float, top: float, metal: float
) -> tuple[Box, ...]:
    """Terminals with their gaskets, and the strips that lead down from them."""
    fittings = []
    place = random.uniform(0.5, 0.8) * half_width
    size = random.uniform(0.08, 0.2) * half_width
    for side, strip in ((-1.0, 0.2), (1.0, 0.9)):
        high = random.uniform(0.03, 0.2) * half_thickness + lid
        thick = min(size, 0.6 * half_thickness)
        seal = (size * 1.15, min(thick * 1.15, 0.9 * half_thickness), lid * 1.1)
        strip_half = (size * 0.6, max(1.0, 0.1 * half_thickness), (top - lid) / 2)
        height = random.uniform(-0.5, 0.5) * half_thickness
        fittings += [
            Box(Part.TAB, (side * place, height, (top + lid) / 2), strip_half, strip),
            Box(Part.GASKET, (side * place, 0, lid / 2), seal, float(random.uniform(0.05, 0.12))),
            Box(Part.CAP, (side * place, 0, (lid - high) / 2), (size, thick, (high + lid) / 2), metal),
        ]
    return tuple(fittings)
