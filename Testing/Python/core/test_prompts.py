"""Prompts are ordered values; every change makes a new one."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.errors import PromptError

INSIDE, OUTSIDE, BOX = PointPrompt(3, 4), PointPrompt(8, 1, positive=False), BoxPrompt(2, 1, 6, 5)


@pytest.fixture
def some_prompts() -> Prompts:
    return Prompts((INSIDE, BOX, OUTSIDE), candidate=1)


def test_sam_gets_points_in_the_order_they_were_given(some_prompts):
    assert some_prompts.point_coords_xy().tolist() == [[3, 4], [8, 1]]
    assert some_prompts.point_labels().tolist() == [1, 0]
    assert some_prompts.box == BOX


def test_no_points_give_empty_arrays_of_the_right_shape():
    assert Prompts((BOX,)).point_coords_xy().shape == (0, 2)
    assert Prompts((BOX,)).point_labels().shape == (0,)


def test_a_new_box_replaces_the_old_and_is_the_latest_prompt(some_prompts):
    new = BoxPrompt(0, 0, 1, 1)
    assert some_prompts.adding(new).items == (INSIDE, OUTSIDE, new)


def test_two_boxes_cannot_be():
    with pytest.raises(PromptError, match="at most one box"):
        Prompts((BOX, BOX))


def test_deleting_falls_back_to_the_best_candidate(some_prompts):
    assert some_prompts.without(0) == Prompts((BOX, OUTSIDE), candidate=0)


@pytest.mark.parametrize("position", [-1, 3])
def test_a_prompt_that_is_not_there_cannot_be_deleted(some_prompts, position):
    with pytest.raises(PromptError):
        some_prompts.without(position)


def test_changes_leave_the_original_alone(some_prompts):
    some_prompts.adding(INSIDE).without(0).choosing(2)
    assert some_prompts == Prompts((INSIDE, BOX, OUTSIDE), candidate=1)


def test_the_first_prompts_are_a_prefix(some_prompts):
    assert some_prompts.first(1) == Prompts((INSIDE,), candidate=1)
    assert some_prompts.first(0).items == ()


@pytest.mark.parametrize("candidate", [-1, 3])
def test_there_are_three_candidates(candidate):
    with pytest.raises(PromptError):
        Prompts((INSIDE,), candidate)


def test_only_negative_points_find_nothing(some_prompts):
    assert not Prompts((OUTSIDE,)).can_segment and not Prompts().can_segment
    assert Prompts((OUTSIDE, BOX)).can_segment and some_prompts.can_segment


@pytest.mark.parametrize(
    ("place", "found"),
    [((3.4, 4.4), 0), ((2, 3), 1), ((8, 1), 2), ((30, 30), None), ((4, 2), 1)],
    ids=["point", "box outline", "negative point", "far away", "inside the box"],
)
def test_the_nearest_prompt_is_picked(some_prompts, place, found):
    assert some_prompts.nearest(*place, within=1.5) == found


def test_nothing_is_picked_where_there_is_nothing():
    assert Prompts().nearest(0, 0, within=100) is None


def test_opposite_corners_make_a_box_in_any_order():
    corners = [((6, 1), (2, 5)), ((2, 5), (6, 1)), ((2, 1), (6, 5)), ((6, 5), (2, 1))]
    assert {BoxPrompt.around(first, second) for first, second in corners} == {BOX}


def test_a_box_with_swapped_corners_is_refused():
    with pytest.raises(PromptError):
        BoxPrompt(5, 0, 4, 9)


@pytest.mark.parametrize(
    "item",
    [
        PointPrompt(-1, 0),
        PointPrompt(0, -1),
        PointPrompt(10, 0),
        PointPrompt(0, 6),
        BoxPrompt(0, 0, 10, 2),
        BoxPrompt(0, -1, 1, 1),
    ],
    ids=str,
)
def test_prompts_outside_the_slice_are_refused(item):
    with pytest.raises(PromptError, match="10 x 6 pixels"):
        Prompts((item,)).check_inside((6, 10))


def test_prompts_on_the_last_pixels_are_fine():
    Prompts((PointPrompt(9, 5), BoxPrompt(0, 0, 9, 5))).check_inside((6, 10))


def test_the_distance_to_a_box_is_that_to_its_outline():
    rng = np.random.default_rng(41)
    outline = [(x, y) for x in range(2, 7) for y in range(1, 6) if x in (2, 6) or y in (1, 5)]
    for _ in range(100):
        x, y = (int(each) for each in rng.integers(-5, 12, 2))
        nearest = min(np.hypot(x - a, y - b) for a, b in outline)
        assert BOX.distance_to(x, y) == pytest.approx(nearest), f"{x} {y}, seed 41"
