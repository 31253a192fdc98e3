"""What the module's selectors offer and mean, in the form in which Slicer connects them to the parameters."""

from __future__ import annotations

import numpy as np
import pytest
from rwthsam_parts import SHAPE_KJI, noise_volume

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture
def a_photo(a_module):
    """A coloured volume."""
    import slicer

    from RWTHSAMLib.mrml.nodes.volumes import add_volume
    from RWTHSAMLib.volumes.volume_data import VolumeData

    grey = np.random.default_rng(3).integers(0, 255, (*SHAPE_KJI, 3)).astype(np.uint8)
    return add_volume(slicer.mrmlScene, VolumeData(grey, np.diag([0.5, 0.5, 0.5, 1.0]), "Photo", True))


def test_a_coloured_volume_can_be_chosen_and_is_still_there_after_a_visit_elsewhere(a_module, a_photo):
    selector = a_module.ui.inputVolumeSelector
    assert a_photo.GetClassName() == "vtkMRMLVectorVolumeNode"
    assert a_photo in [selector.nodeFromIndex(each) for each in range(selector.nodeCount())]
    a_module.choose(a_photo)
    assert a_module.session.volume_node is a_photo and a_module.session.segmentation_node is not None
    a_module.host.main_window.select("")
    a_module.host.show_module("RWTHSAM")
    a_module.settle()
    assert selector.currentNode() is a_photo and a_module.session.volume_node is a_photo


def test_grey_and_coloured_volumes_take_turns(a_module, a_photo, a_scan):
    a_module.choose(a_photo)
    a_module.choose(a_scan)
    assert a_module.session.volume_node is a_scan
    a_module.choose(a_photo)
    assert a_module.session.volume_node is a_photo


def test_a_profile_can_be_applied_to_a_coloured_volume(a_module, a_photo):
    a_module.new_profile("Cylindrical cell")
    panel = a_module.host.show_module("RWTHSAMProfiles")
    selector = panel.ui.scanSelector
    assert a_photo in [selector.nodeFromIndex(each) for each in range(selector.nodeCount())]


def segmentations(module) -> list:
    """Segmentations that a person sees, in their order."""
    selector = module.ui.outputSegmentationSelector
    return [selector.nodeFromIndex(each) for each in range(selector.nodeCount())]


def choose_new(module) -> None:
    """Choose "Create new segmentation"."""
    module.ui.outputSegmentationSelector.setCurrentNode(None)
    module.settle()


def test_create_new_segmentation_makes_one_although_the_scan_has_one(a_module, a_scan):
    first = a_module.session.segmentation_node
    choose_new(a_module)
    second = a_module.session.segmentation_node
    assert second is not first and segmentations(a_module) == [first, second]
    assert a_module.ui.outputSegmentationSelector.currentNode() is second and second.GetName() != first.GetName()
    choose_new(a_module)
    assert len(segmentations(a_module)) == 3


def test_a_scan_that_comes_back_brings_the_segmentation_that_it_has(a_module, a_scan):
    first = a_module.session.segmentation_node
    other = noise_volume(name="Other")
    a_module.choose(other)
    assert a_module.session.segmentation_node is not first
    a_module.choose(a_scan)
    assert a_module.session.segmentation_node is first and len(segmentations(a_module)) == 2


def test_a_segmentation_chosen_again_is_kept(a_module, a_scan):
    first = a_module.session.segmentation_node
    choose_new(a_module)
    a_module.ui.outputSegmentationSelector.setCurrentNode(first)
    a_module.settle()
    assert a_module.session.segmentation_node is first and len(segmentations(a_module)) == 2


def test_a_union_written_with_a_bar_is_no_union_of_nodes_to_the_host(a_module):
    import slicer
    from slicer.parameterNodeWrapper.gui import createGuiConnector

    with pytest.raises(Exception, match="GuiConnector"):
        createGuiConnector(a_module.ui.inputVolumeSelector, slicer.vtkMRMLScalarVolumeNode | slicer.vtkMRMLTextNode)
