"""A wound electrode assembly: a spiral of layers round a core, round or flattened, with all that goes wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..drawing.canvas import NO_LAYER, Canvas
from ..drawing.grid import Points, SmoothField
from .chemistry import ALL_MISSING, Layer, make_table
from .parts import GRAINY, Part

_TURN = 2 * np.pi


@dataclass(frozen=True, eq=False)
class _Place:
    """Samples in a roll: distance from its middle (line), the vector from there, and the share of a turn done there."""

    radius: np.ndarray
    x: np.ndarray
    y: np.ndarray
    share: np.ndarray

    def cosine_from(self, angle: float) -> np.ndarray:
        """Cosine of the angle between the samples' direction and another."""
        along = self.x * np.float32(np.cos(angle)) + self.y * np.float32(np.sin(angle))
        return np.asarray(along / np.maximum(self.radius, np.float32(1e-3)))


@dataclass(frozen=True)
class Bulge:
    """Layers pushed outwards by up to `height_px` round the place `angle`, `radius_px`; inwards if negative."""

    angle: float
    width: float
    radius_px: float
    depth_px: float
    height_px: float

    def shift(self, place: _Place) -> np.ndarray:
        """How far the layers are displaced there, in pixels."""
        exponent = (place.cosine_from(self.angle) - 1) / np.float32(self.width**2)
        exponent -= ((place.radius - self.radius_px) / self.depth_px) ** 2
        return np.asarray(self.height_px * np.exp(exponent))


@dataclass(frozen=True)
class Gap:
    """Layers that have parted: a crescent of nothing, at most `height_px` wide; layers outside are pressed together."""

    angle: float
    width: float
    radius_px: float
    height_px: float


@dataclass(frozen=True)
class Tab:
    """A metal strip that leads out of the roll, at `radius_px` of the perfect roll, round `path_px`."""

    radius_px: float
    path_px: float
    half_width_px: float
    thickness_px: float
    top_px: float
    bottom_px: float
    attenuation: float


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
    ends : tuple of Ends
        Where the layers of each of `chemistry.GROUPS` are.
    fill : float
        Attenuation where a layer is missing, and in gaps.
    """

    core_px: float
    radius_px: float
    flat_px: float
    pitch_px: float
    layers: tuple[Layer, ...]
    ends: tuple[Ends, ...]
    fill: float
    first_angle: float = 0.0
    is_left_handed: bool = False
    drift: float = 0.0
    bulges: tuple[Bulge, ...] = ()
    gaps: tuple[Gap, ...] = ()
    tabs: tuple[Tab, ...] = ()
    grain: SmoothField | None = None
    raggedness: np.ndarray = field(default_factory=lambda: np.zeros(1, np.float32))

    @property
    def turns(self) -> float:
        """Number of turns."""
        return (self.radius_px - self.core_px) / self.pitch_px

    def draw(self, canvas: Canvas, points: Points, core: float, body: int = 1) -> None:
        """Draw on a canvas whose samples are at these places of the roll; the hollow core attenuates like `core`."""
        near = canvas.cropped(self._is_near(points), points)
        if near is None:
            return
        canvas, points = near
        z = points[2]
        place, path = self._place(points[0], points[1])
        is_gap, radius = self._relaxed(place)
        depth = (radius - self.core_px) / self.pitch_px
        depth += self.drift * depth * (1 - depth / self.turns)
        phase = depth - place.share
        canvas.draw((phase < 0) & self._is_along(z), Part.CORE, core, body)
        whole = np.floor(phase)
        turn = whole.astype(np.int16)
        missing = self._missing(turn, whole + place.share, z)
        is_roll = (phase >= 0) & (radius < self.radius_px) & (missing < ALL_MISSING)
        missing[is_gap] = ALL_MISSING
        phase -= whole
        table = make_table(self.layers, 1 / (canvas.grid.factor * self.pitch_px), self.fill)
        part, attenuation = table.look_up(phase, missing)
        perimeter = 4 * self.flat_px + _TURN * (self.core_px + (whole + 0.5) * self.pitch_px)
        along = place.share * perimeter + z
        turn[part == Part.GAP] = NO_LAYER
        if self.grain is not None:
            attenuation *= np.where(np.isin(part, GRAINY), 1 + self.grain.on(canvas.grid), np.float32(1))
        canvas.part[is_roll], canvas.attenuation[is_roll] = part[is_roll], attenuation[is_roll]
        canvas.layer[is_roll], canvas.along[is_roll] = turn[is_roll], along[is_roll]
        canvas.body[is_roll] = body
        for tab in self.tabs:
            is_tab = (np.abs(radius - tab.radius_px) < tab.thickness_px / 2) & (z > tab.top_px) & (z < tab.bottom_px)
            canvas.draw(is_tab & (np.abs(path - tab.path_px) < tab.half_width_px), Part.TAB, tab.attenuation, body)

    def _is_near(self, points: Points) -> np.ndarray:
        """Where the roll and its tabs can be at most."""
        x, y, z = points
        reach = 1.05 * self.radius_px + sum(abs(bulge.height_px) for bulge in self.bulges)
        top = min(self.ends[-1].top_px, *(tab.top_px for tab in self.tabs), np.inf)
        bottom = max(self.ends[-1].bottom_px, *(tab.bottom_px for tab in self.tabs), -np.inf)
        return np.asarray((np.abs(x) < self.flat_px + reach) & (np.abs(y) < reach) & (z > top) & (z < bottom))

    def _place(self, x: np.ndarray, y: np.ndarray) -> tuple[_Place, np.ndarray]:
        """Where samples are in the roll, and the path to there along the winding, in pixels."""
        bent = x - np.clip(x, -self.flat_px, self.flat_px) if self.flat_px else x
        radius, angle = np.sqrt(bent * bent + y * y), np.arctan2(y, bent)
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
        return _Place(radius, bent, y, share - np.floor(share)), path

    def _relaxed(self, place: _Place) -> tuple[np.ndarray, np.ndarray]:
        """Where there is a gap, bool, and the radius that the layers there would have in a perfect roll."""
        radius = place.radius
        for bulge in self.bulges:
            radius = radius - bulge.shift(place)
        is_gap = np.zeros(radius.shape, bool)
        for gap in self.gaps:
            height = gap.height_px * np.exp((place.cosine_from(gap.angle) - 1) / np.float32(gap.width**2))
            beyond = radius - gap.radius_px - height
            room = np.maximum(self.radius_px - gap.radius_px - height, 1.0)
            is_gap |= (radius > gap.radius_px) & (beyond < 0) & (height > 0.5)
            pressed = gap.radius_px + beyond * (1 + height / room)
            radius = np.where(radius > gap.radius_px, np.where(beyond < 0, gap.radius_px, pressed), radius)
        return is_gap, radius

    def _missing(self, turn: np.ndarray, turns: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Which groups of layers are missing, int32: bit g for group g."""
        missing = np.zeros(turn.shape, np.int32)
        ragged, lowest, highest = None, float(z.min()), float(z.max())
        reach = float(np.abs(self.raggedness).max())
        for bit, ends in enumerate(self.ends):
            is_gone = np.zeros((1, 1), bool)
            if ends.first_turn > 0 or ends.last_turn < self.turns:
                is_gone = (turns < ends.first_turn) | (turns > ends.last_turn)
            if lowest < ends.top_px + reach or highest > ends.bottom_px - reach:
                ragged = self.raggedness[turn % self.raggedness.size] if ragged is None else ragged
                is_gone = is_gone | (z < ends.top_px + ragged) | (z > ends.bottom_px - ragged)
            missing |= is_gone.astype(np.int32) << bit
        return missing

    def _is_along(self, z: np.ndarray) -> np.ndarray:
        """Between the faces of the longest layer."""
        top, bottom = min(ends.top_px for ends in self.ends), max(ends.bottom_px for ends in self.ends)
        return np.asarray((z >= top) & (z <= bottom))
