"""How masks that were found on slices become objects, and whose the voxels of two objects are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .codec import Settings
from .setting import setting

Nested = Literal["smaller", "larger"]


@dataclass(frozen=True)
class DetectedObjectsSettings(Settings):
    """What is said of objects that are found without prompts."""

    least_overlap: float = setting(
        0.5, "Masks of neighbouring slices are one object if they overlap by this much (IoU) or more.", 0, 1
    )
    doubtful_below: float = setting(
        0.5, "Masks that differ less from what is around them, in standard deviations, are doubtful.", 0, 1000
    )
    nested: Nested = setting("smaller", "Which of two objects that lie in each other has the voxels.")
