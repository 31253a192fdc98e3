"""Slices where an object is thinner than it should be: each step there may be believable, the whole is not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from .track import TrackedSlice, score_of_likeness

_THIN = 2 / 3
"""A choice: parts of batteries keep their section, and what is lost or leaks changes it by more than a third."""
_WHY = "the object is thinner here than beside it"
_SLICES_BEFORE, _SLICES_BEHIND = 6, 12
"""A mask that was lost comes back by a few pixels a slice, so it is looked for farther behind."""


def without_belief_in_dips(slices: Sequence[TrackedSlice], right: Collection[int]) -> list[TrackedSlice]:
    """The same slices, with lower scores where the area is smaller than on some slice on either side.

    An object that becomes smaller and stays so, or the other way round, has no dip. Beyond a slice that was filled in,
    one side is enough: what follows began with a guess.

    Parameters
    ----------
    slices : sequence of TrackedSlice
        By index, without gaps.
    right : collection of int
        Indices of slices that stay as they are: prompted, or confirmed on the way back.
    """
    areas = [each.mask.area for each in slices]
    filled = [position for position, each in enumerate(slices) if each.is_filled]
    judged = []
    for position, each in enumerate(slices):
        if each.index in right:
            judged.append(each)
            continue
        likeness = min(_share(areas, position, 1), _share(areas, position, -1), _share_beyond(areas, position, filled))
        limited = each.limited(score_of_likeness(likeness), _WHY) if likeness < 1 else each
        judged.append(replace(limited, remark=each.remark or (_WHY if likeness < _THIN else "")))
    return judged


def share_of_neighbours(areas: Sequence[int]) -> list[float]:
    """Of each slice in a row the area over the smaller of the largest areas on both sides, at most 1."""
    return [min(1.0, _share(areas, at, 1), _share(areas, at, -1)) for at in range(len(areas))]


def _share(areas: Sequence[int], position: int, forwards: int) -> float:
    """Area of a slice over the smaller of the largest areas on both sides, `forwards` being where the mask came to."""
    first, last = (_SLICES_BEFORE, _SLICES_BEHIND) if forwards > 0 else (_SLICES_BEHIND, _SLICES_BEFORE)
    before, behind = areas[max(0, position - first) : position], areas[position + 1 : position + 1 + last]
    if not before or not behind:
        return 1.0
    return areas[position] / max(1, min(max(before), max(behind)))


def _share_beyond(areas: Sequence[int], position: int, filled: Sequence[int]) -> float:
    """Area of a slice over the largest on the other side of a slice that was filled in near it; 1 where none was."""
    largest = [
        max(
            areas[max(0, each - _SLICES_BEFORE) : each]
            if each < position
            else areas[each + 1 : each + 1 + _SLICES_BEFORE],
            default=0,
        )
        for each in filled
        if 0 < abs(position - each) <= _SLICES_BEHIND
    ]
    return min((areas[position] / each for each in largest if each), default=1.0)
