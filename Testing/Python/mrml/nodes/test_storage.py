"""Segmentations survive the disk with voxels, names, colours and class ids."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.errors import VolumeError
from RWTHSAMLib.mrml.nodes import segments, volumes
from RWTHSAMLib.mrml.nodes.storage import load_segmentation, save_segmentation
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.volumes.volume_data import VolumeData

PROFILE = SegmentationProfile(
    "names", (ProfileClass("can", "Can", (1.0, 0.5, 0.0)), ProfileClass("core", "Jelly roll core", (0.0, 0.5, 1.0)))
)


@pytest.fixture
def a_segmentation(a_scene, a_volume):
    node = segments.create_segmentation(a_scene, a_volume, PROFILE)
    writer = SegmentWriter(node, a_volume)
    writer.submit(segments.segment_id_of_class(node, "can"), np.ones((2, 3, 4), bool), Extent(1, 4, 2, 4, 3, 4))
    writer.submit(segments.segment_id_of_class(node, "core"), np.ones((1, 2, 2), bool), Extent(8, 9, 2, 3, 6, 6))
    return node


def test_a_saved_segmentation_opens_with_everything_in_its_place(a_scene, a_volume, a_segmentation, tmp_path):
    path = save_segmentation(a_segmentation, tmp_path / "result folder" / "out.seg.nrrd")
    opened = load_segmentation(a_scene, path)
    for class_id in ("can", "core"):
        saved = segments.mask_of_class_kji(a_segmentation, class_id, a_volume)
        np.testing.assert_array_equal(segments.mask_of_class_kji(opened, class_id, a_volume), saved)
    segment = opened.GetSegmentation().GetSegment(segments.segment_id_of_class(opened, "core"))
    assert segment.GetName() == "Jelly roll core"
    assert segment.GetColor() == pytest.approx((0.0, 0.5, 1.0))


def test_other_programs_find_the_voxels_and_names_in_the_file(a_segmentation, a_volume, tmp_path):
    image = sitk.ReadImage(str(save_segmentation(a_segmentation, tmp_path / "out.seg.nrrd")))
    names = {image.GetMetaData(key) for key in image.GetMetaDataKeys() if key.endswith("_Name")}
    assert names == {"Can", "Jelly roll core"}
    assert int((sitk.GetArrayFromImage(image) > 0).sum()) == 24 + 4


def test_saving_under_another_ending_is_refused(a_segmentation, tmp_path):
    with pytest.raises(VolumeError, match="ends in '.seg.nrrd'"):
        save_segmentation(a_segmentation, tmp_path / "out.nrrd")
    assert not list(tmp_path.iterdir())


def test_opening_what_is_not_there_says_so(a_scene, tmp_path):
    with pytest.raises(VolumeError, match="no file"):
        load_segmentation(a_scene, tmp_path / "absent.seg.nrrd")


def test_what_was_assumed_of_a_scan_stays_with_it(a_scene) -> None:
    scan = VolumeData(np.zeros((2, 3, 4), np.uint8), np.eye(4), "scan", False, ("No unit.", "Two channels."))
    assert volumes.volume_data_of(volumes.add_volume(a_scene, scan)).notes == scan.notes
