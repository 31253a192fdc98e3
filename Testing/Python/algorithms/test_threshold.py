"""Inside a region: grey values, the rim and smoothing find the fine structure."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.threshold.threshold import depth_mm, otsu_threshold, smoothed, thresholded, without_specks
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import SettingsError

SHAPE_KJI = (12, 20, 22)
SPACING_KJI_MM = (2.0, 0.8, 1.0)
SEED = 5


@pytest.fixture
def random() -> np.random.Generator:
    print(f"seed {SEED}")
    return np.random.default_rng(SEED)


@pytest.fixture
def region() -> np.ndarray:
    mask = np.zeros(SHAPE_KJI, bool)
    mask[2:10, 3:17, 4:18] = True
    return mask


@pytest.fixture
def values(random, region) -> np.ndarray:
    """A dark region with a bright layer in it; around it everything is bright."""
    grey = np.where(region, 40, 200) + random.integers(-10, 11, SHAPE_KJI)
    grey[5:7][region[5:7]] += 110
    return grey


def threshold(region, values, **choices) -> np.ndarray:
    return thresholded(region, values, SPACING_KJI_MM, ThresholdSettings(**choices))


def test_without_a_choice_the_region_stays(region, values):
    assert np.array_equal(threshold(region, values), region)


def test_a_grey_range_keeps_what_has_its_values_inside_only(region, values):
    assert np.array_equal(threshold(region, values, grey=Range(100, None)), region & (values >= 100))
    assert np.array_equal(threshold(region, values, grey=Range(35, 45)), region & (values >= 35) & (values <= 45))


@pytest.mark.parametrize("part", ["bright", "dark"])
def test_otsu_splits_the_regions_own_values_whatever_lies_around(region, values, part):
    layer = region.copy()
    layer[:5], layer[7:] = False, False
    assert np.array_equal(threshold(region, values, otsu=part), layer if part == "bright" else region & ~layer)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
def test_otsus_threshold_splits_as_skimages_does(random, kind):
    from skimage.filters import threshold_otsu

    values = np.concatenate([random.normal(60, 9, 4000), random.normal(150, 14, 1500)]).astype(kind)
    expected = threshold_otsu(values, nbins=4096)
    assert np.count_nonzero((values > otsu_threshold(values)) != (values > expected)) <= 2


def test_values_that_are_all_one_or_not_finite_have_a_threshold_too():
    assert otsu_threshold(np.full(5, 7.0)) == 7.0 and otsu_threshold(np.array([np.nan])) == 0.0
    assert 1.0 <= otsu_threshold(np.array([1.0, 1.0, 9.0, np.nan, np.inf])) < 9.0


def test_the_rim_is_what_lies_near_the_outside(region, values):
    depth = depth_mm(region, SPACING_KJI_MM)
    outside = np.argwhere(~region) * SPACING_KJI_MM
    for place in ((2, 3, 4), (5, 10, 10), (6, 4, 11)):
        expected = np.linalg.norm(outside - np.multiply(place, SPACING_KJI_MM), axis=1).min() - 0.4
        assert depth[place] == pytest.approx(expected)
    assert np.array_equal(threshold(region, values, rim_mm=1.5), region & (depth <= 1.5))


def test_a_region_that_goes_on_beyond_the_scan_has_no_rim_there(values):
    column = np.zeros(SHAPE_KJI, bool)
    column[:, 5:15, 5:15] = True
    rim = threshold(column, values, rim_mm=1.0)
    assert np.array_equal(rim[0], rim[6]) and not rim[0, 9, 9] and rim[0, 5, 9]


def test_smoothing_removes_what_is_thin_and_fills_gaps(region):
    thin = region.copy()
    thin[5, :2, 10] = True
    thin[5, 10, 11] = False
    smooth = smoothed(thin, SPACING_KJI_MM, 2.1)
    assert not smooth[5, :2, 10].any() and smooth[5, 10, 11] and np.array_equal(smooth & region, smooth)


def test_smoothing_by_distances_is_opening_and_closing_with_a_ball(random):
    from scipy import ndimage

    mask, radius_mm = random.random((16, 18, 20)) < 0.7, 1.9
    reach = [int(radius_mm // step) + 1 for step in SPACING_KJI_MM]
    offsets = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in reach), indexing="ij"), -1) * SPACING_KJI_MM
    ball = np.linalg.norm(offsets, axis=-1) <= radius_mm
    opened = ndimage.binary_dilation(ndimage.binary_erosion(mask, ball, border_value=1), ball)
    expected = ndimage.binary_erosion(ndimage.binary_dilation(opened, ball), ball, border_value=1)
    assert np.array_equal(smoothed(mask, SPACING_KJI_MM, radius_mm), expected)


def test_specks_are_removed(region):
    region[0, 0, 0] = True
    assert np.array_equal(without_specks(region, 2)[1:], region[1:]) and not without_specks(region, 2)[0].any()


def test_an_empty_region_stays_empty(values):
    assert not threshold(np.zeros(SHAPE_KJI, bool), values, otsu="dark", rim_mm=3.0).any()


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"otsu": "grey"}, "otsu"),
        ({"rim_mm": 0}, "rim_mm"),
        ({"smooth_mm": -1}, "smooth_mm"),
        ({"least_voxels": 0}, "1 to"),
    ],
)
def test_wrong_choices_are_named(choices, words):
    with pytest.raises(SettingsError, match=words):
        ThresholdSettings(**choices)


def test_a_region_that_fills_the_scan_has_no_rim(values):
    assert not threshold(np.ones(SHAPE_KJI, bool), values, rim_mm=3.0).any()
