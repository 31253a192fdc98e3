"""How a classifier of voxels is learned."""

from __future__ import annotations

from dataclasses import dataclass

from .codec import Settings
from .setting import setting


@dataclass(frozen=True)
class LearnSettings(Settings):
    """What a classifier is learned with, beside the scales of its features."""

    trees: int = setting(50, "Trees of the random forest; twice as many take twice the time on every scan.", 1, 1000)
    depth: int = setting(14, "The most questions that a tree asks of a voxel.", 1, 40)
    most_voxels: int = setting(
        10_000,
        "Labelled voxels of a class that are learned from, drawn evenly from all of them.",
        10,
        10_000_000,
    )
    background: bool = setting(
        False,
        "Voxels of no class are background, and learned as such; without it they only have not been labelled yet.",
    )
    seed: int = setting(0, "Of what is drawn: the same seed gives the same classifier.", 0, 2**31 - 1)
