"""A saved scene brings the session back: prompts, masks, classes, window and history."""

from __future__ import annotations

import pytest
from scene_parts import NeighbourhoodEngine

from RWTHSAMLib.core.image import Window
from RWTHSAMLib.core.profile import default_profile
from RWTHSAMLib.core.settings.propagation import PropagationRules
from RWTHSAMLib.core.settings.propagation_run import PropagationChoices
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
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


def test_no_temporary_node_is_saved(a_saved_scene):
    # Slicer saves the data tree's items of nodes that are not saved, too
    saved = [
        each for each in a_saved_scene.read_text(encoding="utf-8").split("<") if "SubjectHierarchyItem" not in each
    ]
    assert not [each for each in saved if any(name in each for name in TEMPORARY)]


def test_a_damaged_memory_is_left_alone(a_scene, a_volume):
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_volume(a_volume)
    a_scene.GetSingletonNode("RWTHSAMSession", "vtkMRMLScriptedModuleNode").SetParameter("profile", "{broken")
    assert Session(a_scene, NeighbourhoodEngine()).volume_node is None


def test_a_reopened_scene_has_the_choices_for_propagation(a_session, a_scene, tmp_path):
    chosen = PropagationChoices(
        PropagationRules(most_growth=1.2, most_skipped=4, grey=Range(10, None)), "forward", 1, 5
    )
    a_session.add_point(SLICE, 3, 3)
    a_session.poll()
    a_session.submit()
    a_session.propagation.set_choices(chosen)
    path = save(a_scene, a_session, tmp_path)
    scene = new_scene()
    session = Session(scene, NeighbourhoodEngine())
    scene.SetURL(str(path))
    scene.SetRootDirectory(str(path.parent))
    assert scene.Connect()
    assert session.propagation.choices == chosen
    session.close()
