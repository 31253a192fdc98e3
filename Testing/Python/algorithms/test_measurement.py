"""Measurements against shapes whose numbers are known."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from RWTHSAMLib.algorithms.measurement.class_voxels import ClassVoxels
from RWTHSAMLib.algorithms.measurement.distances import next_parts
from RWTHSAMLib.algorithms.measurement.files import MeasuredScan, json_of, write_measurements
from RWTHSAMLib.algorithms.measurement.left_out import PartsLeftOut
from RWTHSAMLib.algorithms.measurement.measure import measure
from RWTHSAMLib.algorithms.measurement.parts import label_parts
from RWTHSAMLib.algorithms.measurement.quantities import QUANTITIES, Measured
from RWTHSAMLib.algorithms.measurement.thickness import local_thickness
from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.errors import SettingsError

SHAPE_KJI = (44, 60, 66)
ISOTROPIC, ANISOTROPIC = (1.0, 1.0, 1.0), (0.5, 0.8, 1.25)
SEED = 11


def grid(spacing_mm=ISOTROPIC, turned: bool = False, shape_kji=SHAPE_KJI) -> VoxelGrid:
    """A grid of voxels, upright or turned by 30 degrees and flipped."""
    turn = np.eye(3)
    if turned:
        cosine, sine = np.cos(np.pi / 6), np.sin(np.pi / 6)
        turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, -1]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag(spacing_mm)
    matrix[:3, 3] = (-12.0, 5.0, 40.0) if turned else (0, 0, 0)
    return VoxelGrid(matrix, shape_kji)


def offsets_mm(spacing_mm) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance along k, j and i of each voxel from the array's middle."""
    middle = [(count - 1) / 2 for count in SHAPE_KJI]
    k, j, i = np.ogrid[: SHAPE_KJI[0], : SHAPE_KJI[1], : SHAPE_KJI[2]]
    return tuple((each - m) * s for each, m, s in zip((k, j, i), middle, spacing_mm[::-1], strict=True))


def ball(radius_mm: float, spacing_mm=ISOTROPIC) -> np.ndarray:
    return sum(each**2 for each in offsets_mm(spacing_mm)) <= radius_mm**2


def cylinder(radius_mm: float, spacing_mm=ISOTROPIC, height: int = 30) -> np.ndarray:
    """Along k, of whole slices."""
    _, j, i = offsets_mm(spacing_mm)
    mask = np.zeros(SHAPE_KJI, bool)
    mask[5 : 5 + height] = (j**2 + i**2 <= radius_mm**2)[0]
    return mask


def only(mask: np.ndarray, where: VoxelGrid, **choices):
    (measured,) = measure(ClassVoxels("it", mask, where), MeasureSettings(**choices)).rows
    return measured


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("spacing_mm", [ISOTROPIC, ANISOTROPIC])
def test_a_ball_measures_what_a_ball_does(spacing_mm, turned):
    radius_mm, where = 13.0, grid(spacing_mm, turned)
    found = only(ball(radius_mm, spacing_mm), where)
    assert found.volume == pytest.approx(4 / 3 * np.pi * radius_mm**3, rel=0.02)
    assert found.surface_area == pytest.approx(4 * np.pi * radius_mm**2, rel=0.02)
    assert found.equivalent_diameter == pytest.approx(2 * radius_mm, rel=0.01)
    middle = where.ijk_to_ras @ [*((count - 1) / 2 for count in SHAPE_KJI[::-1]), 1]
    assert (found.centroid_r, found.centroid_a, found.centroid_s) == pytest.approx(middle[:3], abs=1e-6)


@pytest.mark.parametrize("spacing_mm", [ISOTROPIC, ANISOTROPIC])
def test_a_cylinder_measures_what_a_cylinder_does(spacing_mm):
    radius_mm, height = 12.0, 30
    found = only(cylinder(radius_mm, spacing_mm, height), grid(spacing_mm))
    height_mm = height * spacing_mm[2]
    assert found.volume == pytest.approx(np.pi * radius_mm**2 * height_mm, rel=0.01)
    expected_mm2 = 2 * np.pi * radius_mm * (radius_mm + height_mm)
    assert 0.88 < found.surface_area / expected_mm2 < 1.02  # 13 directions see flat ends along an axis too small
    assert found.size_k == pytest.approx(height_mm)


def test_a_hollow_shell_has_both_its_surfaces():
    found = only(ball(18.0) & ~ball(12.0), grid(), thickness=True)
    assert found.volume == pytest.approx(4 / 3 * np.pi * (18.0**3 - 12.0**3), rel=0.01)
    assert found.surface_area == pytest.approx(4 * np.pi * (18.0**2 + 12.0**2), rel=0.02)
    assert found.thickness_median == pytest.approx(6.0, abs=1.0)


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_a_plate_is_as_thick_as_it_is_to_half_a_voxel(count):
    plate = np.zeros(SHAPE_KJI, bool)
    plate[10 : 10 + count, 3:-3, 3:-3] = True
    thickness = local_thickness(plate, (0.4, 1.0, 1.0))
    inner = thickness[10 : 10 + count, 20:40, 20:40]
    assert np.abs(inner - 0.4 * count).max() <= 0.2 + 1e-6
    assert not thickness[~plate].any()


@pytest.mark.parametrize("spacing_mm", [ISOTROPIC, ANISOTROPIC])
def test_the_thickness_of_a_rod_is_its_diameter_to_a_voxel_and_a_half(spacing_mm):
    thickness = local_thickness(cylinder(8.0, spacing_mm, 44 - 5), spacing_mm[::-1])
    values = thickness[thickness > 0]
    assert np.percentile(values, 90) == pytest.approx(16.0, abs=1.5 * max(spacing_mm[:2]))


@pytest.mark.parametrize("axis", ["k", "j", "i"])
@pytest.mark.parametrize("spacing_mm", [ISOTROPIC, ANISOTROPIC])
def test_a_wall_that_grows_thicker_along_an_axis_is_seen_to(axis, spacing_mm):
    """A wall of 4 and then of 8 voxels, standing on the axis."""
    along = "kji".index(axis)
    across = (along + 1) % 3
    place = np.indices((40, 40, 40))
    wall = (place[across] >= 10) & (place[across] < np.where(place[along] < 20, 14, 18))
    found = measure(ClassVoxels("wall", wall, grid(spacing_mm)), MeasureSettings(thickness=True, along=axis)).along
    step_mm = spacing_mm[::-1][across]
    means = found.values["thickness_mean"]
    assert found.axis == axis and len(means) == 40
    assert means[4:10] == pytest.approx(4 * step_mm, abs=1.5 * max(spacing_mm))
    assert means[32:36] == pytest.approx(8 * step_mm, abs=1.5 * max(spacing_mm))


def test_slices_are_counted_and_averaged_as_numpy_does():
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    values, mask, where = random.normal(100, 20, SHAPE_KJI), ball(9.0), grid(ANISOTROPIC)
    choices = MeasureSettings(thickness=True, along="j")
    found = measure(ClassVoxels("it", mask, where, values), choices).along.values
    thickness = local_thickness(mask, where.spacing_mm_kji)
    there = mask.any(axis=(0, 2))
    np.testing.assert_array_equal(found["voxel_count"], mask.sum(axis=(0, 2)))
    np.testing.assert_allclose(found["area"], mask.sum(axis=(0, 2)) * 0.5 * 1.25)
    np.testing.assert_allclose(found["position"], np.arange(60) * 0.8)
    for index in np.flatnonzero(there):
        on_slice = mask[:, index]
        assert found["grey_mean"][index] == pytest.approx(values[:, index][on_slice].mean())
        assert found["thickness_mean"][index] == pytest.approx(thickness[:, index][on_slice].mean(), rel=1e-5)
        assert found["thickness_spread"][index] == pytest.approx(thickness[:, index][on_slice].std(), abs=1e-5)
    assert np.isnan(found["thickness_mean"][~there]).all() and not found["area"][~there].any()


def test_thickness_is_that_of_the_largest_balls_found_one_by_one():
    """Against the definition: the largest ball over every voxel, centre by centre."""
    print(f"seed {SEED}")
    mask = np.random.default_rng(SEED).random((9, 10, 11)) < 0.8
    spacing = (1.0, 0.7, 1.3)
    from scipy import ndimage

    radii = ndimage.distance_transform_edt(np.pad(mask, 1), spacing)[1:-1, 1:-1, 1:-1].astype(np.float32)
    places = np.argwhere(mask) * spacing
    expected = np.zeros(mask.shape)
    for centre, radius in zip(places, radii[mask], strict=True):
        covered = np.argwhere(mask)[np.linalg.norm(places - centre, axis=1).astype(np.float32) < radius]
        expected[tuple(covered.T)] = np.maximum(expected[tuple(covered.T)], radius)
    found = local_thickness(mask, spacing)
    np.testing.assert_allclose(found[mask], 2 * expected[mask] - 0.35, atol=1e-5)


def test_grey_values_and_fractions_are_numpys():
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    values, mask, region = random.normal(100, 20, SHAPE_KJI), ball(9.0), cylinder(15.0)
    (found,) = measure(ClassVoxels("it", mask, grid(), values, region)).rows
    assert (found.grey_mean, found.grey_spread) == pytest.approx((values[mask].mean(), values[mask].std()))
    assert found.phase_fraction == pytest.approx((mask & region).sum() / region.sum())
    (whole,) = measure(ClassVoxels("it", mask, grid(), values)).rows
    assert whole.phase_fraction == pytest.approx(mask.mean())


def test_parts_are_measured_the_largest_first_and_know_the_next_one():
    mask = np.zeros(SHAPE_KJI, bool)
    mask[5:9, 5:9, 5:9], mask[20:26, 5:11, 5:11], mask[40, 50, 60] = True, True, True
    where = grid((0.5, 0.5, 2.0))
    values = np.where(mask, 7.0, 0.0)
    whole, *parts = measure(ClassVoxels("it", mask, where, values), MeasureSettings(parts=True)).rows
    assert (whole.number, whole.voxel_count) == (0, mask.sum())
    assert [(each.number, each.voxel_count) for each in parts] == [(1, 216), (2, 64), (3, 1)]
    assert parts[0].first_ijk == (5, 5, 20) and parts[0].last_ijk == (10, 10, 25)
    assert (parts[1].next_number, parts[1].next_distance) == (1, pytest.approx(12 * 2.0))
    assert all(each.grey_mean == 7.0 for each in parts)
    fewer = measure(ClassVoxels("it", mask, where), MeasureSettings(parts=True, least_voxels=2))
    assert [each.number for each in fewer.rows] == [0, 1, 2]
    assert fewer.left_out == PartsLeftOut("it", 1, 1)
    assert fewer.left_out.text == "1 smaller part of 'it' (1 voxel) is left out of the table."
    assert measure(ClassVoxels("it", mask, where), MeasureSettings(parts=True)).left_out is None


@pytest.mark.parametrize(
    ("share", "connectivity"),
    [(0.02, 26), (0.25, 6), (0.4, 6)],
    ids=["single voxels", "small and large", "one holds all"],
)
def test_the_next_part_is_the_one_that_trying_all_pairs_finds(share, connectivity):
    print(f"seed {SEED}")
    from scipy.spatial.distance import cdist

    labels = label_parts(np.random.default_rng(SEED).random((14, 15, 16)) < share, connectivity)
    spacing = (2.0, 0.9, 1.1)
    places = {n: np.argwhere(labels == n) * spacing for n in range(1, labels.max() + 1)}
    found = next_parts(labels, spacing)
    assert len(places) > 20 and found.keys() == places.keys()
    for number, own in places.items():
        expected = min(cdist(own, others).min() for other, others in places.items() if other != number)
        assert found[number][0] == pytest.approx(expected)
        assert cdist(own, places[found[number][1]]).min() == pytest.approx(expected)


def test_the_work_for_a_noisy_class_grows_with_its_voxels_not_with_its_pairs_of_parts(monkeypatch):
    from scipy import spatial

    trees = []
    real = spatial.cKDTree
    monkeypatch.setattr(spatial, "cKDTree", lambda places: trees.append(len(places)) or real(places))
    labels = label_parts(np.random.default_rng(SEED).random((60, 60, 60)) < 0.05, 6)
    assert len(next_parts(labels, ISOTROPIC)) == labels.max() > 5000
    assert len(trees) < 10


def test_a_part_that_is_alone_has_no_next_one():
    assert next_parts(label_parts(ball(8.0)), ISOTROPIC) == next_parts(np.zeros(SHAPE_KJI, np.int32), ISOTROPIC) == {}


def test_voxels_that_touch_at_a_corner_are_one_part_or_two():
    mask = np.zeros((4, 4, 4), bool)
    mask[1, 1, 1] = mask[2, 2, 2] = True
    assert label_parts(mask, 26).max() == 1 and label_parts(mask, 6).max() == label_parts(mask, 18).max() == 2


def test_a_class_without_voxels_has_no_row_and_one_voxel_is_enough():
    assert measure(ClassVoxels("it", np.zeros(SHAPE_KJI, bool), grid())).rows == []
    one = np.zeros(SHAPE_KJI, bool)
    one[0, 0, 0] = True
    found = only(one, grid(ANISOTROPIC, turned=True), thickness=True)
    assert found.volume == pytest.approx(0.5) and found.first_ijk == found.last_ijk == (0, 0, 0)
    assert found.centroid_s == pytest.approx(40.0)


@pytest.fixture
def a_result() -> MeasuredScan:
    rows = measure(ClassVoxels("Can, steel", ball(8.0), grid()), MeasureSettings(parts=True)).rows
    return MeasuredScan("scan", ISOTROPIC, True, tuple(rows))


def test_a_csv_file_has_units_in_its_headings(a_result, tmp_path: Path):
    write_measurements(a_result, tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first["class"] == "Can, steel" and first["part"] == "0" and second["part"] == "1"
    assert float(first["volume (mm3)"]) == pytest.approx(a_result.rows[0].volume, rel=1e-6)
    assert "thickness_mean (mm)" not in first and "next_distance (mm)" not in first


def test_a_json_file_says_what_every_number_means(a_result, tmp_path: Path):
    write_measurements(a_result, tmp_path / "table.json")
    document = json.loads((tmp_path / "table.json").read_text())
    assert document["quantities"]["surface_area"] == {"unit": "mm2", "meaning": QUANTITIES["surface_area"][1]}
    assert document["rows"][0]["voxel_count"] == a_result.rows[0].voxel_count


def test_without_a_known_size_of_voxels_lengths_are_in_voxels(a_result):
    unknown = MeasuredScan("scan", ISOTROPIC, False, a_result.rows)
    assert unknown.unit("volume") == "voxel3" and json.loads(json_of(unknown))["spacing_unit"] == "unknown"


class Rows(tuple[Measured, ...]):
    """Rows that count how often somebody goes through them."""

    times = 0

    def __iter__(self):
        Rows.times += 1
        return super().__iter__()


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_table_of_many_parts_is_written_row_by_row_without_looking_at_all_of_them_each_time(ending, tmp_path: Path):
    rows, times = measure(ClassVoxels("it", ball(8.0), grid())).rows, []
    for count in (10, 100):
        Rows.times = 0
        write_measurements(MeasuredScan("scan", ISOTROPIC, True, Rows(rows * count)), tmp_path / f"table.{ending}")
        times.append(Rows.times)
    assert times[0] == times[1]


def test_another_ending_is_refused(a_result, tmp_path: Path):
    with pytest.raises(SettingsError, match=r"table\.xls"):
        write_measurements(a_result, tmp_path / "table.xls")
