"""How far a slice of a propagated object is believed, in four words with a colour each, as every front shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from .track import TrackedSlice

Belief = Literal["prompted", "believed", "doubtful", "poor"]
COLOURS: dict[Belief, str] = {
    "prompted": "#ffffff",
    "believed": "#009e73",
    "doubtful": "#e69f00",
    "poor": "#d55e00",
}
"""Told apart also by who sees no red or no green (Okabe and Ito 2008)."""
WORDS: dict[Belief, str] = {
    "prompted": "prompted",
    "believed": "believed",
    "doubtful": "doubtful",
    "poor": "hardly believed",
}


def belief_of(tracked: TrackedSlice, prompted: Collection[int], doubtful_below: float) -> Belief:
    """The word for a slice.

    Parameters
    ----------
    tracked : TrackedSlice
    prompted : collection of int
        Slices that the object was propagated from.
    doubtful_below : float
        Score, see `PropagationSettings`; what has less than half of it is poor.
    """
    if tracked.index in prompted:
        return "prompted"
    if tracked.score >= doubtful_below:
        return "believed"
    return "doubtful" if tracked.score >= doubtful_below / 2 else "poor"


def least_believed_of_parts(slices: Sequence[TrackedSlice], most: int) -> list[TrackedSlice]:
    """Slices in their order, or, where they are more than `most`, of so many equal parts of them the least believed."""
    count = min(most, len(slices))
    edges = [len(slices) * at // count for at in range(count + 1)] if count else []
    return [min(slices[a:b], key=lambda each: each.score) for a, b in zip(edges, edges[1:], strict=False)]
