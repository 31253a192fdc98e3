"""A cylindrical cell in its own coordinates: z runs down along the axis, 0 at the upper rim of the can; in pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chance import chance, log_uniform, spread
from ..drawing.canvas import Canvas
from ..drawing.grid import Points
from .chemistry import Layer, make_layers
from .half_plane import Line, rasterised
from .parts import Part
from .roll_making import make_roll
from .winding import Roll

_TURN = 2 * np.pi


@dataclass(frozen=True)
class Cylinder:
    """A wound cell: can with crimp, cap, gasket, roll, perhaps a pin in its core and a sleeve round it all."""

    radius_px: float
    height_px: float
    lines: tuple[Line, ...]
    roll: Roll
    core_fill: float
    fill: float
    vent_angle: float
    pin: tuple[float, float, float] | None
    core_end_px: tuple[float, float]

    def draw(self, canvas: Canvas, points: Points, body: int = 1) -> None:
        """Draw where a plane cuts the cell."""
        x, y, z = points
        radius = np.sqrt(x * x + y * y)
        is_inside = (radius < 0.97 * self.radius_px) & (z > 0.12 * self.radius_px) & (z < self.height_px)
        canvas.draw(is_inside, Part.FILLING, self.fill, body)
        is_rolled = (z > self.core_end_px[0]) & (z < self.core_end_px[1])
        self.roll.draw(canvas, points, self.core_fill, body)
        if self.pin is not None:
            inner, outer, attenuation = self.pin
            canvas.draw((radius < outer) & (radius >= inner) & is_rolled, Part.PIN, attenuation, body)
        self._draw_lines(canvas, radius, points, body)

    def _draw_lines(self, canvas: Canvas, radius: np.ndarray, points: Points, body: int) -> None:
        x, y, z = points
        which = rasterised(self.lines, radius, z, 1 / canvas.grid.factor)
        present = set((np.flatnonzero(np.bincount(which.ravel() + 1)) - 1).tolist())
        for number, line in enumerate(self.lines):
            if number not in present:
                continue
            where = which == number
            if line.is_vented:
                where = where & ~(np.cos(3 * (np.arctan2(y, x) - self.vent_angle)) > 0.3)
            canvas.draw(where, line.part, line.attenuation, body)


def make_cylinder(random: np.random.Generator, radius_px: float, slimness: float | None = None) -> Cylinder:
    """A cell of this outer radius.

    Parameters
    ----------
    random : numpy.random.Generator
        Decides on everything else.
    radius_px : float
        Outer radius.
    slimness : float, optional
        Height over radius; drawn from those of common formats.
    """
    slimness = slimness or float(random.choice([3.4, 6.5, 7.2, 6.7, 5.0])) * random.uniform(0.9, 1.1)
    height = slimness * radius_px
    wall = max(0.8, radius_px * log_uniform(random, 0.012, 0.06))
    top = random.uniform(0.45, 0.75) * radius_px
    bottom = height - random.uniform(0.06, 0.2) * radius_px
    roll_radius = radius_px - wall - radius_px * random.uniform(0, 0.03)
    core = roll_radius * random.uniform(0.04, 0.3)
    roll = _make_roll(random, make_layers(random), core, roll_radius, (top, bottom))
    metal = float(random.uniform(0.7, 1.1)) if chance(random, 0.8) else float(random.uniform(0.25, 0.5))
    lines = _make_lines(random, radius_px, height, wall, metal, top)
    fill = float(random.uniform(0, 0.05))
    core_fill = fill if chance(random, 0.6) else float(random.uniform(0, 0.09))
    angle = float(random.uniform(0, _TURN))
    return Cylinder(radius_px, height, lines, roll, core_fill, fill, angle, _make_pin(random, core), (top, bottom))


def _make_roll(
    random: np.random.Generator, layers: tuple[Layer, ...], core: float, radius: float, faces: tuple[float, float]
) -> Roll:
    thinnest = max(4.5, (radius - core) / 45)
    pitch = min(log_uniform(random, thinnest, max(9.0, (radius - core) / 4)), (radius - core) / 2)
    return make_roll(random, layers, core, radius, pitch, 0, faces)


def _make_pin(random: np.random.Generator, core: float) -> tuple[float, float, float] | None:
    """Inner and outer radius and attenuation of a pin or mandrel."""
    if core < 4 or not chance(random, 0.3):
        return None
    outer = core * random.uniform(0.35, 0.85)
    inner = outer * random.uniform(0.4, 0.85) if chance(random, 0.6) else 0.0
    return float(inner), float(outer), float(random.choice([0.1, 0.3, 0.9]))


def _make_lines(
    random: np.random.Generator, radius: float, height: float, wall: float, metal: float, top: float
) -> tuple[Line, ...]:
    """Sheets of can, cap and gasket; their points in shares of the radius are those of common cells, and jitter."""
    middle = 1 - wall / radius / 2
    deep = random.uniform(0.1, 0.25)
    groove = top / radius - random.uniform(0.08, 0.18)
    lip = random.uniform(0.72, 0.85)
    can = [(lip, 0.1), (middle - 0.05, 0.1), (middle, 0.16), (middle, groove - 0.13), (middle - deep, groove - 0.08)]
    can += [(middle - deep, groove - 0.02), (middle, groove + 0.04), (middle, height / radius - 0.06)]
    can += [(middle - 0.05, height / radius), (0, height / radius)]
    lines = [Line(Part.CAN, np.array(can) * radius, wall, metal)]
    if chance(random, 0.3):
        sleeve = np.array([(lip, 0.1 - wall / radius), (1.0, 0.08), (1.0, height / radius)]) * radius
        lines.insert(0, Line(Part.INSULATOR, sleeve, max(1.0, 0.02 * radius), float(random.uniform(0.05, 0.15))))
    if chance(random, 0.95):
        lines = _make_cap(random, radius, groove, middle, metal) + lines
    if chance(random, 0.6):
        plate = np.array([(random.uniform(0, 0.3), top / radius - 0.04), (0.9, top / radius - 0.04)]) * radius
        lines.append(Line(Part.INSULATOR, plate, max(1.0, 0.03 * radius), float(random.uniform(0.05, 0.15))))
    if chance(random, 0.5):
        plate = np.array([(0.2, height / radius - 0.1), (0.9, height / radius - 0.1)]) * radius
        lines.append(Line(Part.INSULATOR, plate, max(1.0, 0.03 * radius), float(random.uniform(0.05, 0.15))))
    return tuple(lines)


def _make_cap(random: np.random.Generator, radius: float, groove: float, middle: float, metal: float) -> list[Line]:
    hat = random.uniform(0.25, 0.55)
    high = random.uniform(-0.12, 0.1)
    seat = groove - random.uniform(0.13, 0.2)
    rim = middle - random.uniform(0.08, 0.12)
    thickness = radius * random.uniform(0.03, 0.09)
    seal = np.array([(rim - 0.05, 0.17), (rim + 0.05, 0.18), (rim + 0.06, groove - 0.12), (rim - 0.15, groove - 0.05)])
    disc = [(0.0, seat + 0.13), (0.28, seat + 0.12), (0.35, seat + 0.06), (rim, seat + 0.05)]
    slope = [(hat, high), (hat + random.uniform(0.02, 0.12), seat - 0.04)]
    lines = [
        Line(Part.GASKET, seal * radius, radius * random.uniform(0.03, 0.06), spread(random, 0.07)),
        Line(Part.CAP, np.array(disc) * radius, radius * random.uniform(0.02, 0.05), metal * random.uniform(0.25, 1)),
        Line(Part.CAP, np.array(slope) * radius, thickness, metal, chance(random, 0.7)),
        Line(Part.CAP, np.array([slope[-1], (rim, seat)]) * radius, thickness, metal),
        Line(Part.CAP, np.array([(0.0, high), (hat, high)]) * radius, thickness, metal),
    ]
    return lines if chance(random, 0.8) else [lines[0], *lines[2:]]
