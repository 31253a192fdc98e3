"""A strip of colours beside a slice slider: how far each slice of a propagated object is believed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from RWTHSAMLib.algorithms.propagation.belief import COLOURS, belief_of
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice

_Piece = tuple[int, int, str]


def gradient_of(slices: Iterable[TrackedSlice], prompted: Collection[int], doubtful_below: float, last: int) -> str:
    """The strip as a CSS gradient from slice 0 to slice `last`.

    Parameters
    ----------
    slices : iterable of TrackedSlice
        Of the object; elsewhere the strip is clear.
    prompted : collection of int
        Slices that it was propagated from.
    doubtful_below : float
        See `belief_of`.
    last : int
        Number of the last slice of the scan, at least 1.
    """
    colours = {each.index: COLOURS[belief_of(each, prompted, doubtful_below)] for each in slices}
    stops = [stop for first, end, colour in _pieces(colours) for stop in _stops(first, end, colour, last)]
    return f"linear-gradient(to right, {', '.join(stops)})" if stops else ""


def _pieces(colours: dict[int, str]) -> Iterator[_Piece]:
    """Neighbours of one colour together: first slice, last slice, colour."""
    ordered = enumerate(sorted(colours))
    for (_, colour), run in groupby(ordered, lambda each: (each[1] - each[0], colours[each[1]])):
        indices = [index for _, index in run]
        yield indices[0], indices[-1], colour


def _stops(first: int, end: int, colour: str, last: int) -> list[str]:
    """Hard edges half way to the neighbours, where the slider stands on a slice's middle."""
    left, right = (f"{100 * min(1.0, max(0.0, place / last)):.2f}%" for place in (first - 0.5, end + 0.5))
    return [f"transparent {left}", f"{colour} {left}", f"{colour} {right}", f"transparent {right}"]
