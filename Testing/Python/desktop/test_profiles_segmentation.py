"""From a profile to segments and back, with voxels that must stay where they are."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter

pytest_plugins = ["profiles_fixtures"]


@pytest.fixture
def a_segmentation(a_cell, a_shown_scan):
    """Segmentation made in the panel, whose classes Can and Core have voxels."""
    a_cell.ui.scanSelector.setCurrentNode(a_shown_scan)
    a_cell.push("createSegmentationButton")
    node = a_cell.ui.segmentationSelector.currentNode()
    writer = SegmentWriter(node, a_shown_scan)
    writer.add(segments.segment_id_of_class(node, "can"), np.ones((2, 3, 4), bool), Extent(1, 4, 1, 3, 1, 2), [])
    writer.add(segments.segment_id_of_class(node, "core"), np.ones((1, 2, 2), bool), Extent(7, 8, 5, 6, 4, 4), [])
    return node


def voxels(node, scan) -> dict[str, bytes]:
    """All voxels of every segment, by segment id."""
    import slicer

    ids = node.GetSegmentation().GetSegmentIDs()
    return {each: slicer.util.arrayFromSegmentBinaryLabelmap(node, each, scan).astype(bool).tobytes() for each in ids}


def segment_names(node) -> list[str]:
    """Names of the segments in order."""
    segmentation = node.GetSegmentation()
    return [segmentation.GetNthSegment(index).GetName() for index in range(segmentation.GetNumberOfSegments())]


def test_a_segmentation_of_the_scan_has_a_segment_for_each_class(a_segmentation, a_cell, a_shown_scan):
    assert segment_names(a_segmentation) == a_cell.names
    assert "Created 'Scan segmentation'" in a_cell.message("segmentationMessage")
    assert segments.mask_of_class_kji(a_segmentation, "can", a_shown_scan).sum() == 24


def test_a_changed_profile_relabels_no_voxel(a_segmentation, a_cell, a_shown_scan):
    before = voxels(a_segmentation, a_shown_scan)
    a_cell.enter("classNameEdit", "Core of steel")  # the class Can
    a_cell.click_cell(3, 1)
    a_cell.enter("classNameEdit", "Can")  # the class Core
    a_cell.push("moveUpButton")
    a_cell.click_cell(1, 1)
    a_cell.push("removeClassButton")
    a_cell.push("addClassButton")
    a_cell.push("applyButton")
    after = voxels(a_segmentation, a_shown_scan)
    assert {each: after[each] for each in before} == before and sum(map(any, before.values())) == 2
    assert segments.mask_of_class_kji(a_segmentation, "core", a_shown_scan).sum() == 4
    said = a_cell.message("segmentationMessage")
    assert "Added: New class." in said and "Can → Core of steel" in said and "left as they are: Cap." in said


def test_colors_and_locks_reach_the_segments(a_segmentation, a_cell):
    a_cell.tick_lock(0)
    a_cell.logic.setProfile(a_cell.node, a_cell.profile.recolouring("can", (0.25, 0.5, 0.75)))
    a_cell.push("applyButton")
    segment_id = segments.segment_id_of_class(a_segmentation, "can")
    assert a_segmentation.GetSegmentation().GetSegment(segment_id).GetColor() == (0.25, 0.5, 0.75)
    assert segments.is_locked(a_segmentation, segment_id)


def test_a_profile_of_a_segmentation_has_its_classes(a_segmentation, a_cell):
    first = a_cell.profile
    a_cell.push("fromSegmentationButton")
    assert a_cell.profile.name == "Scan segmentation" and a_cell.profile.classes == first.classes


def test_a_profile_of_foreign_segments_finds_them_again(a_panel, a_shown_scan, host):
    foreign = host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Foreign")
    foreign.GetSegmentation().AddEmptySegment("one", "Pore", [1, 0, 0])
    a_panel.ui.segmentationSelector.setCurrentNode(foreign)
    a_panel.push("fromSegmentationButton")
    a_panel.enter("classNameEdit", "Void")
    a_panel.push("applyButton")
    assert segment_names(foreign) == ["Void"] and "Pore → Void" in a_panel.message("segmentationMessage")


def test_an_empty_segmentation_makes_no_profile_and_says_why(a_panel, host):
    empty = host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Empty")
    a_panel.ui.segmentationSelector.setCurrentNode(empty)
    a_panel.push("fromSegmentationButton")
    assert "has 0 segments" in a_panel.message("segmentationMessage") and a_panel.node is None


def test_buttons_follow_what_is_chosen(a_cell, a_shown_scan):
    buttons = ("createSegmentationButton", "applyButton", "fromSegmentationButton", "windowFromScanButton")
    assert not any(a_cell.can(name) for name in buttons)
    a_cell.ui.scanSelector.setCurrentNode(a_shown_scan)
    assert [a_cell.can(name) for name in buttons] == [True, False, False, True]
    a_cell.push("createSegmentationButton")
    assert all(a_cell.can(name) for name in buttons)
    a_cell.host.scene.RemoveNode(a_shown_scan)
    a_cell.settle()
    assert [a_cell.can(name) for name in buttons] == [False, True, True, False]
