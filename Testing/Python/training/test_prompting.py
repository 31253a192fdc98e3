"""Simulated prompts: inside what is wrong, on the line, around the target, evenly over kinds."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from Training.clicks import along_line_xy, damaged, deepest_pixel_xy, larger_error, loose_box_xyxy, stroke_xy
from Training.data.sample import Target
from Training.neighbours import followed, neighbour
from Training.prompting import Prompter, chosen_targets, padded

DISC = np.hypot(*(np.indices((60, 80)) - np.reshape((25, 40), (2, 1, 1)))) < 15
RING = DISC & (np.hypot(*(np.indices((60, 80)) - np.reshape((25, 40), (2, 1, 1)))) > 12)
NOTHING = np.zeros_like(DISC)


def test_the_deepest_pixel_of_a_disc_is_its_middle() -> None:
    assert deepest_pixel_xy(DISC) == (40, 25)


def test_the_image_border_counts_as_outside() -> None:
    assert deepest_pixel_xy(np.ones((5, 9), bool))[1] == 2


def test_what_was_missed_is_asked_for_and_what_was_spilt_is_taken_away() -> None:
    region, positive = larger_error(DISC, NOTHING)
    assert positive and (region == DISC).all()
    region, positive = larger_error(RING, DISC)
    assert not positive and (region == (DISC & ~RING)).all()


@given(st.integers(0, 2**32 - 1))
def test_strokes_stay_inside(seed: int) -> None:
    for x, y in stroke_xy(RING, np.random.default_rng(seed)).astype(int):
        assert RING[y, x]


@given(st.integers(0, 2**32 - 1))
def test_a_stretch_of_a_line_lies_on_it_where_something_is_missing(seed: int) -> None:
    angles = np.linspace(0, 2 * np.pi, 60)
    line = np.stack((40 + 13.5 * np.cos(angles), 25 + 13.5 * np.sin(angles)), 1)
    missing = RING & (np.arange(80) > 40)
    for x, y in along_line_xy(line, missing, np.random.default_rng(seed)).astype(int):
        assert missing[y, x]


def test_no_stretch_is_given_where_nothing_of_the_line_is_missing() -> None:
    assert along_line_xy(np.array([[1.0, 1], [2, 2]]), RING, np.random.default_rng(0)) is None


@given(st.integers(0, 2**32 - 1))
def test_a_loose_box_is_near_the_target_and_inside_the_image(seed: int) -> None:
    box = loose_box_xyxy(DISC, np.random.default_rng(seed))
    assert (np.abs(box - [26, 11, 54, 39]) <= 3).all()
    assert (box >= 0).all() and (box <= [79, 59, 79, 59]).all()


@given(st.integers(0, 2**32 - 1))
def test_a_prompter_never_gives_a_wrong_prompt(seed: int) -> None:
    random = np.random.default_rng(seed)
    prompter = Prompter(Target("disc", DISC), random)
    prompter.begin()
    for found in (NOTHING, RING, ~NOTHING, damaged(DISC, random), DISC):
        prompter.go_on(found)
    for x, y, positive in prompter.points:
        assert DISC[int(y), int(x)] == bool(positive)


def test_nothing_is_added_to_what_is_right() -> None:
    prompter = Prompter(Target("disc", DISC), np.random.default_rng(0))
    prompter.begin()
    before = len(prompter.points)
    prompter.go_on(DISC)
    assert len(prompter.points) == before


@pytest.mark.parametrize("seed", range(3))
def test_targets_are_drawn_evenly_over_kinds(seed: int) -> None:
    left, right = np.zeros_like(DISC), np.zeros_like(DISC)
    left[:, :5], right[:, -5:] = True, True
    targets = [Target("pore", DISC)] * 97 + [Target("can", left), Target("roll", right)]
    counts = Counter(each.kind for each in chosen_targets(targets, 9, np.random.default_rng(seed)))
    assert counts == {"pore": 3, "can": 3, "roll": 3}


@pytest.mark.parametrize("seed", range(8))
def test_wholes_that_are_nearly_the_same_are_drawn_once_before_any_comes_again(seed: int) -> None:
    core = np.zeros_like(DISC)
    core[DISC.shape[0] // 2, DISC.shape[1] // 2] = True
    almost = DISC & ~core
    targets = [Target("cell", DISC), Target("inside", almost), Target("roll with core", DISC), Target("core", core)]
    first, second, *others = chosen_targets(targets, 5, np.random.default_rng(seed))
    assert {first.kind == "core", second.kind == "core"} == {True, False}
    assert len(others) == 3
    assert sum(each.kind == "core" for each in (first, second, *others)) in (2, 3)


def test_points_of_several_targets_are_filled_up_with_none() -> None:
    coords, labels = padded([np.array([[1, 2, 1]], np.float32), np.array([[3, 4, 0], [5, 6, 1]], np.float32)])
    np.testing.assert_array_equal(coords, [[[1, 2], [0, 0]], [[3, 4], [5, 6]]])
    np.testing.assert_array_equal(labels, [[1, -1], [0, 1]])


@given(st.integers(0, 2**32 - 1))
def test_the_slice_before_differs_by_no_more_than_objects_move_and_grow(seed: int) -> None:
    before = neighbour(DISC, np.random.default_rng(seed))
    reach_px = 8 + 4
    assert before.any() and before.shape == DISC.shape
    assert not (before & ~ndimage.binary_dilation(DISC, iterations=2 * reach_px)).any()
    assert (before & DISC).sum() > DISC.sum() / 4


@given(st.integers(0, 2**32 - 1))
def test_a_thin_layer_moves_by_no_more_than_it_is_thick(seed: int) -> None:
    before = neighbour(RING, np.random.default_rng(seed))
    assert not (before & ~ndimage.binary_dilation(RING, np.ones((3, 3)), iterations=4)).any()


@given(st.integers(0, 2**32 - 1))
def test_who_follows_an_object_is_asked_with_the_mask_before_alone(seed: int) -> None:
    asked = followed(Target("disc", DISC), np.random.default_rng(seed))
    x, y, positive = asked.points[0].astype(int)
    rows, columns = np.nonzero(asked.before)
    assert positive and asked.before[y, x]
    assert (asked.box_xyxy[:2] <= [columns.min(), rows.min()]).all()
    assert (asked.box_xyxy[2:] >= [columns.max(), rows.max()]).all()
    assert not asked.mask.any() or (asked.mask == DISC).all()


def test_now_and_then_what_is_followed_has_ended() -> None:
    random = np.random.default_rng(5)
    ended = [not followed(Target("disc", DISC), random).mask.any() for _ in range(100)]
    assert 10 < sum(ended) < 40
