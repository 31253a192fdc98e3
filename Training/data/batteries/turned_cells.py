"""Cells that are bodies of revolution throughout: alkaline cells with a nail, and button cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import Canvas
from ..drawing.grid import SmoothField, rough_field, summed
from ..drawing.plane import Plane, across, lengthwise, make_warp, moved, rotated
from ..sample import Target
from .cell_targets import battery_targets
from .defects import Defects, Speck, draw_speck
from .half_plane import Line, rasterised
from .parts import Part
from .surroundings import Surroundings

_TURN = 2 * np.pi
# part, line (radius, height), thickness in shares of the cell's radius; attenuation
_Shape = tuple[Part, list[tuple[float, float]], float, float]
_GRAINY = (Part.CATHODE, Part.ANODE)


@dataclass(frozen=True)
class TurnedCell:
    """Lines in the half-plane of radius and height, in pixels; z runs down from 0 to `height_px`."""

    radius_px: float
    height_px: float
    lines: tuple[Line, ...]
    fill: float


class TurnedScene:
    """A section of an alkaline or a button cell."""

    def __init__(self, random: np.random.Generator, size: int) -> None:
        is_button = chance(random, 0.5)
        self.name = "button cell" if is_button else "alkaline cell"
        self._surroundings = Surroundings(random, size)
        is_across = chance(random, 0.35)
        # a button's layers lie flat: across, there is one at a time
        radius = size * random.uniform(0.25, 0.48)
        if not is_across and not is_button:
            radius *= random.choice([0.35, 0.35, 1.0, 2.0])
        elif chance(random, 0.3):
            radius *= log_uniform(random, 1, 4)
        self._cell = make_button(random, radius) if is_button else make_alkaline(random, radius)
        self._plane = self._choose_plane(random, size, is_across)
        self._grain = rough_field(random, int(log_uniform(random, 6, size / 5)), 2, log_uniform(random, 0.03, 0.3))
        self._defects = Defects(random, size)
        self._grains = (
            [_make_grain(random, size) for _ in range(random.integers(20, 120))] if chance(random, 0.4) else []
        )

    def draw(self, canvas: Canvas) -> None:
        """Draw surroundings and cell."""
        self._surroundings.draw(canvas)
        x, y, z = self._plane.points(canvas.grid)
        radius = np.sqrt(x * x + y * y)
        is_cell = (
            (radius < 0.97 * self._cell.radius_px) & (z > 0.05 * self._cell.radius_px) & (z < self._cell.height_px)
        )
        canvas.draw(is_cell, Part.FILLING, self._cell.fill)
        which = rasterised(self._cell.lines, radius, z, 1 / canvas.grid.factor)
        for number, line in enumerate(self._cell.lines):
            canvas.draw(which == number, line.part, line.attenuation)
        is_grainy = np.isin(canvas.part, _GRAINY)
        canvas.attenuation[is_grainy] *= 1 + summed(self._grain, canvas.grid)[is_grainy]
        for speck in self._grains:
            draw_speck(canvas, speck, (Part.ANODE,), is_part=False)
        self._defects.draw(canvas)

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Masks of the parts."""
        return battery_targets(truth, random)

    def _choose_plane(self, random: np.random.Generator, size: int, is_across: bool) -> Plane:
        cell = self._cell
        warp: tuple[SmoothField, SmoothField] = make_warp(random, size, 0.01 * cell.radius_px)
        if is_across:
            plane = across(random.uniform(0, 1) * cell.height_px, random.normal(0, 0.03), warp)
        else:
            off_axis = float(np.clip(random.normal(0, 0.2), -0.8, 0.8)) * cell.radius_px * chance(random, 0.6)
            is_whole = max(cell.height_px, 2 * cell.radius_px) < size
            z = cell.height_px * (0.5 if is_whole else random.uniform(0, 1))
            plane = lengthwise(z, off_axis, warp)
        plane = rotated(plane, random.choice([0, 0, np.pi / 2, np.pi]) + random.normal(0, 0.08))
        reach = 0.06 * size + max(0.0, cell.radius_px - 0.5 * size)
        return moved(plane, *random.uniform(-1, 1, 2) * reach)


def make_alkaline(random: np.random.Generator, radius: float) -> TurnedCell:
    """Steel can, ring of manganese dioxide, separator, zinc gel, nail and seal."""
    height = radius * random.choice([6.9, 8.4, 3.7, 5.0]) * random.uniform(0.95, 1.05)
    long = height / radius
    wall, ring = random.uniform(0.025, 0.06), random.uniform(0.2, 0.4)
    metal = float(random.uniform(0.7, 1.1))
    middle = 1 - wall / 2
    inner = 1 - wall - ring
    end = long - random.uniform(0.5, 0.9)
    thin = random.uniform(0.015, 0.05)
    nail, nub = random.uniform(0.05, 0.12), random.uniform(0.3, 0.45)
    fill = float(random.uniform(0, 0.04))
    full = 0.25 + random.uniform(0, 0.4)
    gel = inner - thin
    shapes: list[_Shape] = [
        (Part.ANODE, [(gel / 2, full), (gel / 2, end)], gel, random.uniform(0.3, 0.7)),
        (
            Part.CATHODE,
            [(inner + ring / 2, 0.2 + ring / 2), (inner + ring / 2, end - ring / 2)],
            ring,
            random.uniform(0.25, 0.6),
        ),
        (Part.SEPARATOR, [(inner - thin / 2, 0.25), (inner - thin / 2, end + 0.1)], thin, random.uniform(0.04, 0.1)),
        (Part.PIN, [(0, random.uniform(0.8, 0.5 * long)), (0, long - 0.1)], 2 * nail, random.uniform(0.7, 1.2)),
        (Part.GASKET, [(nail, end + 0.2), (0.4, end + 0.15), (0.7, end + 0.3), (0.93, long - 0.2)], 0.08, 0.08),
        (Part.CAP, [(0, long - 0.06), (0.75, long - 0.06), (0.85, long - 0.15)], 0.06, metal),
        (Part.CAN, [(0, -0.06), (nub, -0.06), (nub, 0.12), (middle, 0.15), (middle, long), (0.85, long)], wall, metal),
    ]
    return TurnedCell(radius, height, _lines(shapes, radius), fill)


def make_button(random: np.random.Generator, radius: float) -> TurnedCell:
    """Two cups with a gasket between, pellets, separator, spacer and spring."""
    high = random.uniform(0.25, 0.75)
    wall = random.uniform(0.02, 0.05)
    metal = float(random.uniform(0.7, 1.1))
    reach = 0.9 - 2 * wall
    shares = random.uniform(0.5, 1.5, 4) * (0.4, 0.08, 0.25, 0.12)
    room = high - 3 * wall
    thick = room * shares / shares.sum() * random.uniform(0.8, 1)
    attenuations = random.uniform((0.3, 0.04, 0.01, 0.6), (0.6, 0.1, 0.5, 1.0))
    shapes: list[_Shape] = []
    bottom = high - 1.5 * wall
    for part, t, attenuation in zip(
        (Part.CATHODE, Part.SEPARATOR, Part.ANODE, Part.SPRING), thick, attenuations, strict=True
    ):
        wide = reach * random.uniform(0.75, 0.98) - t / 2
        shapes.append((part, [(0, bottom - t / 2), (wide, bottom - t / 2)], t, attenuation))
        bottom -= t
    shapes += [
        (
            Part.GASKET,
            [(0.8, wall), (0.93 - wall, 2 * wall), (0.93 - wall, high - wall), (0.8, high - wall)],
            1.6 * wall,
            0.08,
        ),
        (Part.CAP, [(0, wall / 2), (0.75, wall / 2), (0.85, 2 * wall), (0.86, high - 2.5 * wall)], wall, metal),
        (Part.CAN, [(0.9, 2 * wall), (1 - wall / 2, 3 * wall), (1 - wall / 2, high), (0, high)], wall * 1.2, metal),
    ]
    return TurnedCell(radius, high * radius, _lines(shapes, radius), float(random.uniform(0, 0.05)))


def _lines(shapes: list[_Shape], radius: float) -> tuple[Line, ...]:
    """From shares of the radius to pixels; sheets are at least a pixel thick."""
    return tuple(
        Line(
            part,
            np.array(points, float) * radius,
            max(1.0, float(thickness) * radius),
            float(attenuation),
            has_flat_ends=len(points) == 2,
        )
        for part, points, thickness, attenuation in shapes
    )


def _make_grain(random: np.random.Generator, size: int) -> Speck:
    """A grain of zinc."""
    x, y = random.uniform(-0.5, 0.5, 2) * size
    radius = size * log_uniform(random, 0.004, 0.015)
    return Speck(
        x, y, radius, log_uniform(random, 1, 3), random.uniform(0, np.pi), Part.ANODE, random.uniform(0.6, 1.0)
    )
