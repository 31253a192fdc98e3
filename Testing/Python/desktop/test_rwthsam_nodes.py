"""Nodes that the module adds for itself: nobody notices them, neither a person nor another module."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rwthsam_parts import MIDDLE_IJK, Automatic, moved, objects_volume, push

from RWTHSAMLib.core.extent import Extent

pytest_plugins = ["rwthsam_fixtures"]


def prompt_points(module) -> None:
    module.click("Red", MIDDLE_IJK)
    module.click("Red", moved(MIDDLE_IJK, "k", 5), keys="ctrl")


def draw_a_box(module) -> None:
    module.drag("Red", moved(MIDDLE_IJK, "k", -3, -2), moved(MIDDLE_IJK, "k", 4, 5), "middle", "shift")


def trace_a_winding(module) -> None:
    module.push(module.options.windingButton)
    module.drag("Red", moved(MIDDLE_IJK, "k", -3), moved(MIDDLE_IJK, "k", 5))


def find_objects(module) -> None:
    module.choose(objects_volume())
    automatic = Automatic(module)
    automatic.choose_mode()
    automatic.run()


def propagate(module) -> None:
    module.click("Red", MIDDLE_IJK)
    push(module, module.widget.panel.propagation.ui.propagateButton)
    module.wait()


def render_and_crop(module) -> None:
    rendering = module.session.rendering
    rendering.set_settings(replace(rendering.settings, shown=True, crop_ijk=Extent(2, 20, 2, 20, 2, 15)))
    module.settle(20)
    rendering.show_box(True)
    module.settle()


WAYS = [prompt_points, draw_a_box, trace_a_winding, find_objects, propagate, render_and_crop]


@pytest.fixture
def landmarks(a_module, a_scan):
    """A list of landmarks of the user, the active one."""
    import slicer

    return slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Landmarks")


@pytest.fixture
def the_selection(host):
    """What the next landmark is placed into."""
    return host.scene.GetFirstNodeByClass("vtkMRMLSelectionNode")


def hierarchy_of(scene):
    """The subject hierarchy, of which every opened scene has another."""
    return scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode")


def own_nodes(module) -> list:
    """Nodes that show the session's state and can be displayed."""
    from RWTHSAMLib.mrml.nodes.temporary_nodes import OWNER_ATTRIBUTE

    scene = module.host.scene
    every = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return [each for each in every if each.GetAttribute(OWNER_ATTRIBUTE) and each.IsA("vtkMRMLDisplayableNode")]


@pytest.mark.parametrize("way", WAYS)
def test_the_next_landmark_still_goes_into_the_users_list(a_module, landmarks, the_selection, way):
    before = the_selection.GetActivePlaceNodeID(), the_selection.GetActivePlaceNodeClassName()
    assert before == (landmarks.GetID(), "vtkMRMLMarkupsFiducialNode")
    way(a_module)
    assert own_nodes(a_module)
    assert (the_selection.GetActivePlaceNodeID(), the_selection.GetActivePlaceNodeClassName()) == before


def test_without_a_list_the_next_landmark_goes_into_a_new_one(a_module, a_scan, the_selection):
    the_selection.SetReferenceActivePlaceNodeID(None)
    the_selection.SetReferenceActivePlaceNodeClassName("vtkMRMLMarkupsLineNode")
    prompt_points(a_module)
    assert the_selection.GetActivePlaceNodeID() is None
    assert the_selection.GetActivePlaceNodeClassName() == "vtkMRMLMarkupsLineNode"


@pytest.mark.parametrize("way", WAYS)
def test_every_node_has_an_item_that_the_tree_leaves_out_and_none_is_left_behind(a_module, a_scan, way):
    import slicer

    hierarchy = hierarchy_of(a_module.host.scene)
    attribute = slicer.vtkMRMLSubjectHierarchyConstants.GetSubjectHierarchyExcludeFromTreeAttributeName()
    way(a_module)
    nodes = own_nodes(a_module)
    assert nodes
    for node in nodes:
        assert hierarchy.GetItemByDataNode(node) and node.GetAttribute(attribute) and node.GetHideFromEditors()
    a_module.host.close_scene()
    assert not own_nodes(a_module)


def test_items_go_with_their_nodes(a_module, a_scan):
    hierarchy = hierarchy_of(a_module.host.scene)
    count = hierarchy.GetNumberOfItems()
    prompt_points(a_module)
    draw_a_box(a_module)
    assert hierarchy.GetNumberOfItems() > count
    a_module.press("Ctrl+Shift+K")
    assert hierarchy.GetNumberOfItems() == count


def test_no_selector_shows_them_at_any_moment(a_module, a_scan, landmarks):
    import slicer

    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLSegmentationNode", "vtkMRMLMarkupsNode", "vtkMRMLVolumeNode"]
    selector.noneEnabled = False
    selector.setMRMLScene(slicer.mrmlScene)
    seen = []
    selector.connect("currentNodeChanged(vtkMRMLNode*)", lambda node: seen.append(node.GetName() if node else None))
    count = selector.nodeCount()
    prompt_points(a_module)
    draw_a_box(a_module)
    assert selector.nodeCount() == count and not seen
    selector.setMRMLScene(None)


def test_a_scene_saved_with_prompts_opens_without_a_word(a_module, a_scan, tmp_path, capfd):
    import slicer

    prompt_points(a_module)
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    a_module.host.close_scene()
    slicer.util.loadScene(str(path))
    a_module.settle()
    assert "error" not in capfd.readouterr().err.lower()
    hierarchy = hierarchy_of(a_module.host.scene)
    assert a_module.status.prompt_count == 2
    for node in own_nodes(a_module):
        assert hierarchy.GetItemByDataNode(node)


def test_the_host_tells_of_a_hidden_segmentation_that_changes(host):
    from desktop_host.pythonqt.runtime import CriticalMessage

    node = host.scene.CreateNodeByClass("vtkMRMLSegmentationNode")
    node.UnRegister(None)
    node.SetHideFromEditors(True)
    node = host.scene.AddNode(node)
    node.GetSegmentation().AddEmptySegment("a", "a")
    with pytest.raises(CriticalMessage, match="subject hierarchy item"):
        host.check()
    host.scene.RemoveNode(node)
    host.errors.clear()
