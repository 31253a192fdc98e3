"""The strip beside a slider has a colour for each slice of the object, where the slider stands on it."""

from __future__ import annotations

import re

import numpy as np

from RWTHSAMLib.algorithms.propagation.belief import COLOURS
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice
from RWTHSAMLib.core.mask import Mask
from RWTHSAMWeb.state.small_pictures import gradient_of

PROMPTED, BELIEVED, DOUBTFUL, POOR = (COLOURS[each] for each in ("prompted", "believed", "doubtful", "poor"))


def strip(scores: dict[int, float], prompted: tuple[int, ...] = (), last: int = 10) -> list[tuple[str, float, float]]:
    """Colour, begin and end in percent of each piece."""
    mask = Mask.from_array(np.ones((4, 5), bool))
    gradient = gradient_of([TrackedSlice(k, mask, score) for k, score in scores.items()], prompted, 0.5, last)
    stops = re.findall(r"(#\w+) ([\d.]+)%", gradient)
    return [
        (colour, float(left), float(right)) for (colour, left), (_, right) in zip(stops[::2], stops[1::2], strict=True)
    ]


def test_each_kind_of_slice_has_its_colour() -> None:
    assert strip({3: 0.9, 4: 1.0, 5: 0.4, 6: 0.1}, prompted=(4,)) == [
        (BELIEVED, 25, 35),
        (PROMPTED, 35, 45),
        (DOUBTFUL, 45, 55),
        (POOR, 55, 65),
    ]


def test_neighbours_of_one_colour_are_one_piece_and_gaps_stay_clear() -> None:
    assert strip({2: 0.9, 3: 0.8, 4: 0.7, 8: 0.9}) == [(BELIEVED, 15, 45), (BELIEVED, 75, 85)]


def test_the_ends_of_the_scan_are_those_of_the_strip() -> None:
    assert strip({0: 0.9, 10: 0.9}) == [(BELIEVED, 0, 5), (BELIEVED, 95, 100)]


def test_without_an_object_there_is_no_strip() -> None:
    assert gradient_of([], (), 0.5, 10) == ""
