"""Scenes of things with outlines: drawn one over the other, nested, each a target of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..drawing.canvas import NO_LAYER, Canvas
from ..drawing.grid import SmoothField, rough_field, summed
from ..drawing.targets import SMALLEST_PX, usable
from ..sample import Target
from .outlines import Outline

_MOST_OF_A_KIND = 5
_MOST_TARGETS = 28


@dataclass(frozen=True)
class Texture:
    """Attenuation that varies within a thing."""

    fields: tuple[SmoothField, ...]

    @classmethod
    def make(cls, random: np.random.Generator, size: int, deviation: float) -> Texture:
        """Clouds or grains, from coarse to as fine as two pixels."""
        coarsest = int(random.choice([4, 10, 24, 60]))
        octaves = int(random.integers(1, 4))
        coarsest = max(2, min(coarsest, size // 2 ** (octaves + 1)))
        return cls(tuple(rough_field(random, coarsest, octaves, deviation)))


@dataclass(frozen=True)
class Thing:
    """Something in the view.

    Attributes
    ----------
    kind : str
        What it is.
    outline : Outline or None
        None for a group: its members are drawn, not itself.
    attenuation : float
        Relative to steel.
    parent : int
        Index of the thing that it is a part of, -1 for none.
    texture : Texture, optional
        Variation of its attenuation.
    is_class : bool
        Whether all things of this kind together are a target, too.
    is_target : bool
        Whether it is a target by itself.
    """

    kind: str
    outline: Outline | None
    attenuation: float
    parent: int = -1
    texture: Texture | None = None
    is_class: bool = False
    is_target: bool = True


@dataclass
class Arrangement:
    """Things in the order in which they are drawn, parents before their parts, on a ground."""

    name: str
    ground: float
    ground_texture: Texture | None = None
    warp: tuple[SmoothField, SmoothField] | None = None
    things: list[Thing] = field(default_factory=list)

    def add(self, thing: Thing) -> int:
        """Add on top; returns its index."""
        self.things.append(thing)
        return len(self.things) - 1

    def draw(self, canvas: Canvas) -> None:
        """Draw the ground, then all things."""
        canvas.attenuation[:] = self.ground
        if self.ground_texture is not None:
            canvas.attenuation += summed(list(self.ground_texture.fields), canvas.grid)
        for index, thing in enumerate(self.things):
            if thing.outline is None:
                continue
            part = canvas.rectangle(*canvas.grid.around(*thing.outline.reach))
            if part.part.size == 0:
                continue
            where = thing.outline.covers(part.grid)
            part.draw(where, 1, thing.attenuation)
            part.layer[where] = index
            if thing.texture is not None:
                part.attenuation[where] += summed(list(thing.texture.fields), part.grid)[where]

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Things with all their parts, things without them, and all things of a kind."""
        found: list[Target] = []
        order = random.permutation(len(self.things))
        areas = np.bincount(truth.layer[truth.layer != NO_LAYER], minlength=len(self.things))
        counts: dict[str, int] = {}
        for index in order:
            thing = self.things[index]
            members = self._members(int(index))
            if (
                not thing.is_target
                or counts.get(thing.kind, 0) >= _MOST_OF_A_KIND
                or areas[members].sum() < SMALLEST_PX
            ):
                continue
            counts[thing.kind] = counts.get(thing.kind, 0) + 1
            found.append(Target(thing.kind, np.isin(truth.layer, members)))
            if len(members) > 1 and areas[index] >= SMALLEST_PX:
                found.append(Target(f"{thing.kind} without its parts", truth.layer == index))
        for kind in dict.fromkeys(thing.kind for thing in self.things if thing.is_class):
            together = [index for index, thing in enumerate(self.things) if thing.kind == kind]
            found.append(Target(f"all of {kind}", np.isin(truth.layer, together)))
        return usable(found)[:_MOST_TARGETS]

    def _members(self, index: int) -> list[int]:
        """A thing and all that is part of it."""
        members = {index}
        for other in range(index + 1, len(self.things)):
            if self.things[other].parent in members:
                members.add(other)
        return sorted(members)
