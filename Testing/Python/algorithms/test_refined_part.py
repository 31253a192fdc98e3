"""Which part of a class is refined, and what the class loses to a better mask."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.refine.class_part import part_at, prompts_of_part, replaced_by
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt

SHAPE_YX = (20, 30)


def mask(*boxes: tuple[int, int, int, int]) -> Mask:
    """Mask of boxes (x_min, y_min, x_max, y_max)."""
    pixels = np.zeros(SHAPE_YX, bool)
    for x0, y0, x1, y1 in boxes:
        pixels[y0 : y1 + 1, x0 : x1 + 1] = True
    return Mask.from_array(pixels)


def same(one: Mask, other: Mask) -> bool:
    return np.array_equal(one.to_array(), other.to_array())


LARGE, SMALL = (2, 2, 10, 10), (15, 3, 18, 6)


@pytest.fixture
def held() -> Mask:
    """A large part and a small one."""
    return mask(LARGE, SMALL)


@pytest.mark.parametrize(("at_xy", "expected"), [(None, LARGE), ((16, 4), SMALL), ((3, 9), LARGE), ((25, 15), LARGE)])
def test_the_part_under_a_pixel_is_meant_else_the_largest(held, at_xy, expected) -> None:
    assert same(part_at(held, at_xy), mask(expected))


def test_parts_that_touch_at_a_corner_are_one() -> None:
    touching = mask((1, 1, 3, 3), (4, 4, 5, 5))
    assert same(part_at(touching, (5, 5)), touching)


def test_nothing_has_no_part() -> None:
    assert part_at(mask()).is_empty


def test_a_part_prompts_by_its_box_and_its_deepest_pixel() -> None:
    prompts = prompts_of_part(mask(LARGE))
    assert prompts.items == (BoxPrompt(*LARGE), PointPrompt(6, 6)) and prompts.replaces
    assert prompts.adding(PointPrompt(3, 3, False)).without(2) == prompts


def test_a_better_mask_takes_the_place_of_its_part_only(held) -> None:
    better = mask((3, 3, 10, 11))
    lost = replaced_by(held, better, BoxPrompt(*LARGE))
    assert same(lost, mask((2, 2, 10, 2), (2, 2, 2, 10)))


@pytest.mark.parametrize(
    ("new", "box"),
    [
        (mask((15, 3, 20, 8)), BoxPrompt(*LARGE)),
        (mask((3, 3, 5, 5)), BoxPrompt(3, 3, 10, 10)),
        (mask(), BoxPrompt(*LARGE)),
        (mask((3, 3, 5, 5)), None),
    ],
    ids=["a mask elsewhere", "a part that leaves the box", "no mask", "no box"],
)
def test_otherwise_nothing_is_lost(held, new, box) -> None:
    assert replaced_by(held, new, box).is_empty
