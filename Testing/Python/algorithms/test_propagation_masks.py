"""Shapes between shapes, grey values around them, and what a first mask tells about its object."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.appearance.material import Material, pixels_of
from RWTHSAMLib.algorithms.propagation.meeting import agreement, believed_share, blended, united
from RWTHSAMLib.algorithms.propagation.neighbourhood import (
    around,
    deepest_pixel,
    mean_difference,
    parts_meeting,
    pixels_in,
    placed,
    without_holes,
)
from RWTHSAMLib.algorithms.propagation.seed import seed_of
from RWTHSAMLib.algorithms.propagation.step import step_prompts
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.settings.propagation import PropagationSettings  # noqa: E402
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import StateError

SHAPE = (60, 80)
NOTHING = Mask.from_array(np.zeros(SHAPE, bool))


def disc_yx(radius: float, middle_xy: tuple[float, float] = (40, 30)) -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.hypot(columns - middle_xy[0], rows - middle_xy[1]) <= radius


def disc(radius: float, middle_xy: tuple[float, float] = (40, 30)) -> Mask:
    return Mask.from_array(disc_yx(radius, middle_xy))


def radius_of(mask: Mask) -> float:
    return float(np.sqrt(mask.area / np.pi))


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_between_two_discs_lies_a_disc(share: float) -> None:
    assert radius_of(blended(disc(8), disc(20), share)) == pytest.approx(8 + 12 * share, abs=0.7)


def test_a_shape_between_equal_shapes_is_that_shape() -> None:
    assert agreement(blended(disc(12), disc(12), 0.4), disc(12)) == 1


def test_next_to_nothing_the_nearer_one_counts() -> None:
    assert blended(disc(8), NOTHING, 0.4).area == disc(8).area and blended(disc(8), NOTHING, 0.6).is_empty


def test_the_way_that_arrives_counts_more_and_where_both_do_alike_the_place_alone() -> None:
    assert believed_share(0.3, (0.7, 0.7)) == pytest.approx(0.3) and believed_share(0.3, (0.0, 0.0)) == 0.3
    assert believed_share(0.8, (0.9, 0.3)) < 0.05 and believed_share(0.2, (0.3, 0.9)) > 0.95
    assert believed_share(0.8, (0.5, 0.0)) == 0 and believed_share(0.2, (0.0, 0.5)) == 1


def test_of_two_ways_the_one_counts_more_that_is_rather_right_here() -> None:
    """Also where the other comes to the mask at its end, which may be by chance."""
    assert believed_share(0.5, (0.3, 0.8), (0.9, 0.1)) < 0.05 and believed_share(0.5, (0.8, 0.3), (0.1, 0.9)) > 0.95
    assert believed_share(0.3, (0.7, 0.7), (0.4, 0.4)) == pytest.approx(0.3)


def test_the_way_to_a_mask_that_was_only_confirmed_is_the_one_to_go_by() -> None:
    assert believed_share(0.8, (1.0, 0.98), (0.1, 0.9)) == 0 and believed_share(0.2, (0.98, 1.0), (0.9, 0.1)) == 1
    assert believed_share(0.3, (1.0, 1.0)) == pytest.approx(0.3)


@pytest.mark.parametrize("seed", range(5))
def test_parts_of_masks_are_those_of_whole_slices(seed: int) -> None:
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    for _ in range(20):
        first, second = (
            disc_yx(random.uniform(1, 25), (random.uniform(-5, 85), random.uniform(-5, 65))) for _ in range(2)
        )
        one, other = Mask.from_array(first), Mask.from_array(second)
        np.testing.assert_array_equal(united(one, other).to_array(), first | second)
        whole = np.count_nonzero(first | second)
        assert agreement(one, other) == (np.count_nonzero(first & second) / whole if whole else 1)
        if first.any():
            part, inside = around(one, int(random.integers(0, 9)))
            np.testing.assert_array_equal(inside, first[part])
            np.testing.assert_array_equal(pixels_in(other, part), second[part])
            np.testing.assert_array_equal(placed(inside, part, SHAPE).to_array(), first)


def test_the_point_for_the_next_slice_lies_deepest_and_the_box_a_little_outside() -> None:
    prompts = step_prompts(disc(10), 3)
    assert (prompts.points[0].x, prompts.points[0].y) == (40, 30) == deepest_pixel(disc(10))
    assert prompts.box is not None and prompts.box.box_xyxy == (27, 17, 53, 43)


def test_the_box_for_the_next_slice_stays_on_the_slice() -> None:
    prompts = step_prompts(disc(10, (3, 2)), 3)
    assert prompts.box is not None and prompts.box.box_xyxy[:2] == (0, 0)


@pytest.fixture
def dark_disc() -> np.ndarray:
    """A dark disc of radius 15 with noise, on bright ground."""
    noise = np.random.default_rng(4).normal(0, 10, SHAPE)
    return np.where(disc_yx(15), 100.0, 300.0) + noise


@pytest.mark.parametrize("radius", [13, 15, 17])
def test_grey_values_are_learned_from_inside_even_of_a_mask_that_is_a_little_wide(
    dark_disc: np.ndarray, radius: float
) -> None:
    seed = seed_of(dark_disc, disc(radius))
    assert 100 in seed.grey and 300 not in seed.grey and 220 not in seed.grey
    assert seed.contrast is not None and seed.contrast > 100


def test_where_grey_values_do_not_tell_an_object_apart_they_are_not_used() -> None:
    noise = np.random.default_rng(4).uniform(0, 100, SHAPE)
    seed = seed_of(noise, disc(15))
    assert seed.contrast is None and seed.grey == Range()


def test_given_grey_values_are_kept(dark_disc: np.ndarray) -> None:
    assert seed_of(dark_disc, disc(15), PropagationSettings(grey=Range(50, 150))).grey == Range(50, 150)


def test_an_empty_mask_cannot_begin(dark_disc: np.ndarray) -> None:
    with pytest.raises(StateError, match="prompt the object"):
        seed_of(dark_disc, NOTHING)


def test_the_difference_to_the_surroundings_has_a_sign(dark_disc: np.ndarray) -> None:
    assert mean_difference(dark_disc, disc(15)) == pytest.approx(200, abs=5)
    assert mean_difference(-dark_disc, disc(15)) == pytest.approx(-200, abs=5)
    assert mean_difference(dark_disc, Mask.from_array(np.ones(SHAPE, bool))) == 0


def test_of_an_answer_remains_what_has_the_material_and_touches_the_mask_before(dark_disc: np.ndarray) -> None:
    dark_disc[29:32, 39:42] = 300  # a bright speck inside belongs to the object
    dark_disc[5:15, 5:15] = 100  # another dark thing
    seed = seed_of(dark_disc, disc(15))
    answer = disc_yx(25) | disc_yx(4, (9, 9))
    kept = pixels_of(answer, dark_disc, Material(seed.grey, seed.opening_px), disc_yx(12))
    assert np.count_nonzero(kept ^ disc_yx(15)) < 0.02 * np.count_nonzero(kept)


@pytest.mark.parametrize("seed", range(4))
def test_parts_and_holes_are_those_of_slow_ways(seed: int) -> None:
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    ndimage = pytest.importorskip("scipy.ndimage")
    for share in (0.3, 0.5, 0.7):
        pixels, others = random.random(SHAPE) < share, random.random(SHAPE) < 0.01
        np.testing.assert_array_equal(without_holes(pixels), ndimage.binary_fill_holes(pixels))
        expected = ndimage.binary_propagation(pixels & others, mask=pixels)
        np.testing.assert_array_equal(parts_meeting(pixels, others), expected)
        eight = np.ones((3, 3), bool)
        expected = ndimage.binary_propagation(pixels & others, eight, mask=pixels)
        np.testing.assert_array_equal(parts_meeting(pixels, others, diagonally=True), expected)
