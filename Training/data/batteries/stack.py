"""A stack of electrodes: layers lie in planes of constant y, x is the width and z runs down from the stack's top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import NO_LAYER, Canvas
from ..drawing.grid import Points, SmoothField
from .chemistry import ALL_MISSING, Layer, make_table
from .parts import GRAINY, Part
from .roll_making import make_grain


@dataclass(frozen=True)
class Parting:
    """Layers above y_px (at rest) are lifted by up to `height_px` round x_px, z_px: gas or delamination below them."""

    y_px: float
    x_px: float
    z_px: float
    width_px: float
    height_px: float


@dataclass(frozen=True)
class StackTab:
    """Foils of one electrode, gathered above (z < 0) into a strip."""

    foil: Part
    x_px: float
    half_width_px: float
    gather_px: float
    length_px: float
    y_px: float
    thickness_px: float
    attenuation: float


@dataclass(frozen=True)
class Stack:
    """Electrodes and separators on one another, in pixels.

    Attributes
    ----------
    half_width_px, half_thickness_px, height_px : float
        Along x, y and z.
    pairs : int
        Repeats of `layers`.
    insets_px : tuple of float
        How far each of `chemistry.GROUPS` ends before the longest.
    shifts_px : numpy.ndarray
        float32 (pairs,): how far each repeat is off along x.
    swelling : float
        Share by which the middle is thicker than the sides.
    folds : bool
        One separator goes to and fro between the electrodes.
    """

    half_width_px: float
    half_thickness_px: float
    height_px: float
    pairs: int
    layers: tuple[Layer, ...]
    insets_px: tuple[float, ...]
    shifts_px: np.ndarray
    swelling: float
    fill: float
    folds: bool
    partings: tuple[Parting, ...] = ()
    tabs: tuple[StackTab, ...] = ()
    grain: SmoothField | None = None

    def draw(self, canvas: Canvas, points: Points, body: int = 1) -> None:
        """Draw where a plane cuts the stack."""
        near = canvas.cropped(self._is_near(points), points)
        if near is None:
            return
        canvas, points = near
        x, y, z = np.broadcast_arrays(*points)
        is_gap, place = self._place(x, y, z)
        number = np.floor(place)
        repeat = np.clip(number, 0, self.pairs - 1).astype(np.int16)
        pair_px = 2 * self.half_thickness_px / self.pairs
        margin = np.minimum(self.half_width_px - np.abs(x - self.shifts_px[repeat]), z)
        margin = np.minimum(margin, self.height_px - z)
        missing = np.zeros(repeat.shape, np.int32)
        for bit, inset in enumerate(self.insets_px):
            missing |= (margin < inset).astype(np.int32) << bit
        table = make_table(self.layers, 1 / (canvas.grid.factor * pair_px), self.fill)
        part, attenuation = table.look_up((place - number).astype(np.float32), missing)
        is_stack = (place >= 0) & (place < self.pairs) & (missing < ALL_MISSING) & ~is_gap
        repeat[part == Part.GAP] = NO_LAYER
        if self.grain is not None:
            attenuation = attenuation * np.where(np.isin(part, GRAINY), 1 + self.grain.on(canvas.grid), np.float32(1))
        canvas.part[is_stack], canvas.attenuation[is_stack] = part[is_stack], attenuation[is_stack]
        canvas.layer[is_stack], canvas.along[is_stack] = repeat[is_stack], (x + z)[is_stack]
        canvas.body[is_stack] = body
        if self.folds:
            self._draw_folds(canvas, points, place, body)
        for tab in self.tabs:
            self._draw_tab(canvas, points, tab, body)

    def _is_near(self, points: Points) -> np.ndarray:
        """Where the stack and its tabs can be at most."""
        x, y, z = points
        lift = sum(parting.height_px for parting in self.partings)
        reach = self.half_thickness_px * (1 + self.swelling)
        top = min(0.0, *(-tab.length_px for tab in self.tabs), 0.0)
        shift = float(np.abs(self.shifts_px).max()) + reach
        is_near = (y > -reach) & (y < reach + lift) & (np.abs(x) < self.half_width_px + shift)
        return np.asarray(is_near & (z > top) & (z < self.height_px))

    def _place(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where layers have parted, bool, and the place in the stack in repeats, from 0 to `pairs`."""
        bulge = 1 - (x / self.half_width_px) ** 2
        if np.isfinite(self.height_px):
            bulge = bulge * (1 - (2 * z / self.height_px - 1) ** 2)
        half = self.half_thickness_px * (1 + self.swelling * np.clip(bulge, 0, 1))
        y = y * (self.half_thickness_px / half)
        is_gap = np.zeros(y.shape, bool)
        for parting in self.partings:
            away = ((x - parting.x_px) ** 2 + (z - parting.z_px) ** 2) / parting.width_px**2
            height = parting.height_px * np.exp(-away)
            beyond = y - parting.y_px - height
            is_gap |= (y > parting.y_px) & (beyond < 0) & (height > 0.5)
            y = np.where(y > parting.y_px, np.maximum(parting.y_px, y - height), y)
        return is_gap, np.asarray((y + self.half_thickness_px) * (self.pairs / (2 * self.half_thickness_px)))

    def _draw_folds(self, canvas: Canvas, points: Points, place: np.ndarray, body: int) -> None:
        """Half circles beyond the electrodes, on either side by turns."""
        x, _, z = points
        layer = self.layers[0]
        half = layer.thickness / sum(each.thickness for each in self.layers) / 2
        side = np.where(np.floor(place) % 2 == 0, 1, -1)
        pair_px = 2 * self.half_thickness_px / self.pairs
        beyond = (x * side - self.half_width_px + 0.5 * pair_px) / pair_px
        radius = np.hypot(beyond, place - np.floor(place) - 0.5)
        is_fold = (beyond > 0) & (np.abs(radius - 0.5 + half) < half) & (place > 0) & (place < self.pairs)
        canvas.draw(is_fold & (z > 0) & (z < self.height_px), Part.SEPARATOR, layer.attenuation, body)

    def _draw_tab(self, canvas: Canvas, points: Points, tab: StackTab, body: int) -> None:
        x, y, z = points
        if float(z.min()) > 0:
            return
        is_strip = (np.abs(x - tab.x_px) < tab.half_width_px) & (z < max(self.insets_px) + 1)
        spread = np.clip(1 + z / tab.gather_px, 0.02, 1) ** 1.5
        place = ((y - tab.y_px * (1 - spread)) / spread / self.half_thickness_px + 1) / 2 * self.pairs
        middle = self._middle_of(tab.foil)
        pair_px = 2 * self.half_thickness_px / self.pairs
        thick = np.clip(0.6 / (pair_px * spread), 0.02, 0.5)
        is_foil = (np.abs(place - np.floor(place) - middle) < thick) & (place > 0) & (place < self.pairs)
        is_foil &= z > -tab.gather_px
        is_metal = (np.abs(y - tab.y_px) < tab.thickness_px / 2) & (z < -0.8 * tab.gather_px) & (z > -tab.length_px)
        canvas.draw(is_strip & (is_foil | is_metal), Part.TAB, tab.attenuation, body)

    def _middle_of(self, part: Part) -> float:
        """Middle of a foil as a share of the repeat."""
        ends = np.cumsum([layer.thickness for layer in self.layers])
        number = next((index for index, layer in enumerate(self.layers) if layer.part == part), 0)
        return float((ends[number] - self.layers[number].thickness / 2) / ends[-1])


def make_stack(
    random: np.random.Generator,
    layers: tuple[Layer, ...],
    half_width_px: float,
    half_thickness_px: float,
    height_px: float,
    fill: float,
) -> Stack:
    """A stack with random faults; layers are at least about 1.5 pixels thick on average."""
    most = max(1, int(2 * half_thickness_px / 4.5))
    pairs = int(np.clip(round(log_uniform(random, 1, 40)), 1, most))
    pair_px = 2 * half_thickness_px / pairs
    anode = float(random.uniform(0, 1.2) * pair_px)
    cathode = anode + float(random.uniform(0, 1.2) * pair_px)
    if chance(random, 0.1):
        anode, cathode = cathode, anode
    shifts = random.standard_normal(pairs) * random.uniform(0, 0.4) * min(pair_px, 0.1 * half_width_px)
    return Stack(
        half_width_px,
        half_thickness_px,
        height_px,
        pairs,
        layers,
        (cathode, cathode, anode, 0.0),
        shifts.astype(np.float32),
        float(random.uniform(0.05, 0.6)) if chance(random, 0.25) else 0.0,
        fill,
        chance(random, 0.35),
        _make_partings(random, half_width_px, half_thickness_px, height_px, pair_px),
        _make_tabs(random, half_width_px, half_thickness_px),
        make_grain(random),
    )


def _make_partings(
    random: np.random.Generator, half_width: float, half_thickness: float, height: float, pair: float
) -> tuple[Parting, ...]:
    if not chance(random, 0.35):
        return ()
    partings = []
    for _ in range(random.integers(1, 4)):
        width = half_width * log_uniform(random, 0.1, 0.7)
        lift = min(pair * random.uniform(0.3, 1.5), 0.25 * width)
        place = random.uniform(-0.8, 0.8) * half_thickness
        partings.append(
            Parting(place, random.uniform(-0.8, 0.8) * half_width, random.uniform(0, 1) * height, width, lift)
        )
    return tuple(partings)


def _make_tabs(random: np.random.Generator, half_width: float, half_thickness: float) -> tuple[StackTab, ...]:
    side = random.choice([-1.0, 1.0])
    place, width = random.uniform(0.35, 0.6) * half_width, random.uniform(0.1, 0.28) * half_width
    gather = random.uniform(0.5, 1.5) * half_thickness
    tabs = []
    for foil, direction, metal in ((Part.CATHODE_FOIL, side, 0.15), (Part.ANODE_FOIL, -side, 0.85)):
        length = gather + random.uniform(0.5, 4) * half_thickness
        height = random.uniform(-0.9, 0.9) * half_thickness if chance(random, 0.4) else 0.0
        thickness = max(1.2, half_thickness * random.uniform(0.05, 0.2))
        tabs.append(StackTab(foil, direction * place, width, gather, length, height, thickness, metal))
    return tuple(tabs)
