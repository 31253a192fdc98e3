"""One array of labels from the masks of classes that may overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..core.color import Color

MOST_LABELS = np.iinfo(np.uint16).max


@dataclass(frozen=True)
class LabelledClass:
    """A class and the number that stands for it in a labelmap.

    Attributes
    ----------
    label : int
        From 1; 0 is the background.
    class_id : str
        Of the profile, or the segment's id where it is no class of a profile.
    name : str
        For people.
    color : Color
        Red, green and blue from 0 to 1.
    """

    label: int
    class_id: str
    name: str
    color: Color


@dataclass(frozen=True)
class Overlap:
    """Voxels that two classes claim; in one labelmap they are the later one's."""

    loser: LabelledClass
    winner: LabelledClass
    voxels: int

    @property
    def sentence(self) -> str:
        """In plain words."""
        return (
            f"{self.voxels:,} voxels belong to '{self.loser.name}' and to '{self.winner.name}'; a labelmap has one "
            f"label a voxel, so they are '{self.winner.name}' here. One file for each class keeps both."
        )


def label_type(classes: Sequence[LabelledClass]) -> np.dtype[np.unsignedinteger]:
    """The smallest number type that holds all labels."""
    return np.min_scalar_type(max((each.label for each in classes), default=0))


def merge(
    labels_kji: np.ndarray,
    masks: Iterable[tuple[LabelledClass, np.ndarray, tuple[slice, slice, slice]]],
    classes: Sequence[LabelledClass],
) -> list[Overlap]:
    """Write masks into an array of labels, one after the other, and say what they took from each other.

    Parameters
    ----------
    labels_kji : numpy.ndarray
        (k, j, i) of an unsigned type, zero where nothing is; changed in place.
    masks : iterable of (LabelledClass, numpy.ndarray, (slice, slice, slice))
        Class, bool (k, j, i), and the block of `labels_kji` that it lies in.
    classes : sequence of LabelledClass
        All that may occur in `labels_kji`.
    """
    by_label = {each.label: each for each in classes}
    overlaps = []
    for entry, mask, block in masks:
        part = labels_kji[block]
        before, counts = np.unique(part[mask], return_counts=True)
        overlaps += [
            Overlap(by_label[int(label)], entry, int(count))
            for label, count in zip(before, counts, strict=True)
            if label
        ]
        part[mask] = entry.label
    return overlaps
