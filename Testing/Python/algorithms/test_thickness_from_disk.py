"""Local thickness in tiles: that of the whole array, wherever tiles end."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.measurement import thickness_from_disk
from RWTHSAMLib.algorithms.measurement.class_voxels import ClassVoxels
from RWTHSAMLib.algorithms.measurement.from_disk import measure_from_disk
from RWTHSAMLib.algorithms.measurement.measure import measure
from RWTHSAMLib.algorithms.measurement.thickness import local_thickness
from RWTHSAMLib.algorithms.measurement.thickness_from_disk import ThicknessOnDisk
from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.errors import VolumeError
from RWTHSAMLib.volumes import labelled_slabs
from RWTHSAMLib.volumes.formats.segment_keys import SegmentEntry
from RWTHSAMLib.volumes.labelled_slabs import LabelledSlabs
from RWTHSAMLib.volumes.lazy_segmentation import LazySegmentation
from RWTHSAMLib.volumes.segmentation_file import SegmentationFile
from RWTHSAMLib.volumes.volume_data import VolumeData

pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")
ndimage = pytest.importorskip("scipy.ndimage", reason="needs scipy")

SHAPE_KJI = (22, 29, 33)
SPACING_KJI_MM = (1.4, 0.9, 1.0)
GRID = np.diag([*SPACING_KJI_MM[::-1], 1.0])
ENOUGH, LITTLE = 3_600_000, 700_000
"""Bytes of memory: some tiles, and too little for the largest balls."""


@pytest.fixture(params=[0, 1])
def labels(request) -> np.ndarray:
    """Two classes (k, j, i) of lumps that reach the ends of the scan, and a ball in the midst of one."""
    print("seed", request.param)
    noise = np.random.default_rng(request.param).normal(size=SHAPE_KJI)
    found = np.digitize(ndimage.gaussian_filter(noise, 1.2), [-0.05, 0.07]).astype(np.uint8)
    k, j, i = np.ogrid[:22, :29, :33]
    found[((k - 11) * 1.4) ** 2 + ((j - 14) * 0.9) ** 2 + (i - 16) ** 2 < 12] = 2
    return found


@pytest.fixture
def a_scan() -> VolumeData:
    return VolumeData(np.random.default_rng(9).integers(0, 99, SHAPE_KJI).astype(np.int16), GRID, "scan", True)


def a_segmentation(labels: np.ndarray) -> LazySegmentation:
    entries = tuple(SegmentEntry(number, name, name, 0, number + 1) for number, name in enumerate(("Thin", "Lumps")))
    about = SegmentationFile((np.zeros((1, 1, 2), np.uint8),), GRID, entries, {}, False, ())
    return LazySegmentation(about, Extent.of_shape(SHAPE_KJI), lambda first, stop: labels[first:stop, ..., None], 1)


@pytest.fixture
def seen(monkeypatch) -> list[tuple[int, ...]]:
    """Shapes of all tiles; slabs are three slices."""
    shapes, distance_mm = [], thickness_from_disk.distance_mm

    def noted(mask, spacing_mm_kji):
        shapes.append(mask.shape)
        return distance_mm(mask, spacing_mm_kji)

    monkeypatch.setattr(thickness_from_disk, "distance_mm", noted)
    monkeypatch.setattr(thickness_from_disk, "usable_bytes", lambda: ENOUGH)
    monkeypatch.setattr(labelled_slabs, "slices_at_a_time", lambda shape_kji, bytes_per_voxel: 3)
    return shapes


@pytest.mark.parametrize(("label", "held_bytes"), [(1, 4), (2, 75)], ids=["wide windows", "thin windows"])
def test_every_voxel_is_as_thick_as_in_the_whole_array(labels, a_scan, seen, monkeypatch, label, held_bytes) -> None:
    monkeypatch.setattr(thickness_from_disk, "_BYTES_HELD", held_bytes)
    slabs = LabelledSlabs(a_segmentation(labels), a_scan, 64)
    with ThicknessOnDisk(slabs, (0, label), SPACING_KJI_MM) as found:
        thickness = found.values_mm[found.steps(0, SHAPE_KJI[0])]
        part = found.values_mm[found.steps(5, 9)]
    whole = local_thickness(labels == label, SPACING_KJI_MM)
    assert found.cut_mm is None and np.array_equal(thickness, whole) and np.array_equal(part, whole[5:9])
    assert len({*seen}) > 2 and all(np.prod(each) * 96 <= ENOUGH for each in seen)


@pytest.mark.parametrize("axis", ["k", "j"])
def test_the_table_is_that_of_the_whole(labels, a_scan, seen, axis) -> None:
    choices = MeasureSettings(parts=True, least_voxels=4, thickness=True, along=axis)
    found = measure_from_disk(a_segmentation(labels), a_scan, choices)
    expected = [
        measure(ClassVoxels(name, labels == label, a_scan.grid, a_scan.array_kji), choices)
        for label, name in ((1, "Thin"), (2, "Lumps"))
    ]
    rows = [row for each in expected for row in each.rows]
    assert len(found.rows) == len(rows) > 2
    for one, other in zip(found.rows, rows, strict=True):
        for name, value in other.values().items():
            if name.startswith("thickness"):
                assert one.values()[name] == pytest.approx(value, rel=1e-5, abs=1e-5), (name, one.number)
    for one, each in zip(found.along, expected, strict=True):
        for name in ("thickness_mean", "thickness_spread"):
            assert np.allclose(one.values[name], each.along.values[name], rtol=1e-4, atol=1e-4, equal_nan=True)


def test_balls_that_memory_has_no_room_for_are_cut_which_is_told(labels, a_scan, seen, monkeypatch) -> None:
    monkeypatch.setattr(thickness_from_disk, "usable_bytes", lambda: LITTLE)
    said: list[str] = []
    found = measure_from_disk(
        a_segmentation(labels), a_scan, MeasureSettings(thickness=True), classes=["Lumps"], say=said.append
    )
    (text,) = said
    assert text.startswith("Memory has no room for the largest balls of 'Lumps': what is thicker than ")
    cut_mm = float(text.split("thicker than ")[1].split(" mm")[0])
    whole = local_thickness(labels == 2, SPACING_KJI_MM)[labels == 2]
    assert whole.max() > cut_mm and found.rows[0].thickness_95 <= cut_mm + 1e-5
    assert found.rows[0].thickness_5 == pytest.approx(np.percentile(whole, 5), abs=1.0)


def test_too_little_memory_for_any_ball_says_what_to_do(labels, a_scan, seen, monkeypatch) -> None:
    monkeypatch.setattr(thickness_from_disk, "usable_bytes", lambda: 3000)
    with pytest.raises(VolumeError, match=r"Thickness needs some slices of 'scan' .* coarser level"):
        measure_from_disk(a_segmentation(labels), a_scan, MeasureSettings(thickness=True))
