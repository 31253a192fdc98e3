"""Measurements of segments become tables and plots of the scene."""

from __future__ import annotations

import numpy as np
import pytest
from scene_parts import GEOMETRIES
from vtkmodules.util.numpy_support import vtk_to_numpy

from RWTHSAMLib.algorithms.measurement.files import MeasuredScan
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.errors import GeometryError, StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.mrml.results.measurements import along_plot, measure_segmentation, table_node, volume_histogram

PROFILE = SegmentationProfile(
    "cell", (ProfileClass("pore", "Pore", (1.0, 0.5, 0.0)), ProfileClass("core", "Core", (0.0, 0.4, 1.0)))
)
SHAPE_KJI = (12, 14, 16)
BLOCKS = ((slice(1, 4), slice(2, 6), slice(3, 8)), (slice(8, 10), slice(9, 12), slice(10, 14)))


def finished(steps) -> MeasuredScan:
    shares = []
    while True:
        try:
            shares.append(next(steps))
        except StopIteration as end:
            assert shares == sorted(shares) and 0 < shares[-1] <= 1
            return end.value


@pytest.fixture
def pores() -> np.ndarray:
    voxels = np.zeros(SHAPE_KJI, bool)
    for block in BLOCKS:
        voxels[block] = True
    return voxels


@pytest.fixture(params=GEOMETRIES)
def a_volume_and_pores(request, a_volume_of, a_scene, pores):
    """A volume on any grid and a segmentation with two pores; the core is empty."""
    volume = a_volume_of(GEOMETRIES[request.param], SHAPE_KJI)
    node = segments.create_segmentation(a_scene, volume, PROFILE)
    extent = VolumeGeometry.of(volume).extent
    SegmentWriter(node, volume).submit(segments.segment_id_of_class(node, "pore"), pores, extent)
    return volume, node


def test_a_class_is_measured_in_the_world(a_volume_and_pores, pores) -> None:
    volume, node = a_volume_and_pores
    (whole,) = finished(measure_segmentation(node, volume)).rows
    middle = np.argwhere(pores).mean(axis=0)[::-1]
    geometry = VolumeGeometry.of(volume)
    assert whole.class_name == "Pore" and whole.voxel_count == pores.sum()
    assert (whole.centroid_r, whole.centroid_a, whole.centroid_s) == pytest.approx(geometry.ras_of(middle), abs=1e-4)
    assert whole.volume == pytest.approx(pores.sum() * abs(np.linalg.det(geometry.ijk_to_ras[:3, :3])), rel=1e-5)
    assert whole.grey_mean == pytest.approx(volume_array_kji(volume)[pores].mean(), rel=1e-6)


def test_the_table_has_a_row_for_each_part_and_units(a_volume_and_pores, a_scene) -> None:
    volume, node = a_volume_and_pores
    measured = finished(measure_segmentation(node, volume, MeasureSettings(parts=True, thickness=True)))
    table = table_node(a_scene, measured)
    assert table.GetNumberOfRows() == 3 and table.GetColumnUnitLabel("volume") == "mm3"
    counts = vtk_to_numpy(table.GetTable().GetColumnByName("voxel_count"))
    assert counts.tolist() == [60 + 24, 60, 24]
    distance = vtk_to_numpy(table.GetTable().GetColumnByName("next_distance"))
    assert np.isnan(distance[0]) and distance[1] == distance[2] > 0


def test_plots_show_volumes_of_parts_and_areas_of_slices(a_volume_and_pores, a_scene, pores) -> None:
    volume, node = a_volume_and_pores
    measured = finished(measure_segmentation(node, volume, MeasureSettings(parts=True, thickness=True, along="j")))
    histogram = volume_histogram(a_scene, measured, "Pore").GetNthPlotSeriesNode(0).GetTableNode()
    assert vtk_to_numpy(histogram.GetTable().GetColumnByName("parts")).sum() == 2
    areas = along_plot(a_scene, measured).GetNthPlotSeriesNode(0).GetTableNode()
    counted = vtk_to_numpy(areas.GetTable().GetColumnByName("area"))
    assert (counted > 0).tolist() == pores.any(axis=(0, 2)).tolist()
    chart = along_plot(a_scene, measured, "thickness_mean")
    assert chart.GetTitle() == "Thickness mean along j" and chart.GetYAxisTitle() == "thickness mean (mm)"
    assert chart.GetNthPlotSeriesNode(0).GetName() == "Pore"
    with pytest.raises(StateError, match="Core"):
        volume_histogram(a_scene, measured, "Core")


def test_what_was_not_measured_slice_by_slice_cannot_be_plotted(a_volume_and_pores, a_scene) -> None:
    volume, node = a_volume_and_pores
    measured = finished(measure_segmentation(node, volume, MeasureSettings(along="k")))
    with pytest.raises(StateError, match="'thickness_mean' was not measured"):
        along_plot(a_scene, measured, "thickness_mean")


def test_what_is_not_there_is_named(a_volume_and_pores) -> None:
    volume, node = a_volume_and_pores
    with pytest.raises(StateError, match=r"'Anode'; there are Pore, Core"):
        finished(measure_segmentation(node, volume, classes=["Anode"]))


def test_a_segmentation_of_another_scan_is_refused(a_volume_and_pores, a_volume_of) -> None:
    _, node = a_volume_and_pores
    with pytest.raises(GeometryError):
        finished(measure_segmentation(node, a_volume_of(np.diag([9.0, 9.0, 9.0, 1.0]), (3, 4, 5))))
