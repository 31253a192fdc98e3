"""What a mask looks like tells whether it still lies on what it began with, though it overlaps with the one before."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.appearance.looks import grey_match, look_of, sharpness
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.propagation_step import Look

SHAPE_YX = (64, 80)


def disc(x: int, y: int = 32, radius: int = 12) -> Mask:
    rows, columns = np.indices(SHAPE_YX)
    return Mask.from_array(np.hypot(rows - y, columns - x) <= radius)


def slice_with(mask: Mask, noise: float, seed: int = 7) -> np.ndarray:
    """An object of 150 in surroundings of 90."""
    random = np.random.default_rng(seed)
    return np.where(mask.to_array(), 150.0, 90.0) + random.normal(0, noise, SHAPE_YX)


@pytest.mark.parametrize("noise", [0.0, 1.0, 15.0])
def test_the_object_of_another_slice_matches_and_what_lies_beside_it_does_not(noise: float) -> None:
    look = look_of(slice_with(disc(30), noise), disc(30))
    moved = slice_with(disc(33), noise, seed=8)
    assert grey_match(moved, disc(33), look) > 0.8
    assert grey_match(moved, disc(62), look) < 0.05
    assert 0.2 < grey_match(moved, disc(45), look) < 0.9


def test_a_scan_that_drifts_a_little_matches_also_without_noise() -> None:
    look = look_of(slice_with(disc(30), 0), disc(30))
    assert grey_match(slice_with(disc(30), 0) + 3, disc(30), look) == 1
    assert grey_match(slice_with(disc(30), 0) + 30, disc(30), look) == 0


def test_where_nothing_is_known_nothing_speaks_against_a_mask() -> None:
    values = slice_with(disc(30), 5)
    empty = Mask(SHAPE_YX, (0, 0), np.zeros((0, 0), bool))
    assert grey_match(values, disc(62), Look()) == grey_match(values, empty, look_of(values, disc(30))) == 1
    assert grey_match(np.full(SHAPE_YX, np.nan), disc(30), look_of(values, disc(30))) == 1


@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_an_outline_is_sharp_where_it_follows_an_edge(noise: float) -> None:
    values = slice_with(disc(30), noise)
    assert sharpness(values, disc(30)) > 0.6 > 0.55 > sharpness(values, disc(44)) > 0.3


def test_an_outline_in_a_flat_slice_is_neither_sharp_nor_not() -> None:
    assert sharpness(np.full(SHAPE_YX, 3, np.uint8), disc(30)) == 0.5


def test_a_thin_mask_and_one_that_fills_the_slice_have_a_look() -> None:
    line = np.zeros(SHAPE_YX, bool)
    line[20, 5:60] = True
    whole = np.ones(SHAPE_YX, bool)
    for pixels in (line, whole):
        look = look_of(slice_with(disc(30), 5), Mask.from_array(pixels))
        assert len(look.grey_quantiles) == 33 and 0 <= look.sharpness <= 1 and look.grey_tolerance >= 0


def test_a_mask_on_a_black_slice_tells_nothing_of_how_the_object_looks() -> None:
    """A damaged slice that somebody confirms is a keyframe, too; what lies beyond it is not held to black."""
    rows, columns = np.indices((40, 40))
    mask = Mask.from_array(np.hypot(columns - 20, rows - 20) <= 9)
    look = look_of(np.zeros((40, 40), np.uint8), mask)
    assert look.grey_quantiles == () and grey_match(np.full((40, 40), 90, np.uint8), mask, look) == 1
