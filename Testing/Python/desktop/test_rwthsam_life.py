"""The module and the effect live through closed scenes, removed nodes, reloads, missing windows and random use."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from module_process import run_own_tests
from run_folder import share_graphs
from rwthsam_parts import (
    MIDDLE_IJK,
    SHAPE_KJI,
    VIEWS,
    Module,
    SliceKey,
    library_shared_session,
    moved,
    noise_volume,
    temporary_nodes,
)

pytest_plugins = ["rwthsam_fixtures"]
PATIENCE_S = 600


@pytest.mark.parametrize(("line", "window"), [("5.10", False), ("5.12", False), ("5.12", True), ("5.13", True)])
def test_the_modules_own_test_passes_in_every_slicer_without_weights(line, window, tmp_path, monkeypatch):
    monkeypatch.setenv("RWTHSAM_CACHE", str(tmp_path))
    monkeypatch.setenv("RWTHSAM_WEIGHTS", str(tmp_path / "mobile_sam.pt"))
    assert "no weights" in run_own_tests("RWTHSAM", line, window)


def test_the_modules_own_test_segments_the_phantom_with_a_trained_network(trained_weights, tmp_path, monkeypatch):
    monkeypatch.setenv("RWTHSAM_CACHE", str(share_graphs(tmp_path)))
    monkeypatch.setenv("RWTHSAM_WEIGHTS", str(trained_weights))
    assert "IoU" in run_own_tests("RWTHSAM", "5.12", True)


def test_a_scene_closed_in_the_middle_of_a_drag_leaves_nothing(a_module, a_scan):
    from desktop_host.user import modifiers
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    user = a_module.host.user
    user.show_slice_of("Red", a_scan, MIDDLE_IJK)
    place = user.pixel_of("Red", user.ras_of(a_scan, MIDDLE_IJK))
    canvas = user.view("Red").sliceView().canvas
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, modifiers("shift"), place)
    user._move(canvas, place * 1.1, Qt.MouseButton.MiddleButton, "shift")
    a_module.host.close_scene()
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, modifiers("shift"), place * 1.1)
    a_module.settle()
    assert not temporary_nodes(a_module.host.scene) and a_module.session.volume_node is None
    a_module.choose(noise_volume())
    user.move("Red", user.ras_of(a_module.session.volume_node, moved(MIDDLE_IJK, "k", 5)))
    assert not temporary_nodes(a_module.host.scene)
    a_module.click("Red", MIDDLE_IJK)
    assert a_module.status.prompt_count == 1


def test_an_answer_that_comes_after_the_scene_was_closed_is_dropped(a_module, a_scan):
    a_module.host.user.click_voxel("Red", a_scan, MIDDLE_IJK)
    a_module.session.add_point(a_module.slice_of("Red", MIDDLE_IJK), 3, 3)
    a_module.host.close_scene()
    a_module.settle()
    assert not temporary_nodes(a_module.host.scene) and not a_module.options.submitButton.enabled


def test_a_deleted_scan_ends_the_prompts_and_leaves_the_segmentation(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    a_module.click("Red", MIDDLE_IJK)
    node = a_module.session.segmentation_node
    a_module.host.scene.RemoveNode(a_scan)
    a_module.settle()
    assert a_module.session.volume_node is None and not temporary_nodes(a_module.host.scene)
    assert node.GetScene() is a_module.host.scene and not a_module.options.classBox.enabled


def test_a_deleted_segmentation_gives_way_to_a_new_one_and_prompts_stay(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    old = a_module.session.segmentation_node
    a_module.host.scene.RemoveNode(old)
    a_module.settle()
    new = a_module.session.segmentation_node
    assert new is not None and new is not old and a_module.status.prompt_count == 1
    a_module.use_tool("SAM")
    a_module.press("Return")
    assert a_module.mask().sum() == 9


def test_a_deleted_profile_leaves_its_classes(a_module, a_scan):
    a_module.new_profile("Cylindrical cell")
    names = a_module.class_names
    a_module.host.scene.RemoveNode(a_module.ui.profileSelector.currentNode())
    a_module.settle()
    assert a_module.class_names == names and a_module.ui.profileSelector.currentNode() is None


def test_a_profile_edited_elsewhere_changes_segments_and_choices(a_module, a_scan):
    from RWTHSAMLib.mrml.nodes.profile_node import profile_of, set_profile_of

    a_module.new_profile("Cylindrical cell")
    node = a_module.ui.profileSelector.currentNode()
    first = a_module.session.profile.classes[0].id
    set_profile_of(node, profile_of(node).renaming(first, "Casing").adding("Weld"))
    a_module.settle()
    assert "Casing" in a_module.class_names and "Weld" in a_module.class_names
    assert set(a_module.class_names) <= set(a_module.segment_names)


def test_a_segment_renamed_in_the_table_renames_the_class_of_the_profile(a_module, a_scan):
    from RWTHSAMLib.mrml.nodes.profile_node import profile_of

    a_module.new_profile("Cylindrical cell")
    first = a_module.session.profile.classes[0].id
    segment_id = f"RWTHSAM_{first}"
    a_module.session.segmentation_node.GetSegmentation().GetSegment(segment_id).SetName("Casing")
    a_module.settle()
    assert profile_of(a_module.ui.profileSelector.currentNode()).class_by_id(first).name == "Casing"


def test_a_damaged_profile_is_named_and_does_no_harm(a_module, a_scan):
    a_module.new_profile("Cylindrical cell")
    names = a_module.class_names
    a_module.ui.profileSelector.currentNode().SetText("nonsense")
    a_module.settle()
    assert "damaged" in a_module.ui.profileMessage.text and a_module.class_names == names


def test_a_reload_takes_up_what_was_going_on(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    a_module.click("Red", moved(MIDDLE_IJK, "k", 5))
    before = a_module.mask()
    import slicer

    a_module.widget.onReload()
    again = Module(a_module.host, slicer.modules.RWTHSAMWidget)
    again.host.process_events()
    again.host.main_window.select("")
    again.host.show_module("RWTHSAM")
    again.settle()
    assert again.widget is not a_module.widget and again.status.prompt_count == 1
    assert again.ui.inputVolumeSelector.currentNode() is a_scan and np.array_equal(again.mask(), before)
    again.use_tool("SAM")
    again.press("Return")
    assert again.mask().sum() == 18 and len(temporary_nodes(again.host.scene)) == 0
    a_module.widget = again.widget


def test_the_last_one_that_leaves_ends_everything(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    place = library_shared_session().present()
    a_module.widget.cleanup()
    a_module.widget.cleanup()
    assert library_shared_session().present() is None and not temporary_nodes(a_module.host.scene)
    assert not place.session.on_change and not place.after_poll
    a_module.widget.onReload()
    import slicer

    a_module.widget = slicer.modules.RWTHSAMWidget
    a_module.host.show_module("RWTHSAM")


def rest(module) -> None:
    """Leave the module and let what is under way end."""
    module.host.main_window.select("")
    place = module.widget.logic.sharedSession
    end_s = time.monotonic() + PATIENCE_S
    while not place.is_resting and time.monotonic() < end_s:
        module.host.process_events()
    assert place.is_resting


def test_timer_and_listeners_rest_while_nobody_works(a_module, a_scan):
    session, place = a_module.session, a_module.widget.logic.sharedSession
    a_module.click("Red", MIDDLE_IJK)
    assert not place.is_resting
    visited = len(session.on_change)
    rest(a_module)
    # what is left keeps the session together: the shared session itself, and its classes
    assert len(session.on_change) == 2 < visited
    assert a_module.widget.panel.settle not in place.after_poll and not a_module.widget.panel.Observations
    a_module.host.show_module("RWTHSAM")
    a_module.settle()
    assert not place.is_resting and len(session.on_change) == visited


def test_a_visit_more_or_less_listens_once(a_module, a_scan):
    count = len(a_module.session.on_change), len(a_module.widget.logic.sharedSession.after_poll)
    for _ in range(3):
        a_module.host.main_window.select("")
        a_module.host.show_module("RWTHSAM")
        a_module.settle()
    assert (len(a_module.session.on_change), len(a_module.widget.logic.sharedSession.after_poll)) == count


def test_work_that_is_under_way_ends_although_the_module_was_left(a_module, a_scan):
    session = a_module.session
    rest(a_module)
    session.add_point(SliceKey("k", MIDDLE_IJK[2]), *MIDDLE_IJK[:2])
    assert not a_module.widget.logic.sharedSession.is_resting
    end_s = time.monotonic() + PATIENCE_S
    while not session.status.can_submit and time.monotonic() < end_s:
        a_module.host.process_events()
    assert session.status.can_submit
    rest(a_module)
    a_module.host.show_module("RWTHSAM")
    a_module.settle()
    assert a_module.options.submitButton.enabled


def test_a_segment_that_is_renamed_while_everything_rests_renames_the_class(a_module, a_scan):
    from RWTHSAMLib.mrml.nodes.profile_node import profile_of

    a_module.new_profile("Cylindrical cell")
    node = a_module.ui.profileSelector.currentNode()
    first = a_module.session.profile.classes[0].id
    rest(a_module)
    a_module.session.segmentation_node.GetSegmentation().GetSegment(f"RWTHSAM_{first}").SetName("Casing")
    assert not a_module.widget.logic.sharedSession.is_resting
    rest(a_module)
    assert profile_of(node).class_by_id(first).name == "Casing"


class Hands:
    """Does one thing after another in the module; what may change voxels is known."""

    EDITING = ("Return", "Ctrl+Z", "Ctrl+Y", "paint", "submit", "undo", "redo", "editor undo", "editor redo")

    def __init__(self, module, dice: random.Random) -> None:
        self.module, self.dice = module, dice

    def voxel(self) -> tuple[int, int, int]:
        return tuple(self.dice.randrange(3, count - 3) for count in reversed(SHAPE_KJI))

    def act(self, action: str) -> None:
        module, view = self.module, self.dice.choice(VIEWS)
        module.host.user.view(view).sliceLogic().FitSliceToAll()  # an earlier drag may have panned it away
        options = {"submit": "submitButton", "undo": "undoButton", "redo": "redoButton", "delete": "deletePromptButton",
                   "delete all": "deleteAllButton", "third mask": "candidateButton3", "box": "boxButton",
                   "point": "pointButton"}  # fmt: skip
        if action in ("left", "middle"):
            module.click(view, self.voxel(), action, self.dice.choice(("", "", "ctrl")))
        elif action == "drag":
            module.drag(view, self.voxel(), self.voxel(), "middle", self.dice.choice(("", "shift")))
        elif action == "paint":
            module.use_tool("Paint")
            module.click(view, self.voxel())
            module.use_tool("SAM")
        elif action in options:
            button = getattr(module.options, options[action])
            if button.enabled:
                module.push(button)
        elif action == "other tool":
            module.use_tool("")
            module.use_tool("SAM")
        elif action == "leave":
            module.host.main_window.select("")
            module.host.show_module("RWTHSAM")
            module.settle()
        elif action.startswith("editor"):
            getattr(module.editor, action.split()[1])()
            module.settle()
        else:
            module.press(action, view)
            if action == "Escape":  # without prompts it is the Segment Editor's, which then has no tool
                module.use_tool("SAM")


def labels(module) -> np.ndarray:
    """All voxels of all classes, stacked."""
    return np.stack([module.mask(each.id) for each in module.session.profile.classes])


def check_invariants(module) -> None:
    status, ui = module.status, module.options
    chosen = module.session.profile.class_by_id(module.session.class_id)
    assert ui.submitButton.enabled == status.can_submit and chosen.name in ui.submitButton.text
    assert ui.undoButton.enabled == status.can_undo and ui.redoButton.enabled == status.can_redo
    assert ui.deletePromptButton.enabled == (status.prompt_count > 0)
    assert ui.deleteAllButton.enabled == (status.prompted_slices > 0)
    assert ui.candidateButton3.enabled == (len(status.candidate_scores) > 2)
    assert module.editor.currentSegmentID() == f"RWTHSAM_{chosen.id}"
    assert len(temporary_nodes(module.host.scene)) <= 4 + status.prompted_slices
    assert len(module.session.profile.classes) == len(module.segment_names)


ACTIONS = [*["left"] * 5, *["middle"] * 3, *["drag"] * 3, *Hands.EDITING, "Escape", "C", "N", "Shift+N", "Ctrl+K",
           "Ctrl+Shift+K", "delete", "delete all", "third mask", "box", "point", "other tool", "leave"]  # fmt: skip


# as many as take half a minute are looked at with the long tests
@pytest.mark.parametrize("count", [60, pytest.param(300, marks=pytest.mark.long)])
def test_random_actions_kill_no_button_leave_no_node_and_lose_no_voxel(a_module, a_scan, count: int):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    hands = Hands(a_module, random.Random(seed))
    nodes_before = a_module.host.scene.GetNumberOfNodes()
    for step in range(count):
        action = hands.dice.choice(ACTIONS)
        before = labels(a_module)
        print(step, action)
        hands.act(action)
        check_invariants(a_module)
        assert action in Hands.EDITING or np.array_equal(labels(a_module), before), f"step {step}: {action}"
    a_module.press("Ctrl+Shift+K")
    assert not temporary_nodes(a_module.host.scene)
    assert a_module.host.scene.GetNumberOfNodes() <= nodes_before + 2


def test_the_panel_lives_on_under_a_scan_without_a_usable_grid(a_module, a_scan):
    a_module.session.set_mode("automatic")
    a_module.settle()
    flat = a_module.host.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = flat.GetMatrixTransformToParent()
    matrix.SetElement(2, 2, 0.0)
    flat.SetMatrixTransformToParent(matrix)
    a_scan.SetAndObserveTransformNodeID(flat.GetID())
    a_module.settle()
    assert a_module.status.level == "error" and not library_shared_session().present().budget_text()
    a_scan.SetAndObserveTransformNodeID(None)
    a_module.settle()
    assert a_module.status.level != "error"
    a_module.session.set_mode("click")
