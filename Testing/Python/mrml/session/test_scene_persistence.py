"""A saved scene brings the session back: prompts, masks, classes, window and history."""

from __future__ import annotations

import pytest
import slicer
import vtk
from scene_parts import NeighbourhoodEngine

from RWTHSAMLib.core.profile import default_profile
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.session.session import Session

SLICE = SliceKey("k", 3)


@pytest.fixture
def a_saved_scene(a_session, a_scene, tmp_path):
    """Folder of a scene with one submitted slice and one that is only prompted."""
    a_session.set_window(Window(5, 500))
    a_session.select_class(default_profile().classes[2].id)
    a_session.add_point(SLICE, 3, 3)
    a_session.poll()
    a_session.submit()
    a_session.add_point(SliceKey("j", 4), 6, 5)
    a_session.add_point(SliceKey("j", 4), 9, 2, positive=False)
    a_session.poll()
    return save(a_scene, a_session, tmp_path)


def save(scene, session, folder):
    for node, name in ((session.volume_node, "scan.nrrd"), (session.segmentation_node, "classes.seg.nrrd")):
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(str(folder / name))
        assert node.GetStorageNode().WriteData(node)
    scene.SetURL(str(folder / "scene.mrml"))
    scene.SetRootDirectory(str(folder))
    assert scene.Commit()
    return folder / "scene.mrml"


@pytest.fixture
def a_reopened_session(a_saved_scene):
    scene = new_scene()
    session = Session(scene, NeighbourhoodEngine())
    scene.SetURL(str(a_saved_scene))
    scene.SetRootDirectory(str(a_saved_scene.parent))
    assert scene.Connect()
    yield session
    session.close()


def test_a_reopened_scene_shows_the_unsubmitted_prompts_and_their_mask(a_reopened_session):
    a_reopened_session.poll()
    status = a_reopened_session.status
    assert [(each.x, each.y, each.positive) for each in status.prompts.points] == [(6, 5, True), (9, 2, False)]
    assert status.mask_pixels == 9
    assert status.can_submit


def test_a_reopened_scene_knows_class_window_and_history(a_reopened_session):
    assert a_reopened_session.class_id == default_profile().classes[2].id
    assert a_reopened_session.window == Window(5, 500)
    assert [each.slice for each in a_reopened_session.prompt_file().slices] == [SLICE]


def test_submitting_after_reopening_adds_to_the_saved_segmentation(a_reopened_session):
    a_reopened_session.poll()
    before = a_reopened_session.segmentation_node
    a_reopened_session.submit()
    assert a_reopened_session.segmentation_node is before
    assert len(a_reopened_session.prompt_file().slices) == 2


TEMPORARY = ("RWTHSAM temporary mask", "RWTHSAM positive points")


def hierarchy_of(scene):
    return scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode")


def items_of_temporary_nodes(scene) -> list[int]:
    """Items of the data tree that stand at its top for a temporary node."""
    hierarchy = hierarchy_of(scene)
    nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
    items = [hierarchy.GetItemByDataNode(each) for each in nodes if each.GetName() in TEMPORARY]
    return [each for each in items if hierarchy.GetItemParent(each) == hierarchy.GetSceneItemID()]


def test_no_temporary_node_is_saved_and_no_item_of_one(a_saved_scene):
    text = a_saved_scene.read_text(encoding="utf-8")
    assert not [name for name in TEMPORARY if name in text]
    assert "SubjectHierarchyVersion:2" in text  # without it Slicer takes the scene for one of an old version


def test_nor_is_one_in_any_later_save(a_saved_scene, a_scene, a_session, tmp_path):
    for _ in range(2):
        a_session.poll()
        a_session.add_point(SLICE, 4, 4)
        a_session.poll()
        text = save(a_scene, a_session, tmp_path).read_text(encoding="utf-8")
        assert not [name for name in TEMPORARY if name in text]


@pytest.mark.parametrize("act", [Session.poll, lambda session: session.add_point(SLICE, 4, 4)], ids=["poll", "click"])
def test_temporary_nodes_have_their_items_again_after_a_save(a_saved_scene, a_scene, a_session, act):
    assert items_of_temporary_nodes(a_scene) == []
    act(a_session)
    assert len(items_of_temporary_nodes(a_scene)) == len(TEMPORARY)


def test_a_scene_that_was_saved_counts_as_saved(a_saved_scene, a_scene, a_session):
    a_session.poll()
    assert not a_scene.GetModifiedSinceRead()


def test_a_reopened_scene_has_no_empty_entry_in_its_data_tree(a_reopened_session):
    scene = a_reopened_session.scene
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
    items = vtk.vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), items, True)
    nodes = [hierarchy.GetItemDataNode(items.GetId(index)) for index in range(items.GetNumberOfIds())]
    assert nodes and None not in nodes


def test_other_items_are_saved_where_they_are(a_saved_scene, a_scene, a_session, tmp_path):
    a_session.poll()
    hierarchy = hierarchy_of(a_scene)
    item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), a_session.volume_node)
    text = save(a_scene, a_session, tmp_path).read_text(encoding="utf-8")
    assert f'<SubjectHierarchyItem id="{item}" dataNode="{a_session.volume_node.GetID()}"' in text
    assert not [name for name in TEMPORARY if name in text]


def test_a_session_that_ends_between_save_and_poll_leaves_no_item_behind(a_saved_scene, a_scene, a_session):
    a_session.close()
    assert hierarchy_of(a_scene).GetNumberOfItems() == 0


def test_damaged_parameters_are_left_alone(a_scene, a_volume):
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_volume(a_volume)
    a_scene.GetSingletonNode("RWTHSAMSession", "vtkMRMLScriptedModuleNode").SetParameter("profile", "{broken")
    assert Session(a_scene, NeighbourhoodEngine()).volume_node is None


def test_a_reopened_scene_has_the_choices_for_propagation(a_session, a_scene, tmp_path):
    chosen = PropagationRunSettings(
        PropagationSettings(most_growth=1.2, most_skipped=4, grey=Range(10, None)), "forward", 1, 5
    )
    a_session.add_point(SLICE, 3, 3)
    a_session.poll()
    a_session.submit()
    a_session.propagation.set_settings(chosen)
    path = save(a_scene, a_session, tmp_path)
    scene = new_scene()
    session = Session(scene, NeighbourhoodEngine())
    scene.SetURL(str(path))
    scene.SetRootDirectory(str(path.parent))
    assert scene.Connect()
    assert session.propagation.settings == chosen
    session.close()
