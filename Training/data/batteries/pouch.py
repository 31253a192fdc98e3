"""A pouch cell: electrodes, stacked or wound flat, in a bag of laminated foil with seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import Canvas
from ..drawing.grid import Points
from .chemistry import make_layers
from .parts import Part
from .roll_making import make_roll
from .stack import Stack, make_stack
from .winding import Roll


@dataclass(frozen=True)
class Pouch:
    """A bag round electrodes; x is the width, y the thickness, z runs down from the electrodes' top; in pixels.

    Attributes
    ----------
    inside : Stack or Roll
        The electrodes.
    half_width_px, half_thickness_px, height_px : float
        Of the room for them.
    margin_px : float
        From there to the seams at top and bottom, half of it at the sides.
    seam_px, foil_px : float
        Width of the seams, thickness of the foil.
    seam_y_px : float
        Where the seams lie: not in the middle where only one half is deep-drawn.
    gas : tuple of float
        Height, x, z and width of a bubble at the upper side.
    """

    inside: Stack | Roll
    half_width_px: float
    half_thickness_px: float
    height_px: float
    margin_px: float
    seam_px: float
    foil_px: float
    seam_y_px: float
    attenuation: float
    fill: float
    gas: tuple[float, float, float, float]

    @property
    def is_wound(self) -> bool:
        """Whether the electrodes are wound, not stacked."""
        return isinstance(self.inside, Roll)

    def draw(self, canvas: Canvas, points: Points, body: int = 1) -> None:
        """Draw where a plane cuts the cell."""
        x, y, z = points
        edge = np.minimum(self.half_width_px + 0.5 * self.margin_px - np.abs(x), z + self.margin_px)
        edge = np.minimum(edge, self.height_px + 0.5 * self.margin_px - z)
        share = np.clip(edge / self.margin_px * 2, 0, 1)
        share = share * share * (3 - 2 * share)
        height, gas_x, gas_z, width = self.gas
        bubble = height * np.exp(-((x - gas_x) ** 2 + (z - gas_z) ** 2) / width**2) * share
        lower = self.seam_y_px * (1 - share) - self.half_thickness_px * share
        upper = self.seam_y_px * (1 - share) + self.half_thickness_px * share
        is_bag = (edge > -self.seam_px) & (y > lower - bubble - self.foil_px) & (y < upper + self.foil_px)
        canvas.draw(is_bag, Part.POUCH, self.attenuation, body)
        is_room = (share > 0) & (y > lower - bubble) & (y < upper)
        canvas.draw(is_room, Part.FILLING, self.fill, body)
        canvas.draw(is_room & (y < lower), Part.GAS, 0.0, body)
        if isinstance(self.inside, Roll):
            self.inside.draw(canvas, points, self.fill, body)
        else:
            self.inside.draw(canvas, points, body)


def make_pouch(random: np.random.Generator, half_width_px: float, half_thickness_px: float, height_px: float) -> Pouch:
    """A pouch whose electrodes have this size."""
    fill = float(random.uniform(0, 0.07))
    layers = make_layers(random)
    inside: Stack | Roll
    if chance(random, 0.3) and half_thickness_px > 6:
        inside = _flat_roll(random, half_width_px, half_thickness_px, height_px, fill)
    else:
        inside = make_stack(random, layers, half_width_px, half_thickness_px, height_px, fill)
    slack = 1 + random.uniform(0.0, 0.08) + (inside.swelling if isinstance(inside, Stack) else 0.0)
    room = half_thickness_px * slack + random.uniform(0.3, 2)
    seam_y = 0.0 if chance(random, 0.5) else float(random.choice([-1, 1]) * random.uniform(0.5, 1) * room)
    gas = 0.0, 0.0, 0.0, 1.0
    if chance(random, 0.35):
        gas = (
            random.uniform(0.1, 0.7) * room,
            random.uniform(-0.6, 0.6) * half_width_px,
            random.uniform(0, 1) * height_px,
            half_width_px * log_uniform(random, 0.15, 0.8),
        )
    return Pouch(
        inside,
        half_width_px + random.uniform(0.01, 0.05) * half_width_px,
        room,
        height_px,
        half_thickness_px * random.uniform(0.8, 2.5),
        half_width_px * random.uniform(0.02, 0.2),
        max(0.7, half_thickness_px * log_uniform(random, 0.01, 0.08)),
        seam_y,
        float(random.uniform(0.06, 0.3)),
        fill,
        gas,
    )


def _flat_roll(
    random: np.random.Generator, half_width: float, half_thickness: float, height: float, fill: float
) -> Roll:
    core = half_thickness * random.uniform(0.02, 0.2)
    thinnest = max(4.5, (half_thickness - core) / 30)
    pitch = min(log_uniform(random, thinnest, 3 * thinnest), (half_thickness - core) / 1.5)
    flat = max(0.0, half_width - half_thickness)
    return make_roll(random, make_layers(random), core, half_thickness, pitch, flat, (0.0, height), fill)
