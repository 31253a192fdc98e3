"""Rolls with random faults: what can be wrong with a winding, and how far."""

from __future__ import annotations

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.grid import SmoothField
from .chemistry import Layer
from .winding import Bulge, Ends, Gap, Roll, Tab

_TURN = 2 * np.pi


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
    tabs = _make_tabs(random, core_px, radius_px, pitch_px, flat_px, faces_px)
    gaps = _make_gaps(random, core_px, radius_px, pitch_px) if chance(random, 0.35) else ()
    if flat_px == 0:
        gaps += tuple(_gap_beside(random, tab) for tab in tabs if chance(random, 0.7))
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
        gaps=gaps,
        tabs=tabs,
        grain=make_grain(random),
        raggedness=(random.standard_normal(64) * random.uniform(0.05, 0.5) * pitch_px).astype(np.float32),
    )


def make_grain(random: np.random.Generator) -> SmoothField | None:
    """Variation of the coatings' attenuation, for some."""
    if not chance(random, 0.4):
        return None
    return SmoothField(random, int(log_uniform(random, 12, 110)), log_uniform(random, 0.02, 0.25))


def _make_tabs(
    random: np.random.Generator,
    core_px: float,
    radius_px: float,
    pitch_px: float,
    flat_px: float,
    faces_px: tuple[float, float],
) -> tuple[Tab, ...]:
    tabs = []
    has_room = radius_px - core_px > 2.5 * pitch_px
    for _ in range(random.integers(0, 3) if has_room else 0):
        place = random.uniform(core_px + pitch_px, radius_px - pitch_px)
        top, bottom = faces_px
        if np.isfinite(top):
            top, bottom = top - random.uniform(0.0, 0.25) * radius_px, top + random.uniform(0.7, 1) * (bottom - top)
        if chance(random, 0.4):
            top, bottom = faces_px[0] + faces_px[1] - bottom, faces_px[0] + faces_px[1] - top
        if not np.isfinite(faces_px[0]):
            top, bottom = faces_px
        reach = 0.7 * (np.pi * place + 2 * flat_px)
        width, thickness = random.uniform(0.1, 0.3) * radius_px, random.uniform(0.15, 0.6) * pitch_px
        path = random.uniform(-reach, reach)
        tabs.append(
            Tab(place, path, width / 2, max(1.0, thickness), top, bottom, float(random.choice([0.15, 0.6, 0.95])))
        )
    return tuple(tabs)


def _gap_beside(random: np.random.Generator, tab: Tab) -> Gap:
    """The layers over a tab do not lie flat."""
    width = (tab.half_width_px / tab.radius_px) * random.uniform(1, 2)
    return Gap(tab.path_px / tab.radius_px, width, tab.radius_px + tab.thickness_px / 2, tab.thickness_px)


def _make_ends(
    random: np.random.Generator, turns: float, pitch_px: float, faces_px: tuple[float, float]
) -> tuple[Ends, ...]:
    """Of cathode, its foil, anode and separator: each within the next."""
    top, bottom = faces_px
    inset_px = random.uniform(0, 1.5, 2).cumsum() * pitch_px * random.uniform(0, 2)
    first = random.uniform(0, 1.2, 2).cumsum()
    last = turns - random.uniform(0, 0.8, 2).cumsum()
    if turns < 4:
        first, last = first * 0, last * 0 + turns
    anode = Ends(first[0], last[0], top + inset_px[0], bottom - inset_px[0])
    cathode = Ends(first[1], last[1], top + inset_px[1], bottom - inset_px[1])
    foil = Ends(max(0.0, first[1] - random.uniform(0, 0.7)), cathode.last_turn, cathode.top_px, cathode.bottom_px)
    return cathode, foil, anode, Ends(-np.inf, np.inf, top, bottom)


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
