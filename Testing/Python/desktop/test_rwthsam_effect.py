"""The effect "SAM": mouse, keys and buttons, in the module and in a Segment Editor of its own."""

from __future__ import annotations

import numpy as np
import pytest
import vtk
from desktop_host.pythonqt.conversion import unwrap
from desktop_host.testing.editors import close_editor, make_editor
from rwthsam_parts import MIDDLE_IJK, VIEWS, BoxPrompt, PointPrompt, moved, neighbourhood, noise_volume

pytest_plugins = ["rwthsam_fixtures"]

AT = (MIDDLE_IJK[0], MIDDLE_IJK[1])


def field_of_view(module, view: str = "Red"):
    """Where a view is panned and zoomed to."""
    node = module.host.user.view(view).mrmlSliceNode()
    return np.array([node.GetXYToRAS().GetElement(row, column) for row in range(3) for column in range(4)])


def kinds(module) -> list[str]:
    """The prompts of the slice, in words."""
    words = {True: "positive", False: "negative"}
    return ["box" if isinstance(each, BoxPrompt) else words[each.positive] for each in module.status.prompts.items]


@pytest.mark.parametrize(
    ("button", "keys", "kind"),
    [
        ("middle", "", "positive"),
        ("middle", "ctrl", "negative"),
        ("left", "", "positive"),
        ("left", "ctrl", "negative"),
    ],
)
def test_a_click_is_a_point(a_module, a_scan, button, keys, kind):
    a_module.click("Red", MIDDLE_IJK, button, keys)
    assert kinds(a_module) == [kind]


def test_a_middle_drag_pans_and_prompts_nothing(a_module, a_scan):
    before = field_of_view(a_module)
    a_module.drag("Red", MIDDLE_IJK, moved(MIDDLE_IJK, "k", 5, 4), "middle")
    assert not kinds(a_module) and np.abs(field_of_view(a_module) - before).max() > 0.5


def test_a_right_drag_still_zooms(a_module, a_scan):
    before = field_of_view(a_module)
    a_module.drag("Red", MIDDLE_IJK, moved(MIDDLE_IJK, "k", 0, 5), "right")
    assert not kinds(a_module) and np.abs(field_of_view(a_module) - before).max() > 1e-3


def test_the_wheel_still_browses(a_module, a_scan):
    before = a_module.slice_of("Red", MIDDLE_IJK)
    node = a_module.host.user.view("Red").mrmlSliceNode()
    offset = node.GetSliceOffset()
    a_module.host.user.wheel("Red", a_module.host.user.ras_of(a_scan, MIDDLE_IJK), 2)
    assert node.GetSliceOffset() != offset and before.axis == "k"


@pytest.mark.parametrize("how", [("middle", "shift"), ("left", "")])
def test_a_drag_draws_a_box(a_module, a_scan, how):
    if how[0] == "left":
        a_module.push(a_module.options.boxButton)
    before = field_of_view(a_module)
    a_module.drag("Red", moved(MIDDLE_IJK, "k", -3, -2), moved(MIDDLE_IJK, "k", 4, 5), *how)
    x, y = AT
    assert a_module.status.prompts.items == (BoxPrompt(x - 3, y - 2, x + 4, y + 5),)
    assert np.array_equal(field_of_view(a_module), before)


def test_a_click_on_a_prompt_selects_it_and_ctrl_k_deletes_it(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.click("Red", moved(MIDDLE_IJK, "k", 5))
    a_module.click("Red", MIDDLE_IJK)
    assert a_module.status.selected == 0 and unwrap(a_module.options.promptList).currentRow() == 0
    a_module.press("Ctrl+K")
    assert a_module.status.prompts.items == (PointPrompt(AT[0] + 5, AT[1]),)


def test_the_list_selects_a_prompt_and_its_button_deletes_it(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.click("Red", moved(MIDDLE_IJK, "k", 5))
    a_module.select_row(0)
    assert a_module.status.selected == 0
    a_module.push(a_module.options.deletePromptButton)
    assert a_module.status.prompts.items == (PointPrompt(AT[0] + 5, AT[1]),)


@pytest.mark.parametrize("key", ["Escape", "Ctrl+Shift+K"])
def test_keys_delete_all_prompts_of_all_slices(a_module, a_scan, key):
    for view in VIEWS:
        a_module.click(view, MIDDLE_IJK)
    a_module.press(key)
    assert a_module.status.prompted_slices == 0 and a_module.editor.activeEffect().name == "SAM"


def test_escape_without_prompts_is_slicers_own(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Escape")
    assert not kinds(a_module) and a_module.editor.activeEffect().name == "SAM"
    a_module.press("Escape")
    assert a_module.editor.activeEffect() is None


def test_two_quick_clicks_are_two_points_and_no_maximised_view(a_module, a_scan):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    a_module.click("Red", MIDDLE_IJK)
    user = a_module.host.user
    canvas = user.view("Red").sliceView().canvas
    place = user.pixel_of("Red", user.ras_of(a_scan, moved(MIDDLE_IJK, "k", 5)))
    no_keys = Qt.KeyboardModifier.NoModifier
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, no_keys, place)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, no_keys, place)
    a_module.settle()
    assert kinds(a_module) == ["positive", "positive"]
    assert all(user.view(view).isVisible() for view in VIEWS)


def test_c_shows_another_mask_and_buttons_choose_one(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("C")
    assert a_module.status.candidate == 1
    a_module.push(a_module.options.candidateButton3)
    a_module.press("Return")
    assert (a_module.mask() == neighbourhood(MIDDLE_IJK, "k", 3)).all()


def test_n_steps_through_the_classes_and_the_segment_follows(a_module, a_scan):
    ids = [each.id for each in a_module.session.profile.classes]
    a_module.press("N")
    a_module.press("N")
    a_module.press("Shift+N")
    assert a_module.session.class_id == ids[1] and a_module.editor.currentSegmentID() == f"RWTHSAM_{ids[1]}"
    assert unwrap(a_module.options.classBox).currentIndex() == 1


def test_a_segment_chosen_in_the_table_is_the_class(a_module, a_scan):
    ids = [each.id for each in a_module.session.profile.classes]
    a_module.editor.setCurrentSegmentID(f"RWTHSAM_{ids[3]}")
    a_module.settle()
    assert a_module.session.class_id == ids[3]
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    assert a_module.mask(ids[3]).sum() == 9 and not a_module.mask(ids[0]).any()


def test_a_submit_is_one_step_of_the_editors_undo(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    a_module.click("Red", moved(MIDDLE_IJK, "k", 7))
    a_module.press("Return")
    both = a_module.mask()
    a_module.editor.undo()
    a_module.settle()
    assert (a_module.mask() == neighbourhood(MIDDLE_IJK, "k")).all()
    assert len(a_module.session.prompt_file().slices) == 1
    a_module.editor.redo()
    a_module.settle()
    assert (a_module.mask() == both).all() and len(a_module.session.prompt_file().slices) == 2


def test_ctrl_z_takes_back_stroke_submit_and_prompt_in_their_order(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    submitted = a_module.mask()
    a_module.use_tool("Paint")
    a_module.click("Red", moved(MIDDLE_IJK, "k", 0, -8))
    assert a_module.mask().sum() > submitted.sum()
    a_module.use_tool("SAM")
    a_module.press("Ctrl+Z")
    assert (a_module.mask() == submitted).all() and not kinds(a_module)
    a_module.press("Ctrl+Z")
    assert not a_module.mask().any() and kinds(a_module) == ["positive"]
    a_module.press("Ctrl+Z")
    assert not kinds(a_module) and not a_module.status.can_undo
    a_module.press("Ctrl+Y")
    a_module.press("Ctrl+Shift+Z")
    assert (a_module.mask() == submitted).all()


def test_a_locked_class_takes_no_mask(a_module, a_scan):
    a_module.new_profile("Cylindrical cell")
    session = a_module.session
    session.set_profile(session.profile.locking(session.class_id))
    a_module.click("Red", MIDDLE_IJK)
    assert not a_module.options.submitButton.enabled and "locked" in a_module.options.submitButton.text
    a_module.press("Return")
    assert not a_module.mask().any() and a_module.status.level == "warning" and kinds(a_module) == ["positive"]


def test_prompts_stay_while_another_tool_is_used_and_clicks_are_its_own(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.use_tool("")
    a_module.click("Red", moved(MIDDLE_IJK, "k", 6))
    assert kinds(a_module) == ["positive"]
    a_module.use_tool("SAM")
    a_module.click("Red", moved(MIDDLE_IJK, "k", 6))
    assert kinds(a_module) == ["positive", "positive"]


def test_the_views_have_a_cursor_of_their_own_while_it_is_active(a_module, a_scan):
    from PySide6.QtCore import Qt

    canvas = a_module.host.user.view("Red").sliceView().canvas
    assert canvas.cursor().shape() == Qt.CursorShape.BitmapCursor
    a_module.use_tool("")
    assert canvas.cursor().shape() != Qt.CursorShape.BitmapCursor


def test_the_help_names_every_key(a_module, a_scan):
    effect = a_module.editor.effectByName("SAM")
    from RWTHSAMLib.desktop.app.key_claims import means_something
    from RWTHSAMLib.mrml.session.shortcuts import SHORTCUTS

    assert all(f"{each.keys_text}: {each.help}" in effect.self().helpText() for each in SHORTCUTS)
    assert means_something(a_module.session, "N") and not means_something(a_module.session, "Q")


@pytest.fixture
def an_editor(the_rwthsam_module, host):
    """A Segment Editor without the module around it, its segments made by hand."""
    host.main_window.select("")
    editor = make_editor(host, noise_volume())
    yield editor
    effect = editor.widget.effectByName("SAM").self()
    close_editor(editor)
    effect.cleanup()


def test_it_works_in_a_segment_editor_without_the_module(a_module, an_editor):
    from RWTHSAMLib.desktop.app import shared_session

    an_editor.effect("SAM")
    place = shared_session.present()
    a_module.settle()
    assert [each.name for each in place.session.profile.classes] == ["cell", "can"]
    an_editor.host.user.click_voxel("Red", an_editor.volume, MIDDLE_IJK)
    a_module.settle()
    an_editor.host.user.press("Return", view="Red")
    assert an_editor.mask("cell").sum() == 9 and not an_editor.mask("can").any()


def test_segments_added_renamed_and_removed_by_hand_are_the_classes(a_module, an_editor):
    an_editor.effect("SAM")
    segmentation = an_editor.segmentation.GetSegmentation()
    segmentation.AddEmptySegment("tab", "tab", [1, 1, 0])
    segmentation.GetSegment("can").SetName("casing")
    a_module.settle()
    names = [each.name for each in a_module.session.profile.classes]
    segmentation.RemoveSegment("cell")
    a_module.settle()
    an_editor.host.user.press("N", view="Red")
    a_module.settle()
    assert names == ["cell", "casing", "tab"]
    assert [segmentation.GetSegment(each).GetName() for each in segmentation.GetSegmentIDs()] == ["casing", "tab"]


def test_a_segmentation_on_another_grid_is_refused_with_the_reason(a_module, an_editor):
    other = noise_volume("rotated", "Other scan")
    an_editor.fill(np.ones((20, 24, 28), bool))
    an_editor.effect("SAM")
    an_editor.widget.setSourceVolumeNode(other)
    a_module.settle()
    text = an_editor.widget.effectByName("SAM").self()._panel.ui.statusLabel.text
    assert "does not lie on the voxel grid" in text
    an_editor.host.user.click_voxel("Red", other, MIDDLE_IJK)
    a_module.settle()
    assert not a_module.status.prompts.items and an_editor.mask("cell").sum() == 20 * 24 * 28


def test_a_class_is_refined_and_its_part_replaced(a_module, a_scan):
    """A mask of 3 x 3 pixels is submitted; known masks answer its box with the box less a click."""
    view = "Red"
    a_module.click(view, MIDDLE_IJK)
    a_module.press("Return", view)
    before, axis = a_module.mask(), a_module.slice_of(view, MIDDLE_IJK).axis
    assert a_module.options.refineButton.enabled
    a_module.push(a_module.options.refineButton)
    assert a_module.status.prompts.replaces and len(a_module.status.prompts) == 2
    assert a_module.options.submitButton.text.startswith("Replace in") and not a_module.options.refineButton.enabled
    a_module.click(view, moved(MIDDLE_IJK, axis, x=-1, y=-1), "left", "ctrl")
    expected = a_module.session.prompting.masks[a_module.status.slice].to_array().sum()
    a_module.press("Return", view)
    assert a_module.mask().sum() == expected < before.sum()
    a_module.press("Ctrl+Z", view)
    assert np.array_equal(a_module.mask(), before) and a_module.status.prompts.replaces


def test_what_the_model_looks_at_is_chosen_in_the_effect(a_module, a_scan):
    box = a_module.options.detailBox
    assert box.currentIndex == 0 and a_module.session.prompting.detail == "auto"
    box.currentIndex = 2
    assert a_module.session.prompting.detail == "tile"
    a_module.session.prompting.set_detail("whole")
    a_module.settle()
    assert box.currentIndex == 1
    a_module.session.prompting.set_detail("auto")


MODES = {"window and level": "AdjustWindowLevel", "select": "Select"}


@pytest.fixture
def the_mouse_mode(host):
    """The node whose mode the tool bar chooses; the usual one again at the end."""
    node = host.scene.GetFirstNodeByClass("vtkMRMLInteractionNode")
    yield node
    node.SetCurrentInteractionMode(node.ViewTransform)


def begin_to_place():
    """What the tool bar does for landmarks; the new list."""
    import slicer

    landmarks = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Landmarks")
    slicer.modules.markups.logic().StartPlaceMode(False)
    return landmarks


def shown_range(volume) -> tuple[float, float]:
    """Grey values between black and white."""
    display = volume.GetDisplayNode()
    return display.GetWindow(), display.GetLevel()


@pytest.mark.parametrize("mode", MODES)
def test_in_another_mouse_mode_nothing_prompts_and_the_effect_stays(a_module, a_scan, the_mouse_mode, mode):
    the_mouse_mode.SetCurrentInteractionMode(getattr(the_mouse_mode, MODES[mode]))
    for view in VIEWS:
        for button, keys in (("left", ""), ("left", "ctrl"), ("middle", ""), ("middle", "ctrl")):
            a_module.click(view, MIDDLE_IJK, button, keys)
            assert a_module.status.prompted_slices == 0
        a_module.drag(view, MIDDLE_IJK, (MIDDLE_IJK[0] + 2, MIDDLE_IJK[1] + 2, MIDDLE_IJK[2] + 2), "middle", "shift")
        assert a_module.status.prompted_slices == 0 and a_module.editor.activeEffect().name == "SAM"
    the_mouse_mode.SetCurrentInteractionMode(the_mouse_mode.ViewTransform)
    a_module.settle()
    a_module.click("Red", moved(MIDDLE_IJK, "k", -5))
    assert kinds(a_module) == ["positive"]


def test_in_a_mode_of_another_module_mouse_and_keys_are_left_alone(a_module, a_scan, the_mouse_mode):
    # asked directly: slicer-core's own views do not stand a press in a mode that nobody defines
    effect, view = a_module.editor.effectByName("SAM").self(), slicer_view("Red")
    interactor = view.sliceView().interactor()
    for mode in (the_mouse_mode.User, the_mouse_mode.User + 7):
        the_mouse_mode.SetCurrentInteractionMode(mode)
        for event in ("LeftButtonPressEvent", "LeftButtonReleaseEvent", "MiddleButtonPressEvent", "KeyPressEvent"):
            assert (
                effect.processInteractionEvents(interactor, vtk.vtkCommand.GetEventIdFromString(event), view) is False
            )
    the_mouse_mode.SetCurrentInteractionMode(the_mouse_mode.ViewTransform)
    assert a_module.status.prompted_slices == 0
    press = vtk.vtkCommand.LeftButtonPressEvent
    assert effect.processInteractionEvents(interactor, press, view) is True


def slicer_view(name: str):
    """A slice view as Python sees it in Slicer."""
    import slicer

    return slicer.app.layoutManager().sliceWidget(name)


def test_window_and_level_are_dragged_while_sam_is_chosen(a_module, a_scan, the_mouse_mode):
    before = shown_range(a_scan)
    the_mouse_mode.SetCurrentInteractionMode(the_mouse_mode.AdjustWindowLevel)
    a_module.drag("Red", MIDDLE_IJK, moved(MIDDLE_IJK, "k", 6, 4))
    assert shown_range(a_scan) != before and not kinds(a_module)


def test_a_landmark_is_placed_while_sam_is_chosen(a_module, a_scan, the_mouse_mode):
    landmarks = begin_to_place()
    a_module.settle()
    a_module.click("Red", MIDDLE_IJK)
    assert landmarks.GetNumberOfDefinedControlPoints() == 1 and not kinds(a_module)


def test_a_view_with_a_mouse_mode_of_its_own_is_asked_itself(a_module, a_scan, the_mouse_mode):
    import slicer

    own = slicer.vtkMRMLInteractionNode()
    own.SetSingletonTag("Own")
    own = slicer.mrmlScene.AddNode(own)
    own.SetCurrentInteractionMode(own.AdjustWindowLevel)
    node = a_module.host.user.view("Red").mrmlSliceNode()
    node.SetInteractionNode(own)
    a_module.click("Red", MIDDLE_IJK)
    assert a_module.status.prompted_slices == 0
    a_module.click("Green", MIDDLE_IJK)
    assert a_module.status.prompted_slices == 1
    node.RemoveNodeReferenceIDs("InteractionNodeRef")


@pytest.mark.parametrize("tool", ["box", "winding"])
def test_a_mouse_mode_that_begins_in_the_middle_of_a_drag_abandons_it(a_module, a_scan, the_mouse_mode, tool):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from rwthsam_parts import temporary_nodes

    a_module.push(getattr(a_module.options, f"{tool}Button"))
    user = a_module.host.user
    user.show_slice_of("Red", a_scan, MIDDLE_IJK)
    start, end = (user.pixel_of("Red", user.ras_of(a_scan, moved(MIDDLE_IJK, "k", x))) for x in (0, 5))
    canvas = user.view("Red").sliceView().canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    user._move(canvas, end, Qt.MouseButton.LeftButton)
    assert temporary_nodes(a_module.host.scene)
    begin_to_place()
    the_mouse_mode.SetCurrentInteractionMode(the_mouse_mode.Place)
    assert not temporary_nodes(a_module.host.scene)
    user._move(canvas, end, Qt.MouseButton.LeftButton)
    the_mouse_mode.SetCurrentInteractionMode(the_mouse_mode.ViewTransform)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    a_module.settle()
    assert not kinds(a_module) and not temporary_nodes(a_module.host.scene)


def test_keys_are_slicers_own_in_another_mouse_mode(a_module, a_scan, the_mouse_mode):
    a_module.click("Red", MIDDLE_IJK)
    begin_to_place()
    a_module.press("Return")
    assert kinds(a_module) == ["positive"] and not a_module.mask().any()


def test_the_cursor_comes_back_with_the_usual_mouse_mode(a_module, a_scan, the_mouse_mode):
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QCursor

    canvas = a_module.host.user.view("Red").sliceView().canvas
    the_mouse_mode.SetCurrentInteractionMode(the_mouse_mode.AdjustWindowLevel)
    canvas.set_cursor(QCursor(Qt.CursorShape.ArrowCursor))  # as the tool bar does
    the_mouse_mode.SetCurrentInteractionMode(the_mouse_mode.ViewTransform)
    a_module.settle()
    assert canvas.cursor().shape() == Qt.CursorShape.BitmapCursor


@pytest.fixture(params=[1.0, 1.5, 2.0])
def a_screen(request, a_module, a_scan):
    """The view Red on a screen with so many pixels for one of the window system."""
    canvas = a_module.host.user.view("Red").sliceView().canvas
    canvas.set_pixel_ratio(request.param)
    a_module.host.user.view("Red").sliceLogic().FitSliceToAll()
    a_module.settle()
    yield canvas
    canvas.set_pixel_ratio(1.0)
    a_module.host.user.view("Red").sliceLogic().FitSliceToAll()


@pytest.mark.parametrize(("trembling_px", "is_click"), [(3, True), (6, False)])
def test_a_hand_may_tremble_as_far_on_every_screen(a_module, a_scan, a_screen, trembling_px, is_click):
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    user = a_module.host.user
    user.show_slice_of("Red", a_scan, MIDDLE_IJK)
    start = user.pixel_of("Red", user.ras_of(a_scan, MIDDLE_IJK))
    end = start + QPoint(trembling_px, 0)
    QTest.mousePress(a_screen, Qt.MouseButton.LeftButton, pos=start)
    user._move(a_screen, end, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(a_screen, Qt.MouseButton.LeftButton, pos=end)
    a_module.settle()
    assert bool(kinds(a_module)) == is_click


def test_a_prompt_is_hit_on_every_screen(a_module, a_scan, a_screen):
    a_module.click("Red", MIDDLE_IJK)
    assert a_module.status.prompts.items == (PointPrompt(*AT),)
    user = a_module.host.user
    near = user.pixel_of("Red", user.ras_of(a_scan, MIDDLE_IJK))
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    QTest.mouseClick(a_screen, Qt.MouseButton.LeftButton, pos=near + QPoint(7, 0))
    a_module.settle()
    assert len(kinds(a_module)) == 1 and a_module.status.selected == 0
