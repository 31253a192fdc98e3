"""What a training slice can show, and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from .batteries.cylindrical import CylindricalScene
from .batteries.flat_cells import FlatCellScene
from .batteries.turned_cells import TurnedScene
from .drawing.canvas import Canvas
from .drawing.grid import Grid
from .drawing.targets import visible
from .sample import Target
from .scanner.imaging import scanned
from .scanner.window import choose_window, to_uint8, windowed
from .things import living_things, loose_things
from .things.fields_of_grain import Cellular, Patches, Sponge, Strata


class Scene(Protocol):
    """Something to be looked at: its parameters are drawn once, then it can be drawn on any grid."""

    name: str

    def draw(self, canvas: Canvas) -> None:
        """Attenuation and parts at the samples of a canvas."""

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Masks of a canvas of one sample per pixel on which the scene was drawn."""


SceneMaker = Callable[[np.random.Generator, int], Scene]

# batteries six in ten
_SCENES: dict[SceneMaker, float] = {
    CylindricalScene: 31,
    FlatCellScene: 24,
    TurnedScene: 5,
    loose_things.nested_blobs: 6,
    loose_things.tubes: 3,
    loose_things.pores: 4,
    loose_things.particles: 4,
    loose_things.machine_parts: 4,
    living_things.chest: 3,
    living_things.belly: 3,
    living_things.limb: 1,
    living_things.vessels: 2,
    Cellular: 4,
    Sponge: 2,
    Strata: 3,
    Patches: 2,
}


def choose_scene(random: np.random.Generator) -> SceneMaker:
    """Kind of a scene, as often as it is to be."""
    kinds, shares = list(_SCENES), np.array(list(_SCENES.values()))
    return kinds[int(random.choice(len(kinds), p=shares / shares.sum()))]


def make_scene(kind: SceneMaker, random: np.random.Generator, size: int) -> tuple[str, np.ndarray, tuple[Target, ...]]:
    """Name, image (uint8) and targets of a scene of `size` pixels; there may be no target."""
    scene = kind(random, size)
    truth = Canvas(Grid(size))
    scene.draw(truth)
    targets = tuple(scene.targets(truth, random))
    fine = Canvas(Grid(size, 2))
    scene.draw(fine)
    attenuation = fine.grid.averaged(fine.attenuation)
    grey = scanned(attenuation, random)
    window = choose_window(grey, random)
    return scene.name, to_uint8(grey, window, random), visible(targets, windowed(attenuation, window))
