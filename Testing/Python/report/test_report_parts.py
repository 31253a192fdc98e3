"""Numbers, units, pictures and words of a report."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from RWTHSAMLib.algorithms.measurement.class_voxels import ClassVoxels
from RWTHSAMLib.algorithms.measurement.measure import MeasureSettings, measure
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.export.labelmap import LabelledClass
from RWTHSAMLib.report.compose import ReportSettings, compose
from RWTHSAMLib.report.page import html_page
from RWTHSAMLib.report.pictures import SliceWithClasses, best_slices, slice_picture, spread_slices
from RWTHSAMLib.report.quantities import LengthUnit, percent, significant, ticks, unit_for
from RWTHSAMLib.report.statistics import ClassMask, statistics_of
from RWTHSAMLib.volumes.volume_data import VolumeData, upright_grid

MM = LengthUnit("mm", 1.0)
RED = LabelledClass(1, "red", "Red", (1.0, 0.0, 0.0))


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (9, "9.000"),
        (123456.7, "123,457"),
        (0.000123456, "0.0001235"),
        (1.5e-7, "1.500e-07"),
        (np.nan, "–"),
        (3.2e12, "3.200e+12"),
    ],
)
def test_numbers_are_written_for_people(value, text) -> None:
    assert significant(value) == text


@pytest.mark.parametrize("share, text", [(0, "0.00 %"), (1e-6, "< 0.01 %"), (0.5, "50.00 %"), (0.99999, "> 99.99 %")])
def test_a_share_never_hides_what_is_there(share, text) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    "spacing_mm, shape_kji, known, name",
    [
        ((0.03, 0.03, 0.03), (500, 700, 700), True, "mm"),
        ((0.0005, 0.0005, 0.0005), (1000, 1000, 1000), True, "µm"),
        ((2e-6, 2e-6, 2e-6), (100, 500, 500), True, "nm"),
        ((1.0, 1.0, 1.0), (100, 500, 500), False, "voxel"),
        ((1.0, 1.0, 2.0), (100, 500, 500), False, "unit"),
    ],
)
def test_the_unit_suits_voxel_and_scan(spacing_mm, shape_kji, known, name) -> None:
    assert unit_for(spacing_mm, shape_kji, known).name == name


def test_volumes_are_cubes_of_the_unit() -> None:
    assert LengthUnit("µm", 1e-3).with_unit(2.5e-9, 3) == "2.500 µm³"


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0, 17.3) == [0, 5, 10, 15] and ticks(0.0, 0.9, 3) == [0, 0.5]


def test_numbers_of_a_color_scan_are_of_its_mean() -> None:
    scan = np.zeros((2, 3, 4, 3), np.uint8)
    scan[..., 0], scan[..., 1] = 30, 60
    (only,) = statistics_of(scan, [ClassMask(RED, lambda: np.ones((2, 3, 4), bool))]).classes
    assert (only.grey_mean, only.grey_spread, only.voxels) == (30, 0, 24)


def test_parts_that_touch_at_a_corner_are_one() -> None:
    mask = np.zeros((4, 4, 4), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[3, 3, 3] = True
    (only,) = statistics_of(np.zeros(mask.shape), [ClassMask(RED, lambda: mask)]).classes
    assert only.instance_voxels.tolist() == [2, 1]


def test_a_report_says_what_a_measurement_does() -> None:
    pytest.importorskip("SimpleITK")
    random = np.random.default_rng(5)
    mask, values = random.random((12, 14, 16)) < 0.3, random.normal(100, 20, (12, 14, 16))
    values[3] = np.nan
    (reported,) = statistics_of(values, [ClassMask(RED, lambda: mask)]).classes
    grid = VoxelGrid(np.diag([0.5, 0.8, 1.25, 1]), mask.shape)
    whole, *parts = measure(ClassVoxels("red", mask, grid, values), MeasureSettings(parts=True)).rows
    assert (reported.voxels, reported.not_finite) == (whole.voxel_count, whole.grey_not_finite)
    assert (reported.grey_mean, reported.grey_spread) == pytest.approx((whole.grey_mean, whole.grey_spread))
    assert (reported.extent.first_ijk, reported.extent.last_ijk) == (whole.first_ijk, whole.last_ijk)
    assert reported.instance_voxels.tolist() == [each.voxel_count for each in parts]


def test_the_best_slice_shows_every_class() -> None:
    large, small = np.array([100, 90, 90, 0]), np.array([0, 0, 3, 0])
    assert best_slices({1: large, 2: small}) == 2
    assert spread_slices({1: large, 2: small}, 4) == [0, 1, 2] and spread_slices({1: np.zeros(5)}, 4) == []


def drawn(key: SliceKey, mask: np.ndarray, pixel_mm: tuple[float, float]) -> tuple[np.ndarray, float]:
    image = SliceImage(np.full(mask.shape, 100, np.uint8))
    made = slice_picture(SliceWithClasses(key, image, [(RED, mask)], pixel_mm), MM, 400)
    pixels = np.asarray(Image.open(io.BytesIO(made.png)), int)
    assert made.size_px == pixels.shape[1::-1] and made.scale_bar is not None
    return pixels, made.scale_bar.share


def test_an_outline_lies_on_the_rim_of_its_class() -> None:
    mask = np.zeros((50, 100), bool)
    mask[10:30, 20:60] = True
    pixels, share = drawn(SliceKey("k", 0), mask, (1.0, 1.0))
    assert pixels.shape == (200, 400, 3) and share == pytest.approx(0.2)  # 20 of 100 mm
    rows, columns = np.nonzero((pixels == (255, 0, 0)).all(axis=2))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (40, 119, 80, 239)
    assert (pixels[80, 160] != (255, 0, 0)).any() and (pixels[80, 160] != 100).any()  # tinted within
    assert (pixels[20, 40] == 100).all()


def test_slices_across_have_k_upwards_and_true_proportions() -> None:
    mask = np.zeros((20, 40), bool)
    mask[0] = True  # k = 0
    pixels, _ = drawn(SliceKey("j", 3), mask, (0.5, 2.0))
    assert pixels.shape[0] == 2 * pixels.shape[1]
    red, green, _ = pixels[-1, pixels.shape[1] // 2]
    assert red > green and (pixels[0] == 100).all()


def test_a_report_without_any_voxel_is_a_page_too() -> None:
    scan = VolumeData(np.zeros((4, 5, 6), np.uint8), upright_grid((1, 1, 1)), "empty", False)
    masks = [ClassMask(RED, lambda: np.zeros((4, 5, 6), bool))]
    report = compose(scan, masks, ReportSettings(no_view_3d="Why & how", window=Window(0, 1)))
    page = html_page(report, "test")
    assert "Why &amp; how" in page and "Without any voxel" in page and page.count("<img") == 3
    assert "does not say how large a voxel is" in page and "mm" not in "".join(
        c for t in report.tables for c in t.columns
    )
