"""Mouse and keys enter through the views' own interactors, and reach effects before the views act on them."""

from __future__ import annotations

import numpy as np
import pytest
import vtk

from desktop_host.testing.editors import add_volume, close_editor, make_editor, rotated_ijk_to_ras
from desktop_host.widgets.render_view import drawing_held

VIEWS = ("Red", "Yellow", "Green")
VOXELS = ((3, 4, 5), (0, 0, 0), (13, 11, 9), (7, 2, 8))


@pytest.fixture
def a_rotated_editor(host):
    """A segment editor on a volume turned about three axes with three spacings."""
    editor = make_editor(host, add_volume(rotated_ijk_to_ras()))
    yield editor
    close_editor(editor)


def stamp(editor, size=0):
    """The example effect, stamping single voxels."""
    effect = editor.effect("Host example")
    effect.scriptedEffect.setParameter("HalfSize", size)
    return effect


def interactor(host, view):
    return host.user.view(view).sliceView().interactor()


# where a click lands
@pytest.mark.parametrize("ijk", VOXELS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_click_on_a_voxel_reaches_that_voxel(host, an_editor, view, ijk):
    stamp(an_editor)
    host.user.click_voxel(view, an_editor.volume, ijk)
    assert an_editor.voxels() == [ijk]


@pytest.mark.parametrize("ijk", VOXELS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_click_reaches_its_voxel_in_a_rotated_anisotropic_volume(host, a_rotated_editor, view, ijk):
    stamp(a_rotated_editor)
    host.user.click_voxel(view, a_rotated_editor.volume, ijk)
    assert a_rotated_editor.voxels() == [ijk]


@pytest.mark.parametrize("view", VIEWS)
def test_a_pixel_is_where_the_slice_view_says_it_is(host, a_rotated_editor, view):
    seen = []
    style = interactor(host, view)
    tag = style.AddObserver("LeftButtonPressEvent", lambda caller, _event: seen.append(caller.GetEventPosition()))
    host.user.click_voxel(view, a_rotated_editor.volume, (3, 4, 5))
    style.RemoveObserver(tag)
    to_ras = host.user.view(view).mrmlSliceNode().GetXYToRAS()
    ras = to_ras.MultiplyPoint((*seen[0], 0, 1))[:3]
    expected = (rotated_ijk_to_ras() @ (3, 4, 5, 1))[:3]
    pixel_mm = np.linalg.norm([to_ras.GetElement(row, 0) for row in range(3)])
    assert np.linalg.norm(np.subtract(ras, expected)) < pixel_mm


# who gets an event
def test_an_event_that_the_effect_takes_reaches_nobody_of_lower_priority(host, an_editor):
    stamp(an_editor)
    seen = []
    style = interactor(host, "Red")
    tags = [style.AddObserver("LeftButtonPressEvent", lambda *_a, n=n: seen.append(n), n) for n in (0.5, 2.0)]
    host.user.click_voxel("Red", an_editor.volume, (3, 4, 5))
    [style.RemoveObserver(tag) for tag in tags]
    assert seen == [2.0]


def test_an_event_that_the_effect_leaves_reaches_the_others(host, an_editor):
    stamp(an_editor)
    seen = []
    style = interactor(host, "Red")
    tag = style.AddObserver("MiddleButtonPressEvent", lambda *_a: seen.append("press"), 0.5)
    host.user.click_voxel("Red", an_editor.volume, (3, 4, 5), button="middle")
    style.RemoveObserver(tag)
    assert seen == ["press"]


def test_an_answer_that_is_no_bool_counts_as_false(host, an_editor):
    effect = stamp(an_editor)
    effect.processInteractionEvents = lambda *_a: 1
    seen, before = [], len(host.complaints)
    style = interactor(host, "Red")
    tag = style.AddObserver("LeftButtonPressEvent", lambda *_a: seen.append("press"), 0.5)
    host.user.click_voxel("Red", an_editor.volume, (3, 4, 5))
    style.RemoveObserver(tag)
    assert seen == ["press"] and "expected to return a boolean" in host.complaints[before]


def test_an_exception_in_an_effect_is_printed_and_the_event_goes_on(host, an_editor):
    effect = stamp(an_editor)
    effect.processInteractionEvents = lambda *_a: 1 / 0
    with pytest.raises(ZeroDivisionError):
        host.user.click_voxel("Red", an_editor.volume, (3, 4, 5))
    host.errors.clear()


def test_press_move_release_arrive_in_order_with_their_modifiers(host, an_editor):
    effect = stamp(an_editor)
    seen = []

    def note(caller, event_id, view):
        seen.append((vtk.vtkCommand.GetStringFromEventId(event_id), caller.GetControlKey(), caller.GetShiftKey()))
        return event_id != vtk.vtkCommand.EnterEvent

    effect.processInteractionEvents = note
    ras = [host.user.ras_of(an_editor.volume, (i, 4, 5)) for i in (3, 9)]
    host.user.show_slice_of("Red", an_editor.volume, (3, 4, 5))
    host.user.drag("Red", *ras, button="middle", keys="ctrl+shift", steps=2)
    events = [entry for entry in seen if "Enter" not in entry[0]]
    assert events[1] == ("MiddleButtonPressEvent", 1, 1)
    assert [name for name, *_ in events[1:]] == ["MiddleButtonPressEvent"] + ["MouseMoveEvent"] * 2 + [
        "MiddleButtonReleaseEvent"
    ]


def test_keys_arrive_with_their_symbol(host, an_editor):
    effect = stamp(an_editor)
    seen = []

    def note(caller, event_id, view):
        if event_id == vtk.vtkCommand.KeyPressEvent:
            seen.append((caller.GetKeySym(), bool(caller.GetControlKey()), bool(caller.GetShiftKey())))
        return True

    effect.processInteractionEvents = note
    for key in ("Return", "Escape", "Ctrl+K", "Ctrl+Shift+K", "c", "Delete"):
        host.user.press(key, view="Red")
    # the modifiers are keys of their own
    seen = [entry for entry in seen if not entry[0].endswith("_L")]
    assert [entry[0] for entry in seen] == ["Return", "Escape", "k", "K", "c", "Delete"]
    assert [entry[1:] for entry in seen[2:4]] == [(True, False), (True, True)]


def test_without_an_active_effect_no_event_arrives(host, an_editor):
    effect = stamp(an_editor)
    host.user.click_voxel("Red", an_editor.volume, (3, 4, 5))
    an_editor.widget.setActiveEffect(None)
    before = len(effect.events)
    host.user.click_voxel("Red", an_editor.volume, (3, 4, 6))
    assert before > 0 and len(effect.events) == before
    assert an_editor.voxels() == [(3, 4, 5)]


def test_a_view_that_does_not_show_the_segmentation_is_not_observed(host, an_editor):
    an_editor.segmentation.GetDisplayNode().AddViewNodeID("vtkMRMLSliceNodeYellow")
    stamp(an_editor)
    host.user.click_voxel("Red", an_editor.volume, (3, 4, 5))
    assert an_editor.voxels() == []
    host.user.click_voxel("Yellow", an_editor.volume, (3, 4, 5))
    assert an_editor.voxels() == [(3, 4, 5)]


def test_a_double_click_is_an_event_of_its_own(host, an_editor):
    effect, seen = stamp(an_editor), []

    def note(_caller, event_id, _view):
        seen.append(vtk.vtkCommand.GetStringFromEventId(event_id))
        return True

    effect.processInteractionEvents = note
    host.user.show_slice_of("Red", an_editor.volume, (3, 4, 5))
    host.user.double_click("Red", host.user.ras_of(an_editor.volume, (3, 4, 5)))
    buttons = [name for name in seen if "Button" in name]
    assert buttons.count("LeftButtonDoubleClickEvent") == 1 and buttons[-1] == "LeftButtonReleaseEvent"
    assert buttons[buttons.index("LeftButtonDoubleClickEvent") - 1] == "LeftButtonReleaseEvent"


def test_a_closed_scene_leaves_three_views_of_three_orientations(host, a_rotated_editor):
    for view in VIEWS:
        host.user.view(view).mrmlSliceNode().RotateToVolumePlane(a_rotated_editor.volume)
    host.close_scene()
    orientations = [host.user.view(view).mrmlSliceNode().GetOrientation() for view in VIEWS]
    assert orientations == ["Axial", "Sagittal", "Coronal"]


# keys of the editor itself
@pytest.fixture
def an_editor_with_keys(an_editor):
    """The editor with its own keyboard shortcuts, as its module installs them."""
    an_editor.widget.installKeyboardShortcuts()
    yield an_editor
    an_editor.widget.uninstallKeyboardShortcuts()


def pressed_keys(effect):
    """Key presses that the effect gets from now on."""
    seen = []

    def note(caller, event_id, _view):
        if event_id == vtk.vtkCommand.KeyPressEvent:
            seen.append(caller.GetKeySym())
        return True

    effect.processInteractionEvents = note
    return seen


def test_the_editors_own_keys_do_not_reach_the_effect(host, an_editor_with_keys):
    editor = an_editor_with_keys
    effect = stamp(editor)
    host.user.click_voxel("Red", editor.volume, (3, 4, 5))
    seen = pressed_keys(effect)
    host.user.press("z", view="Red")
    assert seen == [] and editor.voxels() == []
    host.user.press("Escape", view="Red")
    assert seen == [] and editor.widget.activeEffect() is None


def test_another_key_reaches_the_effect_beside_them(host, an_editor_with_keys):
    seen = pressed_keys(stamp(an_editor_with_keys))
    host.user.press("Return", view="Red")
    assert seen == ["Return"]


def test_a_second_shortcut_of_the_same_key_makes_both_dead(host, an_editor_with_keys):
    import qt
    import slicer

    fired = []
    shortcut = qt.QShortcut(qt.QKeySequence("Escape"), slicer.util.mainWindow())
    shortcut.connect("activated()", lambda: fired.append(True))
    stamp(an_editor_with_keys)
    host.user.press("Escape", view="Red")
    assert fired == [] and an_editor_with_keys.widget.activeEffect() is not None
    shortcut.setParent(None)
    host.user.press("Escape", view="Red")
    assert an_editor_with_keys.widget.activeEffect() is None


# what the view itself does
def field_and_origin(host, view="Red"):
    node = host.user.view(view).mrmlSliceNode()
    return node.GetFieldOfView(), node.GetXYZOrigin(), node.GetSliceOffset()


def test_a_middle_drag_that_nobody_takes_pans(host, an_editor):
    stamp(an_editor)
    host.user.show_slice_of("Red", an_editor.volume, (3, 4, 5))
    field, origin, _offset = field_and_origin(host)
    ras = [host.user.ras_of(an_editor.volume, (i, 4, 5)) for i in (3, 9)]
    host.user.drag("Red", *ras, button="middle")
    moved = np.subtract(field_and_origin(host)[1], origin)
    assert field_and_origin(host)[0] == field
    # the picture follows the pointer, within a pixel
    node = host.user.view("Red").mrmlSliceNode()
    assert abs(abs(moved[0]) - 6.0) <= 1.01 * node.GetFieldOfView()[0] / node.GetDimensions()[0]


def test_a_right_drag_zooms(host, an_editor):
    host.user.show_slice_of("Red", an_editor.volume, (3, 4, 5))
    field = field_and_origin(host)[0]
    ras = [host.user.ras_of(an_editor.volume, (7, j, 5)) for j in (3, 9)]
    host.user.drag("Red", *ras, button="right")
    assert field_and_origin(host)[0][0] != pytest.approx(field[0])


def test_the_wheel_browses_slices_and_with_control_zooms(host, an_editor):
    host.user.show_slice_of("Red", an_editor.volume, (3, 4, 5))
    field, _origin, offset = field_and_origin(host)
    host.user.wheel("Red", host.user.ras_of(an_editor.volume, (3, 4, 5)), steps=1)
    assert field_and_origin(host)[2] == pytest.approx(offset + 1.0)
    host.user.wheel("Red", host.user.ras_of(an_editor.volume, (3, 4, 6)), steps=1, keys="ctrl")
    assert field_and_origin(host)[0][0] != pytest.approx(field[0])


def test_a_view_shows_the_volume_and_the_segment(host, an_editor, pictures):
    an_editor.fill(np.ones((10, 12, 14), bool))
    host.user.show_slice_of("Red", an_editor.volume, (3, 4, 5))
    canvas = host.user.view("Red").sliceView().canvas
    host.screenshot(pictures / "host-red-view.png", canvas)
    colour = canvas.grab().toImage().pixelColor(canvas.width() // 2, canvas.height() // 2)
    assert colour.green() > colour.red() + 20 and colour.green() > colour.blue() + 20


def test_views_are_drawn_once_after_they_were_held(host, an_editor):
    canvas = host.user.view("Red").sliceView().canvas
    host.process_events()
    before = canvas.frames_rendered
    with drawing_held():
        for k in (2, 5, 8):
            host.user.show_slice_of("Red", an_editor.volume, (3, 4, k))
            canvas.schedule()
            host.process_events()
        assert canvas.frames_rendered == before
    host.process_events()
    assert canvas.frames_rendered == before + 1


def test_the_effect_has_its_cursor_over_slice_views(host, an_editor):
    canvas = host.user.view("Red").sliceView().canvas
    before = canvas.cursor().shape()
    stamp(an_editor)
    assert canvas.cursor().shape() != before
    an_editor.widget.setActiveEffect(None)
    assert canvas.cursor().shape() == before
