"""Masks of neighbouring slices become instances; masks are judged by the grey values alone."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.automatic.judgement import SliceJudge
from RWTHSAMLib.algorithms.automatic.linking import Instance, linked, pairs
from RWTHSAMLib.core.mask import Mask, iou
from RWTHSAMLib.errors import InputError

SHAPE_YX = (60, 80)
SEED = 8


def disc(x: float, y: float, radius: float) -> Mask:
    rows, columns = np.indices(SHAPE_YX)
    return Mask.from_array(np.hypot(columns - x, rows - y) <= radius)


@pytest.fixture
def two_rods() -> list[list[Mask]]:
    """Five slices: one rod wanders through all, another ends after the third; their order changes."""
    slices = [[disc(20 + n, 30, 8), disc(60, 30, 8)] for n in range(3)]
    slices[1].reverse()
    return [*slices, [disc(23, 30, 8)], [disc(24, 30, 8)]]


@pytest.fixture
def a_pore() -> tuple[Mask, np.ndarray]:
    mask = disc(40, 30, 10)
    values = np.random.default_rng(SEED).normal(100, 5, SHAPE_YX)
    values[mask.to_array()] -= 60
    return mask, values


def test_rods_are_followed_through_the_slices(two_rods) -> None:
    longer, shorter = linked(two_rods)
    assert longer == Instance(((0, 0), (1, 1), (2, 0), (3, 0), (4, 0)))
    assert shorter == Instance(((0, 1), (1, 0), (2, 1)))


def test_short_instances_can_be_left_out(two_rods) -> None:
    assert [each.slice_count for each in linked(two_rods, min_slices=4)] == [5]


def test_every_mask_belongs_to_exactly_one_instance(two_rods) -> None:
    places = [place for each in linked(two_rods) for place in each.masks]
    assert sorted(places) == [(k, n) for k, masks in enumerate(two_rods) for n in range(len(masks))]


def test_what_splits_goes_on_in_the_larger_part() -> None:
    whole, large, small = disc(40, 30, 15), disc(38, 30, 13), disc(54, 30, 3)
    first, second = linked([[whole], [small, large]])
    assert first.masks == ((0, 0), (1, 1))
    assert second.masks == ((1, 0),)


def test_slices_without_masks_end_every_instance() -> None:
    assert [each.slice_count for each in linked([[disc(9, 9, 5)], [], [disc(9, 9, 5)]])] == [1, 1]


def test_the_assignment_prefers_the_best_overlap_of_all_together() -> None:
    here = [disc(30, 30, 10), disc(34, 30, 10)]
    there = [disc(33, 30, 10), disc(38, 30, 10)]
    assert pairs(here, there, 0.3) == [(0, 0), (1, 1)]


def test_iou_on_the_boxes_equals_that_on_whole_slices() -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(50):
        first, second = (disc(*rng.uniform([0, 0, 1], [80, 60, 25])) for _ in range(2))
        one, other = first.to_array(), second.to_array()
        assert iou(first, second) == pytest.approx((one & other).sum() / (one | other).sum())


def test_a_real_pore_is_believed_and_a_random_disc_is_not(a_pore) -> None:
    mask, values = a_pore
    good = SliceJudge(values).judge(mask)
    assert not good.is_doubtful
    assert good.contrast > 5
    assert good.edge_gradient > 2
    assert good.image_share > 0
    assert SliceJudge(values).judge(disc(12, 12, 8)).is_doubtful


def test_a_mask_of_nearly_everything_is_doubtful(a_pore) -> None:
    everything = Mask.from_array(np.ones(SHAPE_YX, bool))
    assert SliceJudge(a_pore[1]).judge(everything).is_doubtful


def test_an_empty_mask_cannot_be_judged(a_pore) -> None:
    with pytest.raises(InputError):
        SliceJudge(a_pore[1]).judge(Mask.from_array(np.zeros(SHAPE_YX, bool)))
