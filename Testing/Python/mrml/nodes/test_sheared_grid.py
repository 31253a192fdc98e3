"""On a sheared grid, as Slicer may load one, nothing is measured or exported that would be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.core.settings.export import formats_named
from RWTHSAMLib.errors import VolumeError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume, volume_data_of
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.mrml.results.export import export_segmentation
from RWTHSAMLib.mrml.results.measurements import measure_segmentation
from RWTHSAMLib.mrml.results.report import report_of
from RWTHSAMLib.volumes.volume_data import VolumeData

PROFILE = SegmentationProfile("cell", (ProfileClass("core", "Core", (0.0, 0.4, 1.0)),))


@pytest.fixture
def a_sheared_scan_and_its_core(a_scene):
    sheared = np.eye(4)
    sheared[0, 1] = 0.4
    scan = VolumeData(np.arange(6 * 7 * 8, dtype=np.int16).reshape(6, 7, 8), sheared, "tilted", True)
    volume = add_volume(a_scene, scan)
    node = segments.create_segmentation(a_scene, volume, PROFILE)
    voxels = np.zeros((6, 7, 8), bool)
    voxels[1:4, 2:5, 2:6] = True
    extent = VolumeGeometry.of(volume).extent
    SegmentWriter(node, volume).submit(segments.segment_id_of_class(node, "core"), voxels, extent)
    return volume, node


def test_a_sheared_scan_is_not_measured(a_sheared_scan_and_its_core) -> None:
    volume, node = a_sheared_scan_and_its_core
    with pytest.raises(VolumeError, match="'tilted' has a sheared voxel grid"):
        next(measure_segmentation(node, volume))
    with pytest.raises(VolumeError, match="'tilted' has a sheared voxel grid"):
        report_of(node, volume_data_of(volume))


def test_labelmaps_of_a_sheared_scan_are_not_written(a_sheared_scan_and_its_core, tmp_path) -> None:
    _, node = a_sheared_scan_and_its_core
    with pytest.raises(VolumeError, match="sheared"):
        export_segmentation(node, tmp_path, "cell", formats_named(["nrrd"]))
    assert not list(tmp_path.iterdir())


def test_surfaces_of_a_sheared_scan_are_exact_and_written(a_sheared_scan_and_its_core, tmp_path) -> None:
    _, node = a_sheared_scan_and_its_core
    assert export_segmentation(node, tmp_path, "cell", formats_named(["stl"])).files
