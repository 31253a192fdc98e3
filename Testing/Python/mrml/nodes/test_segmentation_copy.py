"""A copy of a segmentation, written without Slicer's writer, opens as the segmentation itself."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from scene_parts import GEOMETRIES, SHAPE_KJI

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.profile import default_profile
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.mrml.nodes import labelmaps, record_tag, segments
from RWTHSAMLib.mrml.nodes.segmentation_copy import copied_segmentation
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.storage import load_segmentation
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.volumes.segmentation_file import write_segmentation_file

SEED = 18


@pytest.fixture
def a_segmented_session(a_session):
    """Two submitted slices in two classes, one of them locked."""
    a_session.add_point(SliceKey("k", 3), 3, 3)
    a_session.poll()
    a_session.submit()
    a_session.set_profile(a_session.profile.locking("can", True))
    a_session.select_class("core")
    a_session.add_point(SliceKey("j", 4), 9, 2)
    a_session.poll()
    a_session.submit()
    return a_session


def read_again(segmentation_node, path):
    write_segmentation_file(copied_segmentation(segmentation_node), path)
    return load_segmentation(new_scene(), path)


def told(segmentation_node):
    """All that a person can find out about the segments."""
    whole = Extent.of_shape(SHAPE_KJI)
    found = {}
    for segment_id in segments.segment_ids(segmentation_node):
        segment = segmentation_node.GetSegmentation().GetSegment(segment_id)
        tags = [segments.tag_of(segment, each) for each in (segments.CLASS_ID_TAG, segments.LOCKED_TAG)]
        voxels = labelmaps.segment_voxels_kji(segmentation_node, segment_id, whole)
        found[segment_id] = (segment.GetName(), np.round(segment.GetColor(), 4).tolist(), tags, voxels.tolist())
    return found


def test_every_segment_comes_back_with_its_voxels_names_colours_and_tags(a_segmented_session, tmp_path):
    node = a_segmented_session.segmentation_node
    assert told(read_again(node, tmp_path / "copy.seg.nrrd")) == told(node)


def test_the_record_comes_back(a_segmented_session, tmp_path):
    node = a_segmented_session.segmentation_node
    assert record_tag.kept(read_again(node, tmp_path / "copy.seg.nrrd")) == record_tag.kept(node)


def test_slicers_writer_is_not_given_the_record_which_may_be_long(a_segmented_session, monkeypatch):
    node = a_segmented_session.segmentation_node
    packed = record_tag.packed_in(node.GetSegmentation().GetNthSegment(0))
    put, given = record_tag.put, []
    monkeypatch.setattr(record_tag, "put", lambda segment, text: (given.append(text), put(segment, text)))
    written = copied_segmentation(node).keys
    assert len(packed) > 100 and len(given) == 1 and packed not in given
    assert sum(packed in text for text in written.values()) == 1
    assert record_tag.packed_in(node.GetSegmentation().GetNthSegment(0)) == packed


@pytest.mark.parametrize("grid", GEOMETRIES)
def test_it_lies_where_it_lay(a_scene, a_volume_of, grid, tmp_path):
    volume = a_volume_of(GEOMETRIES[grid])
    node = segments.create_segmentation(a_scene, volume, default_profile())
    voxels = np.random.default_rng(SEED).random((2, 3, 4)) > 0.5
    extent = Extent(5, 8, 2, 4, 3, 4)
    labelmap = labelmaps.oriented_image(voxels, extent, VolumeGeometry.of(volume).ijk_to_ras)
    node.GetSegmentation().GetNthSegment(1).AddRepresentation(labelmaps.BINARY_LABELMAP, labelmap)
    read = read_again(node, tmp_path / "copy.seg.nrrd")
    segments.check_grid(read, VolumeGeometry.of(volume))
    assert told(read) == told(node)


def test_segments_that_share_voxels_lie_in_layers(a_scene, a_volume, tmp_path):
    node = segments.create_segmentation(a_scene, a_volume, default_profile())
    rng = np.random.default_rng(SEED)
    for number, extent in enumerate((Extent(1, 4, 1, 4, 1, 4), Extent(3, 6, 2, 5, 2, 5))):
        voxels = rng.random(extent.shape_kji) > 0.3
        labelmap = labelmaps.oriented_image(voxels, extent, VolumeGeometry.of(a_volume).ijk_to_ras)
        node.GetSegmentation().GetNthSegment(number).AddRepresentation(labelmaps.BINARY_LABELMAP, labelmap)
    assert told(read_again(node, tmp_path / "copy.seg.nrrd")) == told(node)


def test_classes_without_any_voxel_come_back_too(a_scene, a_volume, tmp_path):
    node = segments.create_segmentation(a_scene, a_volume, default_profile())
    read = read_again(node, tmp_path / "copy.seg.nrrd")
    segments.check_grid(read, VolumeGeometry.of(a_volume))
    assert told(read) == told(node)


def test_a_copy_of_few_voxels_is_small_however_large_the_scan_is(a_scene, a_volume, tmp_path):
    node = segments.create_segmentation(a_scene, a_volume, default_profile())
    scan = slicer.vtkOrientedImageData()
    scan.SetExtent(0, 19999, 0, 19999, 0, 19999)  # 8 TB, which nobody can allocate
    geometry = slicer.vtkSegmentationConverter.SerializeImageGeometry(scan)
    name = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    node.GetSegmentation().SetConversionParameter(name, geometry)
    read = read_again(node, tmp_path / "copy.seg.nrrd")
    assert segments.segment_ids(read) == segments.segment_ids(node)
    assert read.GetSegmentation().GetConversionParameter(name) == geometry


def test_a_copy_does_not_follow_what_is_changed_afterwards(a_segmented_session, tmp_path):
    node = a_segmented_session.segmentation_node
    before, copy = told(node), copied_segmentation(node)
    a_segmented_session.undo()
    write_segmentation_file(copy, tmp_path / "copy.seg.nrrd")
    assert told(load_segmentation(new_scene(), tmp_path / "copy.seg.nrrd")) == before


def test_labelmaps_on_different_grids_are_left_to_slicer(a_scene, a_volume, tmp_path):
    node = segments.create_segmentation(a_scene, a_volume, default_profile())
    for number, grid in enumerate((np.eye(4), np.diag([2.0, 2, 2, 1]))):
        labelmap = labelmaps.oriented_image(np.ones((2, 2, 2), np.uint8), Extent(0, 1, 0, 1, 0, 1), grid)
        node.GetSegmentation().GetNthSegment(number).AddRepresentation(labelmaps.BINARY_LABELMAP, labelmap)
    assert copied_segmentation(node) is None
