"""A hole of the prompted mask that is filled on the way is doubted, however well the masks overlap."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.holes import hole_share, without_belief_in_filled_holes
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice
from RWTHSAMLib.core.mask import Mask, compact

SHAPE_YX = (90, 100)
ROLL_PX = 40


def roll(core_px: float, besides_px: float = 0) -> Mask:
    """A disc with a hole in its middle, and another one beside it."""
    rows, columns = np.indices(SHAPE_YX)
    pixels = np.hypot(rows - 45, columns - 50) <= ROLL_PX
    pixels &= np.hypot(rows - 45, columns - 50) >= core_px
    return Mask.from_array(pixels & (np.hypot(rows - 25, columns - 50) >= besides_px))


def doubted(prompted: dict[int, Mask], found: dict[int, Mask]) -> list[int]:
    slices = [TrackedSlice(index, mask, 0.9) for index, mask in found.items()]
    return [each.index for each in without_belief_in_filled_holes(slices, prompted) if each.score < 0.5]


def test_a_hole_that_closes_slice_by_slice_is_doubted_from_half_on() -> None:
    closing = {k: roll(core) for k, core in enumerate((10, 9, 8, 6, 4, 0), 1)}
    assert doubted({0: roll(10)}, closing) == [4, 5, 6]


def test_the_words_say_how_much_of_the_hole_is_gone() -> None:
    (slice_,) = without_belief_in_filled_holes([TrackedSlice(3, compact(roll(0)), 0.9)], {0: roll(10)})
    assert (slice_.score, slice_.weakness) == (0.0, "a hole of the prompted mask is filled here by 100%")


def test_a_hole_that_moves_or_grows_speaks_against_nothing() -> None:
    moved = Mask.from_array(np.roll(roll(10).to_array(), 4, axis=1))
    assert doubted({0: roll(10)}, {1: moved, 2: roll(14)}) == []


def test_one_of_two_holes_that_is_filled_is_told_by_its_size() -> None:
    assert doubted({0: roll(10, 10)}, {1: roll(10, 8)}) == []
    assert doubted({0: roll(6, 10)}, {1: roll(6, 0)}) == [1]


@pytest.mark.parametrize("core_px", [0, 2])
def test_specks_and_what_has_no_hole_are_not_asked(core_px: float) -> None:
    assert hole_share(roll(core_px)) == 0
    assert doubted({0: roll(core_px)}, {1: roll(0), 2: roll(10)}) == []


def test_between_two_prompted_slices_a_hole_may_end() -> None:
    assert doubted({0: roll(10), 6: roll(0)}, {3: roll(0)}) == []
    assert doubted({0: roll(10), 6: roll(10)}, {3: roll(0), 8: roll(0)}) == [3, 8]


def test_nothing_has_no_holes() -> None:
    empty = Mask(SHAPE_YX, (0, 0), np.zeros((0, 0), bool))
    assert hole_share(empty) == 0 and doubted({0: roll(10)}, {1: empty}) == [1]
