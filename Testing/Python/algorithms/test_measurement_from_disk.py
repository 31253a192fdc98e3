"""Slab by slab the same is measured as of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.measurement.class_voxels import ClassVoxels
from RWTHSAMLib.algorithms.measurement.from_disk import measure_from_disk
from RWTHSAMLib.algorithms.measurement.measure import measure
from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.settings.measurement import CONNECTIVITIES, MeasureSettings
from RWTHSAMLib.errors import GeometryError, StateError
from RWTHSAMLib.volumes import labelled_slabs
from RWTHSAMLib.volumes.formats.segment_keys import SegmentEntry
from RWTHSAMLib.volumes.lazy_segmentation import LazySegmentation
from RWTHSAMLib.volumes.segmentation_file import SegmentationFile
from RWTHSAMLib.volumes.volume_data import VolumeData

pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")
pytest.importorskip("scipy", reason="needs scipy")

SEED = 31
SHAPE_KJI = (11, 12, 13)
GRID = np.array([[0, -0.5, 0, 3], [0.4, 0, 0, -4], [0, 0, -0.9, 50], [0, 0, 0, 1]], float)
PLACES = {"Grains": (0, 7), "Pores": (0, 300), "Binder": (1, 1)}
NOT_MEASURED = {"next_distance", "next_number"}


@pytest.fixture(scope="module")
def a_scan() -> VolumeData:
    values = np.random.default_rng(SEED).normal(1000, 50, SHAPE_KJI).astype(np.float32)
    values[2, 3, 4:8] = np.nan
    return VolumeData(values, GRID, "scan", True)


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    """Two layers (k, j, i, 2) of noise, which falls into many parts that touch by faces, edges and corners."""
    noise = np.random.default_rng(SEED + 1).random((*SHAPE_KJI, 2))
    first = np.where(noise[..., 0] < 0.08, 7, np.where(noise[..., 0] > 0.92, 300, 0))
    first[1:9, 8, 8] = 300
    first[0, 0, 0] = 9  # of no segment
    return np.stack([first, noise[..., 1] < 0.12], axis=-1).astype(np.uint16)


@pytest.fixture(scope="module")
def a_segmentation(labels) -> LazySegmentation:
    entries = tuple(
        SegmentEntry(number, name, name, layer, label) for number, (name, (layer, label)) in enumerate(PLACES.items())
    )
    about = SegmentationFile(tuple(np.zeros((1, 1, 2), np.uint16) for _ in range(2)), GRID, entries, {}, False, ())
    return LazySegmentation(about, Extent.of_shape(SHAPE_KJI), lambda first, stop: labels[first:stop], 2)


def rows_in_memory(scan: VolumeData, labels: np.ndarray, choices: MeasureSettings, region: str) -> list:
    masks = {name: labels[..., layer] == label for name, (layer, label) in PLACES.items()}
    given = (ClassVoxels(name, mask, scan.grid, scan.array_kji, masks[region]) for name, mask in masks.items())
    return [measure(each, choices) for each in given]


@pytest.mark.parametrize("connectivity", CONNECTIVITIES)
@pytest.mark.parametrize("thickness", [1, 4, 99])
def test_every_number_is_that_of_the_whole(a_scan, labels, a_segmentation, monkeypatch, connectivity, thickness):
    monkeypatch.setattr(labelled_slabs, "slices_at_a_time", lambda shape_kji, bytes_per_voxel: thickness)
    axis = {6: "k", 18: "j", 26: "i"}[connectivity]
    choices = MeasureSettings(parts=True, connectivity=connectivity, least_voxels=2, along=axis)
    found = measure_from_disk(a_segmentation, a_scan, choices, region="Binder")
    expected = rows_in_memory(a_scan, labels, choices, "Binder")
    rows = [row for each in expected for row in each.rows]
    assert len(found.rows) == len(rows) > 20
    for one, other in zip(found.rows, rows, strict=True):
        assert (one.class_name, one.number) == (other.class_name, other.number)
        assert (one.first_ijk, one.last_ijk) == (other.first_ijk, other.last_ijk)
        for name, value in other.values().items():
            if name not in NOT_MEASURED:
                near = value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)
                assert one.values()[name] == near, name
    assert [*found.left_out] == [each.left_out for each in expected if each.left_out is not None] != []
    for one, each in zip(found.along, expected, strict=True):
        assert one.class_name == each.along.class_name and one.values.keys() == each.along.values.keys()
        for name, numbers in each.along.values.items():
            assert one.values[name] == pytest.approx(numbers, nan_ok=True), name


def test_a_part_of_the_scan_lies_where_its_file_says(a_scan, labels, a_segmentation) -> None:
    part = Extent(2, 9, 1, 10, 3, 8)
    shift = np.eye(4)
    shift[:3, 3] = part.first_ijk
    cropped = labels[part.slices_kji()]
    about = SegmentationFile(a_segmentation.about.layers, GRID @ shift, a_segmentation.about.entries, {}, False, ())
    found = LazySegmentation(about, part, lambda first, stop: cropped[first:stop], 2)
    inside = np.zeros_like(labels)
    inside[part.slices_kji()] = cropped
    (grains, *_), expected = measure_from_disk(found, a_scan, MeasureSettings()).rows, inside[..., 0] == 7
    assert grains.voxel_count == np.count_nonzero(expected)
    assert Extent.between(grains.first_ijk, grains.last_ijk) == Extent.around(expected)


def test_a_segmentation_of_another_scan_is_refused(a_scan, a_segmentation) -> None:
    moved = VolumeData(a_scan.array_kji, GRID @ np.diag([2.0, 1, 1, 1]), "other", True)
    with pytest.raises(GeometryError, match="does not lie on the voxel grid of 'other'"):
        measure_from_disk(a_segmentation, moved, MeasureSettings())


def test_a_class_that_is_not_there_is_named_with_those_that_are(a_scan, a_segmentation) -> None:
    with pytest.raises(StateError, match="no segment 'Foam'; there are Grains, Pores, Binder"):
        measure_from_disk(a_segmentation, a_scan, MeasureSettings(), ["Foam"])


def test_a_voxel_size_that_is_given_counts(a_scan, a_segmentation) -> None:
    usual, sized = (
        measure_from_disk(a_segmentation, a_scan, MeasureSettings(), ["Grains"], voxel_size_mm=each)
        for each in (None, (1.0, 1.0, 2.0))
    )
    assert sized.rows[0].volume == pytest.approx(2.0 * usual.rows[0].voxel_count) and sized.unit_known
