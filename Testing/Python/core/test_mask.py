"""Masks are as small as their bounding box and lose nothing."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.mask import Candidate, Mask, Segmentation, dice
from RWTHSAMLib.errors import InputError


def test_masks_round_trip():
    rng = np.random.default_rng(31)
    for density in (0.0, 0.001, 0.02, 0.5, 1.0):
        for _ in range(10):
            array = rng.random(rng.integers(1, 60, 2)) < density
            assert np.array_equal(Mask.from_array(array).to_array(), array), f"density {density}, seed 31"


def test_a_mask_is_cropped_to_its_box():
    array = np.zeros((10, 20), bool)
    array[3:5, 7:12] = True
    mask = Mask.from_array(array)
    assert mask.pixels.shape == (2, 5)
    assert mask.bounds_xyxy == (7, 3, 11, 4)
    assert mask.area == 10


def test_a_single_pixel_in_a_corner_is_found():
    array = np.zeros((4, 4), np.uint8)
    array[3, 3] = 255
    assert Mask.from_array(array).bounds_xyxy == (3, 3, 3, 3)


def test_an_empty_mask_knows_that_it_is_empty():
    mask = Mask.from_array(np.zeros((3, 4)))
    assert mask.is_empty and mask.area == 0
    assert mask.to_array().shape == (3, 4)
    with pytest.raises(InputError):
        _ = mask.bounds_xyxy


def test_a_mask_does_not_follow_the_array_it_came_from():
    array = np.ones((2, 2), bool)
    mask = Mask.from_array(array)
    array[:] = False
    assert mask.area == 4


@pytest.mark.parametrize("shape", [(4,), (2, 3, 4)])
def test_only_slices_become_masks(shape):
    with pytest.raises(InputError, match="rows, columns"):
        Mask.from_array(np.ones(shape))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [([1, 1, 0], [1, 1, 0], 1.0), ([1, 1, 0], [0, 1, 1], 0.5), ([1, 0], [0, 1], 0.0), ([0, 0], [0, 0], 1.0)],
)
def test_dice_is_twice_the_overlap_by_the_sum(first, second, expected):
    assert dice(np.array(first), np.array(second)) == expected


def test_the_chosen_candidate_is_the_best():
    masks = [Candidate(Mask.from_array(np.eye(n)), 0.9, np.zeros((256, 256), np.float32)) for n in (1, 2, 3)]
    assert Segmentation(tuple(masks), chosen=2).best is masks[2]
