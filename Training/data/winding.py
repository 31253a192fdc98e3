"""A wound electrode assembly: a spiral of layers round a core, round or flattened, with all that goes wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .canvas import NO_LAYER, Canvas
from .chance import chance
from .chemistry import Layer, make_table
from .parts import LAYERS, Part

_TURN = 2 * np.pi


@dataclass(frozen=True)
class Bulge:
    """Layers pushed outwards by up to `height_px` round the place `angle`, `radius_px`; inwards if negative."""

    angle: float
    width: float
    radius_px: float
    depth_px: float
    height_px: float

    def shift(self, radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
        """How far the layers are displaced there, in pixels."""
        away = np.exp((np.cos(angle - self.angle) - 1) / self.width**2)
        return np.asarray(self.height_px * away * np.exp(-(((radius - self.radius_px) / self.depth_px) ** 2)))


@dataclass(frozen=True)
class Gap:
    """Layers that have parted: a crescent of nothing, at most `height_px` wide; layers outside are pressed together."""

    angle: float
    width: float
    radius_px: float
    height_px: float


@dataclass(frozen=True)
class Ends:
    """Where a layer begins and ends along the winding, in turns, and at the two faces of the roll, in pixels."""

    first_turn: float
    last_turn: float
    top_px: float = -np.inf
    bottom_px: float = np.inf


@dataclass(frozen=True)
class Roll:
    """A roll in coordinates of its own: x, y across, z along its axis, in pixels.

    Attributes
    ----------
    core_px, radius_px : float
        Inner and outer radius.
    flat_px : float
        Half the length of the straight part: 0 for a round roll.
    pitch_px : float
        Thickness of one turn.
    layers : tuple of Layer
        One turn from the inside out.
    ends : dict of Part to Ends
        Where the layers are; those that are not named are everywhere.
    fill : float
        Attenuation where a layer is missing, and in gaps.
    """

    core_px: float
    radius_px: float
    flat_px: float
    pitch_px: float
    layers: tuple[Layer, ...]
    ends: dict[Part, Ends]
    fill: float
    first_angle: float = 0.0
    is_left_handed: bool = False
    drift: float = 0.0
    raggedness_px: float = 0.0
    bulges: tuple[Bulge, ...] = ()
    gaps: tuple[Gap, ...] = ()
    texture: dict[Part, float] = field(default_factory=dict)
    raggedness: np.ndarray = field(default_factory=lambda: np.zeros(1, np.float32))

    @property
    def turns(self) -> float:
        """Number of turns."""
        return (self.radius_px - self.core_px) / self.pitch_px

    def draw(self, canvas: Canvas, x: np.ndarray, y: np.ndarray, z: np.ndarray, body: int = 1) -> np.ndarray:
        """Draw on a canvas whose samples are at x, y, z of the roll; returns where the roll is, bool."""
        radius, angle, share, path = self._polar(x, y)
        is_gap, radius = self._relaxed(radius, angle)
        depth = (radius - self.core_px) / self.pitch_px
        depth = depth + self.drift * depth * (1 - depth / self.turns)
        phase = depth - share
        turn = np.floor(phase).astype(np.int16)
        is_roll = (phase >= 0) & (radius < self.radius_px)
        table = make_table(self.layers, 1 / (canvas.grid.factor * self.pitch_px))
        step = ((phase - turn) * table.part.size).astype(np.int32)
        np.clip(step, 0, table.part.size - 1, out=step)
        part, attenuation = table.part[step], table.attenuation[step]
        is_missing = self._is_missing(part, turn, turn + share, z) | is_gap
        part[is_missing] = Part.GAP
        attenuation[is_missing] = self.fill
        turn[is_missing] = NO_LAYER
        is_roll = is_roll & self._is_along(z)
        canvas.part[is_roll], canvas.attenuation[is_roll] = part[is_roll], attenuation[is_roll]
        canvas.layer[is_roll], canvas.along[is_roll] = turn[is_roll], np.broadcast_to(path, turn.shape)[is_roll]
        canvas.body[is_roll] = body
        return np.asarray(is_roll)

    def is_core(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Samples within the innermost turn, bool."""
        radius, angle, share, _ = self._polar(x, y)
        _, radius = self._relaxed(radius, angle)
        return np.asarray(radius < self.core_px + share * self.pitch_px)

    def _polar(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Distance from the middle (line), angle, share of a turn that is done there, and path in pixels."""
        bent = np.sign(x) * np.clip(np.abs(x) - self.flat_px, 0, None)
        radius, angle = np.hypot(bent, y), np.arctan2(y, bent)
        if self.flat_px == 0:
            path = angle * radius
            share = (angle - self.first_angle) / _TURN
        else:
            straight = np.clip(x, -self.flat_px, self.flat_px) - self.flat_px
            # from the middle of the right arc, upwards round: arc, straight part backwards, arc
            half = np.where(y >= 0, 1.0, -1.0).astype(np.float32)
            path = radius * angle - half * straight
            share = path / (4 * self.flat_px + _TURN * np.maximum(radius, 1e-3)) - self.first_angle / _TURN
        share = share if not self.is_left_handed else -share
        return radius, angle, share - np.floor(share), path

    def _relaxed(self, radius: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where there is a gap, bool, and the radius that the layers there would have in a perfect roll."""
        for bulge in self.bulges:
            radius = radius - bulge.shift(radius, angle)
        is_gap = np.zeros(radius.shape, bool)
        for gap in self.gaps:
            height = gap.height_px * np.exp((np.cos(angle - gap.angle) - 1) / gap.width**2)
            beyond = radius - gap.radius_px - height
            room = np.maximum(self.radius_px - gap.radius_px - height, 1.0)
            is_gap |= (radius > gap.radius_px) & (beyond < 0) & (height > 0.5)
            pressed = gap.radius_px + beyond * (1 + height / room)
            radius = np.where(radius > gap.radius_px, np.where(beyond < 0, gap.radius_px, pressed), radius)
        return is_gap, radius

    def _is_missing(self, part: np.ndarray, turn: np.ndarray, turns: np.ndarray, z: np.ndarray) -> np.ndarray:
        first, last = np.full(256, -np.inf, np.float32), np.full(256, np.inf, np.float32)
        top, bottom = first.copy(), last.copy()
        for layer, ends in self.ends.items():
            first[layer], last[layer], top[layer], bottom[layer] = (
                ends.first_turn,
                ends.last_turn,
                ends.top_px,
                ends.bottom_px,
            )
        ragged = self.raggedness[turn % self.raggedness.size]
        return np.asarray(
            (turns < first[part]) | (turns > last[part]) | (z < top[part] + ragged) | (z > bottom[part] - ragged)
        )

    def _is_along(self, z: np.ndarray) -> np.ndarray:
        """Between the faces of the longest layer."""
        top = min((ends.top_px for ends in self.ends.values()), default=-np.inf)
        bottom = max((ends.bottom_px for ends in self.ends.values()), default=np.inf)
        reach = float(np.abs(self.raggedness).max())
        return np.asarray((z >= top - reach) & (z <= bottom + reach))


def make_roll(
    random: np.random.Generator,
    layers: tuple[Layer, ...],
    core_px: float,
    radius_px: float,
    pitch_px: float,
    flat_px: float = 0.0,
    faces_px: tuple[float, float] = (-np.inf, np.inf),
    fill: float = 0.02,
) -> Roll:
    """A roll with random faults; its layers stick out at the faces as separators do beyond anodes beyond cathodes."""
    turns = (radius_px - core_px) / pitch_px
    is_bad = chance(random, 0.5)
    return Roll(
        core_px,
        radius_px,
        flat_px,
        pitch_px,
        layers,
        _make_ends(random, turns, pitch_px, faces_px),
        fill,
        float(random.uniform(0, _TURN)),
        chance(random, 0.5),
        float(random.uniform(-0.15, 0.15)),
        bulges=_make_bulges(random, core_px, radius_px, pitch_px) if is_bad else (),
        gaps=_make_gaps(random, core_px, radius_px, pitch_px) if chance(random, 0.35) else (),
        raggedness=(random.standard_normal(64) * random.uniform(0.05, 0.5) * pitch_px).astype(np.float32),
    )


def _make_ends(
    random: np.random.Generator, turns: float, pitch_px: float, faces_px: tuple[float, float]
) -> dict[Part, Ends]:
    """Cathodes within anodes within separators."""
    top, bottom = faces_px
    inset_px = random.uniform(0, 1.5, 2).cumsum() * pitch_px * random.uniform(0, 2)
    first = random.uniform(0, 1.2, 2).cumsum()
    last = turns - random.uniform(0, 0.8, 2).cumsum()
    if turns < 4:
        first, last = first * 0, last * 0 + turns
    anode = Ends(first[0], last[0], top + inset_px[0], bottom - inset_px[0])
    cathode = Ends(first[1], last[1], top + inset_px[1], bottom - inset_px[1])
    foil = Ends(max(0.0, first[1] - random.uniform(0, 0.7)), cathode.last_turn, cathode.top_px, cathode.bottom_px)
    return {
        Part.SEPARATOR: Ends(-np.inf, np.inf, top, bottom),
        Part.ANODE: anode,
        Part.ANODE_FOIL: anode,
        Part.CATHODE: cathode,
        Part.CATHODE_FOIL: foil,
    }


def _make_bulges(random: np.random.Generator, core_px: float, radius_px: float, pitch_px: float) -> tuple[Bulge, ...]:
    """Buckling and collapse; never so steep that layers would fold over."""
    bulges = []
    for _ in range(random.integers(1, 5)):
        is_collapse = chance(random, 0.5)
        place = core_px if is_collapse else random.uniform(core_px, radius_px)
        depth = random.uniform(1.5, 6) * pitch_px
        height = random.uniform(-0.4, 0.15) if is_collapse else random.uniform(-0.35, 0.35)
        bulges.append(Bulge(random.uniform(0, _TURN), random.uniform(0.15, 0.8), place, depth, height * depth))
    return tuple(bulges)


def _make_gaps(random: np.random.Generator, core_px: float, radius_px: float, pitch_px: float) -> tuple[Gap, ...]:
    gaps = []
    for _ in range(random.integers(1, 4)):
        place = random.uniform(core_px + pitch_px, max(core_px + 2 * pitch_px, radius_px - 2 * pitch_px))
        height = random.uniform(0.2, 1.5) * pitch_px
        height = min(height, 0.3 * max(radius_px - place, 1))
        gaps.append(Gap(random.uniform(0, _TURN), random.uniform(0.2, 1.0), place, height))
    return tuple(gaps)


__all__ = ["LAYERS", "Bulge", "Ends", "Gap", "Roll", "make_roll"]
