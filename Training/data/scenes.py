"""What a training slice can show, and how often."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .blobs import BlobScene
from .canvas import Canvas
from .cylindrical import CylindricalScene
from .grid import Grid
from .sample import Target
from .scanner import scanned
from .window import to_uint8


class Scene(Protocol):
    """Something to be looked at: its parameters are drawn once, then it can be drawn on any grid."""

    name: str

    def __init__(self, random: np.random.Generator, size: int) -> None: ...

    def draw(self, canvas: Canvas) -> None:
        """Attenuation and parts at the samples of a canvas."""

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Masks of a canvas of one sample per pixel on which the scene was drawn."""


_SCENES: dict[type[Scene], float] = {CylindricalScene: 0.6, BlobScene: 0.4}


def make_scene(random: np.random.Generator, size: int) -> tuple[str, np.ndarray, tuple[Target, ...]]:
    """Name, image (uint8) and targets of a random scene of `size` pixels; there may be no target."""
    kinds, shares = list(_SCENES), np.array(list(_SCENES.values()))
    make = kinds[int(random.choice(len(kinds), p=shares / shares.sum()))]
    scene = make(random, size)
    truth = Canvas(Grid(size))
    scene.draw(truth)
    targets = tuple(scene.targets(truth, random))
    if not targets:
        return scene.name, np.zeros((size, size), np.uint8), ()
    fine = Canvas(Grid(size, 2))
    scene.draw(fine)
    return scene.name, to_uint8(scanned(fine.grid.averaged(fine.attenuation), random), random), targets
