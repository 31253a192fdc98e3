"""The model looks closely at the part of a large slice that is prompted, and the choice stays while it can."""

from __future__ import annotations

import pytest

from RWTHSAMLib.core.crop import TILE_PX, tile_around, with_tile
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts, StrokePrompt
from RWTHSAMLib.errors import PromptError

LARGE_YX, SMALL_YX = (3000, 4000), (728, 728)


def clicked(*points: tuple[int, int]) -> Prompts:
    return Prompts(tuple(PointPrompt(x, y) for x, y in points))


def test_small_slices_are_looked_at_whole() -> None:
    for detail in ("auto", "tile", "whole"):
        assert with_tile(clicked((5, 5)), SMALL_YX, detail).tile_xyxy is None


@pytest.mark.parametrize(("shape_yx", "has_tile"), [((1200, 1300), False), ((1600, 900), True)])
def test_only_slices_much_larger_than_a_tile_get_one_of_themselves(shape_yx, has_tile) -> None:
    assert (with_tile(clicked((5, 5)), shape_yx, "auto").tile_xyxy is not None) == has_tile
    assert with_tile(clicked((5, 5)), shape_yx, "tile").tile_xyxy is not None
    assert with_tile(clicked((5, 5)), shape_yx, "whole").tile_xyxy is None


@pytest.mark.parametrize("at_xy", [(0, 0), (3999, 2999), (2000, 1500), (700, 2990)])
def test_a_tile_holds_its_prompt_and_lies_on_the_slice(at_xy) -> None:
    tiled = with_tile(clicked(at_xy), LARGE_YX, "auto")
    x0, y0, x1, y1 = tiled.tile_xyxy
    assert (x1 - x0 + 1, y1 - y0 + 1) == (TILE_PX, TILE_PX)
    tiled.check_inside(LARGE_YX)


def test_clicks_beside_each_other_share_a_tile_and_one_far_off_gets_a_larger_one() -> None:
    first = with_tile(clicked((2000, 1500)), LARGE_YX, "auto")
    second = with_tile(first.adding(PointPrompt(2100, 1450)), LARGE_YX, "auto")
    assert second.tile_xyxy == first.tile_xyxy
    aside = with_tile(first.adding(PointPrompt(2380, 1500)), LARGE_YX, "auto")
    assert aside.tile_xyxy == first.tile_xyxy != tile_around((2000, 1500, 2380, 1500), LARGE_YX)
    third = with_tile(second.adding(PointPrompt(3300, 1500)), LARGE_YX, "auto")
    x0, _, x1, _ = third.tile_xyxy
    assert x1 - x0 + 1 == 1950
    third.check_inside(LARGE_YX)
    assert with_tile(clicked((2010, 1505)), LARGE_YX, "auto").tile_xyxy == first.tile_xyxy


def test_a_prompt_across_the_slice_is_looked_at_whole() -> None:
    box = Prompts((BoxPrompt(100, 100, 3900, 2900),))
    assert with_tile(box, LARGE_YX, "auto").tile_xyxy is None
    assert tile_around((10, 10, 3500, 20), LARGE_YX) is None


def test_a_prompt_outside_its_tile_is_refused() -> None:
    prompts = Prompts((PointPrompt(5, 5),), tile_xyxy=(10, 10, 40, 40))
    with pytest.raises(PromptError, match="outside the part"):
        prompts.check_inside((100, 100))
    with pytest.raises(PromptError, match="no part of a slice"):
        Prompts((PointPrompt(15, 15),), tile_xyxy=(10, 10, 100, 40)).check_inside((100, 100))


def test_a_line_along_a_winding_needs_no_tile_and_may_leave_that_of_the_points() -> None:
    line = StrokePrompt(((5, 5), (2900, 2900)), 6)
    assert with_tile(Prompts((line,)), (3000, 3000), "auto").tile_xyxy is None
    both = with_tile(Prompts((PointPrompt(1500, 1500), line)), (3000, 3000), "auto")
    assert both.tile_xyxy is not None
    both.check_inside((3000, 3000))
