"""Which grey values, and how much of what has them, part an object from its surroundings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from RWTHSAMLib.algorithms.propagation.appearance import material
from RWTHSAMLib.algorithms.propagation.appearance.material import Material, material_of, pixels_of
from RWTHSAMLib.algorithms.propagation.seed import seeds_of
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.slices import Axis
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import StateError

SHAPE = (72, 90)
REACH_PX = 3
USUAL = (3, 0.5)
SEEDS = range(12)


def disc_yx(radius: float, middle_xy: tuple[float, float] = (40, 34)) -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.hypot(columns - middle_xy[0], rows - middle_xy[1]) <= radius


def noisy(grey: np.ndarray, seed: int, sigma: float = 8) -> np.ndarray:
    return np.asarray(grey + np.random.default_rng(seed).normal(0, sigma, SHAPE))


@pytest.fixture
def organ() -> np.ndarray:
    """Grey, among fat that is darker, with a neighbour of nearly its own grey values that touches it."""
    grey = np.where(disc_yx(14), 40.0, -90.0)
    return noisy(np.where(disc_yx(10, (63, 34)), 75.0, grey), 3)


def wide_range(values: np.ndarray, inside: np.ndarray) -> Range:
    """What was taken of every object alike."""
    lower, upper = np.percentile(values[ndimage.binary_erosion(inside, iterations=3)], (USUAL[0], 100 - USUAL[0]))
    more = (upper - lower) * USUAL[1]
    return Range(lower - more, upper + more)


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))


def again(values: np.ndarray, inside: np.ndarray, material: Material) -> float:
    """How far a mask is found again among what lies within reach of it."""
    region = ndimage.binary_dilation(inside, iterations=REACH_PX)
    return iou(pixels_of(region, values, material, inside), inside)


def test_a_neighbour_of_nearly_the_same_grey_values_is_kept_out(organ: np.ndarray) -> None:
    inside = disc_yx(14)
    learned = material_of(organ, Mask.from_array(inside), REACH_PX)
    assert 40 in learned.grey and -90 not in learned.grey
    assert again(organ, inside, learned) > 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_no_mask_is_found_again_worse_than_with_the_range_that_every_object_was_given(seed: int) -> None:
    random = np.random.default_rng(seed)
    inside = disc_yx(random.uniform(6, 20))
    around = noisy(np.full(SHAPE, random.uniform(-60, 60)), seed + 100, random.uniform(2, 30))
    texture = ndimage.gaussian_filter(random.normal(size=SHAPE), 2)
    values = np.where(inside, noisy(np.full(SHAPE, 80.0), seed), around + 40 * texture / texture.std())
    learned = material_of(values, Mask.from_array(inside), REACH_PX)
    usual = again(values, inside, Material(wide_range(values, inside)))
    print(f"seed {seed}: {again(values, inside, learned):.3f}, with the usual range {usual:.3f}")
    if learned.is_told_apart:
        assert again(values, inside, learned) >= usual - 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_where_not_every_range_is_tried_none_would_have_been_taken(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(seed)
    inside = disc_yx(random.uniform(6, 20))
    values = noisy(np.where(inside, 90.0, random.uniform(-60, 80)), seed, random.uniform(2, 25))
    quick = material_of(values, Mask.from_array(inside), REACH_PX)
    monkeypatch.setattr(material, "_is_good_enough", lambda found_again: False)
    assert quick == material_of(values, Mask.from_array(inside), REACH_PX), f"seed {seed}"


def test_where_the_usual_range_lets_the_surroundings_in_a_narrower_one_is_taken() -> None:
    """Fat in an organ, as much as one pixel in 25: the usual range reaches down to it, and to the fat beside."""
    inside, fat = disc_yx(14), np.random.default_rng(7).random(SHAPE) < 0.04
    around = np.where(np.indices(SHAPE)[1] < 40, 20.0, 250.0)
    values = noisy(np.where(inside, np.where(fat, 20.0, 100.0), around), 8, 4)
    learned = material_of(values, Mask.from_array(inside), REACH_PX)
    usual = Material(wide_range(values, inside))
    assert learned.is_told_apart
    assert again(values, inside, learned) > again(values, inside, usual) + 0.05


def test_values_that_are_no_numbers_are_left_out() -> None:
    inside = disc_yx(14)
    values = np.where(inside, 60.0, 0.0) + np.random.default_rng(9).normal(0, 2, SHAPE)
    whole = material_of(values, Mask.from_array(inside), REACH_PX)
    values[34, 40] = np.nan
    values[33, 41] = np.inf
    learned = material_of(values, Mask.from_array(inside), REACH_PX)
    assert learned.grey.limits == pytest.approx(whole.grey.limits, abs=1)
    assert again(values, inside, learned) > 0.95
    assert material_of(np.full(SHAPE, np.nan), Mask.from_array(inside), REACH_PX) == Material()


def test_a_thread_into_a_neighbour_of_the_same_grey_values_is_cut() -> None:
    inside, other = disc_yx(14), disc_yx(9, (70, 34))
    thread = np.zeros(SHAPE, bool)
    thread[33:35, 50:64] = True
    values = noisy(np.where(inside | other | thread, 60.0, 0.0), 5, 2)
    kept = pixels_of(np.ones(SHAPE, bool), values, Material(Range(40, 80), 2), inside)
    assert not (kept & other).any()
    assert iou(kept, inside) > 0.95
    assert (pixels_of(np.ones(SHAPE, bool), values, Material(Range(40, 80)), inside) & other).any()


def test_an_object_thinner_than_the_opening_is_not_opened_away() -> None:
    layer = np.zeros(SHAPE, bool)
    layer[30:33, 10:80] = True
    values = np.where(layer, 60.0, 0.0)
    kept = pixels_of(np.ones(SHAPE, bool), values, Material(Range(40, 80), 2), layer)
    assert np.array_equal(kept, layer)


def test_what_holds_all_grey_values_is_told_apart_by_none() -> None:
    values = np.random.default_rng(4).uniform(0, 100, SHAPE)
    assert material_of(values, Mask.from_array(disc_yx(15)), REACH_PX) == Material()


def test_zero_is_a_limit_like_any_other() -> None:
    inside = disc_yx(12)
    values = np.where(inside, 5.0, -5.0)
    kept = pixels_of(np.ones(SHAPE, bool), values, Material(Range(0, 10)), inside)
    assert np.array_equal(kept, inside)


@pytest.mark.parametrize(
    ("spacing_mm_ijk", "axis", "padding_px"),
    [
        ((1, 1, 1), "k", 1),
        ((3.05, 3.05, 10), "k", 3),
        ((1, 1, 2), "k", 2),
        ((1, 1, 2), "i", 1),
        ((0.7, 0.7, 5), "k", 7),
        ((5, 5, 1), "k", 1),
    ],
)
def test_a_mask_may_reach_as_far_as_slices_are_apart(
    spacing_mm_ijk: tuple[float, float, float], axis: Axis, padding_px: int
) -> None:
    grid = VoxelGrid(np.diag([*spacing_mm_ijk, 1.0]), (4, 5, 6))
    assert PropagationSettings().resolved(grid.slice_step(axis)).padding_px == padding_px
    assert PropagationSettings(padding_px=4).resolved(grid.slice_step(axis)).padding_px == 4


@pytest.mark.parametrize(
    "window", [Window(0, 255), Window(1000, 2000)], ids=["black slice", "window beside all values"]
)
def test_an_object_must_be_seen_on_one_of_its_prompted_slices(window: Window, organ: np.ndarray) -> None:
    """A damaged slice may be among them, but not be the only one."""
    scan = {3: np.zeros_like(organ), 5: organ}
    mask = Mask.from_array(disc_yx(10))

    def learned(*indices: int) -> set[int]:
        return set(seeds_of(dict.fromkeys(indices, mask), scan.__getitem__, lambda k: image(k), PropagationSettings()))

    def image(k: int) -> SliceImage:
        return SliceImage.from_values(scan[k], window)

    with pytest.raises(StateError, match=r"Nothing can be seen .*slice 3.*Prompt the object on a slice"):
        learned(3)
    if window == Window(0, 255):
        assert learned(3, 5) == {3, 5}
    else:
        with pytest.raises(StateError, match="slice 3, 5.*grey window"):
            learned(3, 5)
