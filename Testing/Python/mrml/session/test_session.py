"""The whole way of a click on real MRML: prompt, temporary mask, class, undo."""

from __future__ import annotations

import dataclasses
import gc
import weakref

import numpy as np
import pytest
import slicer
from scene_parts import SHAPE_KJI, NeighbourhoodEngine

from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.labelmaps import segment_voxels_kji
from RWTHSAMLib.mrml.nodes.temporary_nodes import OWNER_ATTRIBUTE
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.session.gestures import PointerEvent
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.worker.client import EngineSpec

SLICE = SliceKey("k", 3)
TWO_CLASSES = SegmentationProfile(
    "two", (ProfileClass("a", "First", (1.0, 0.0, 0.0)), ProfileClass("b", "Second", (0.0, 0.0, 1.0)))
)


def voxels_of_class(session: Session, class_id: str | None = None) -> np.ndarray:
    if session.segmentation_node is None:
        return np.zeros(SHAPE_KJI, bool)
    return segments.mask_of_class_kji(session.segmentation_node, class_id or session.class_id, session.volume_node)


def temporary_voxels(session: Session) -> np.ndarray:
    voxels = np.zeros(SHAPE_KJI, bool)
    node = session.prompting.slices.preview_node
    for segment_id in segments.segment_ids(node) if node else ():
        extent = VolumeGeometry.of(session.volume_node).extent
        voxels |= segment_voxels_kji(node, segment_id, extent)
    return voxels


def block(k: slice | int, j: slice | int, i: slice | int) -> np.ndarray:
    voxels = np.zeros(SHAPE_KJI, bool)
    voxels[k, j, i] = True
    return voxels


def temporary_nodes(scene) -> int:
    return sum(scene.GetNthNode(n).GetAttribute(OWNER_ATTRIBUTE) == "1" for n in range(scene.GetNumberOfNodes()))


def click(session, view, world, button="left", **modifiers):
    """Press and release at a world point."""
    place = {"slice_node": view, "world_ras": world, "view_xy": (50.0, 50.0), **modifiers}
    pressed = session.pointer(PointerEvent("press", button, **place))
    released = session.pointer(PointerEvent("release", button, **place))
    session.poll()
    return pressed, released


def drag(session, view, start, end, button="middle", **modifiers):
    """Press at one world point, move and release at another."""
    session.pointer(PointerEvent("press", button, view, start, (10.0, 10.0), **modifiers))
    session.pointer(PointerEvent("move", "", view, end, (90.0, 80.0), **modifiers))
    session.pointer(PointerEvent("release", button, view, end, (90.0, 80.0), **modifiers))
    session.poll()


def test_a_point_gives_a_temporary_mask_and_touches_no_class(a_session):
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    np.testing.assert_array_equal(temporary_voxels(a_session), block(3, slice(4, 7), slice(5, 8)))
    assert not voxels_of_class(a_session).any()


def test_submit_moves_the_mask_into_the_class(a_session):
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.submit()
    np.testing.assert_array_equal(voxels_of_class(a_session), block(3, slice(4, 7), slice(5, 8)))
    assert not temporary_voxels(a_session).any()
    assert a_session.status.prompt_count == 0


@pytest.mark.parametrize("orientation", ["Axial", "Sagittal", "Coronal"])
def test_a_clicked_voxel_is_in_the_submitted_mask(a_scene, a_volume_of, a_view, any_ijk_to_ras, orientation):
    view, session = a_view(orientation), Session(a_scene, NeighbourhoodEngine())
    session.set_volume(a_volume_of(any_ijk_to_ras))
    geometry = VolumeGeometry.of(session.volume_node)
    world = geometry.ras_of((6.2, 4.8, 3.3))
    click(session, view, world)
    session.submit()
    found = voxels_of_class(session)
    assert found[3, 5, 6] and found.sum() == 9
    assert found.any(axis=tuple(n for n in range(3) if "kji"[n] != geometry.slice_axis(view))).sum() == 1
    session.close()


def test_masks_of_several_slices_and_axes_are_one_submit_and_one_undo(a_session):
    for key in (SliceKey("k", 1), SliceKey("j", 9), SliceKey("i", 2)):
        a_session.add_point(key, 4, 3)
        a_session.poll()
    a_session.submit()
    assert voxels_of_class(a_session).sum() == 27
    a_session.undo()
    assert not voxels_of_class(a_session).any()
    assert a_session.status.prompted_slices == 3
    a_session.redo()
    assert voxels_of_class(a_session).sum() == 27


def test_undo_steps_back_through_every_prompt(a_session):
    a_session.add_point(SLICE, 6, 5)
    a_session.add_point(SLICE, 9, 8, positive=False)
    a_session.set_box(SLICE, (2, 2), (9, 9))
    counts = [a_session.status.prompt_count]
    for _ in range(3):
        a_session.undo()
        counts.append(a_session.status.prompt_count)
    assert counts == [3, 2, 1, 0]
    assert not a_session.status.can_undo
    a_session.redo()
    assert a_session.status.prompts.points[0].x == 6


@pytest.mark.parametrize("positive", [True, False])
def test_undoing_the_only_prompt_leaves_no_temporary_node(a_session, a_scene, positive):
    a_session.add_point(SLICE, 6, 5, positive=positive)
    a_session.poll()
    a_session.undo()
    assert temporary_nodes(a_scene) == 0


def test_a_new_box_replaces_the_old_one(a_session):
    a_session.set_box(SLICE, (2, 2), (5, 5))
    a_session.set_box(SLICE, (9, 8), (4, 3))
    a_session.poll()
    assert a_session.status.prompts.box.box_xyxy == (4, 3, 9, 8)
    np.testing.assert_array_equal(temporary_voxels(a_session), block(3, slice(3, 9), slice(4, 10)))


def test_the_first_prompt_offers_three_masks_to_choose_from(a_session):
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    assert a_session.status.candidate_scores == pytest.approx((0.9, 0.8, 0.7))
    a_session.prompting.next_candidate()
    a_session.poll()
    np.testing.assert_array_equal(temporary_voxels(a_session), block(3, slice(3, 8), slice(4, 9)))
    a_session.undo()
    assert temporary_voxels(a_session).sum() == 9


def test_deleting_a_selected_prompt_leaves_the_others(a_session):
    a_session.add_point(SLICE, 3, 3)
    a_session.add_point(SLICE, 9, 8)
    a_session.prompting.select(SLICE, 0)
    a_session.prompting.delete_selected()
    a_session.poll()
    assert [point.x for point in a_session.status.prompts.points] == [9]


def test_an_answer_to_outdated_prompts_is_not_shown(a_session):
    a_session.add_point(SLICE, 6, 5)
    late = a_session.engine.client.waiting[:]
    a_session.undo()
    a_session.engine.client.waiting = late
    a_session.poll()
    assert not temporary_voxels(a_session).any()


def test_a_second_click_while_the_first_is_computed_is_not_lost(a_session):
    a_session.add_point(SLICE, 3, 3)
    a_session.add_point(SliceKey("k", 5), 9, 8)
    a_session.poll()
    assert temporary_voxels(a_session).sum() == 18


def test_submitting_before_the_mask_is_there_is_refused_and_loses_nothing(a_session):
    a_session.add_point(SLICE, 6, 5)
    with pytest.raises(StateError, match="still being computed"):
        a_session.submit()
    a_session.poll()
    a_session.submit()
    assert voxels_of_class(a_session).sum() == 9


def test_prompts_given_before_a_model_is_loaded_get_their_masks_then(a_scene, a_volume):
    client = NeighbourhoodEngine()
    client.phase = "stopped"
    session = Session(a_scene, client)
    session.set_volume(a_volume)
    session.add_point(SLICE, 6, 5)
    session.poll()
    assert not temporary_voxels(session).any()
    session.load_engine(EngineSpec("mobile_sam_vit_t"))
    session.poll()
    session.poll()
    assert temporary_voxels(session).sum() == 9
    session.close()


def test_no_mask_comes_from_the_model_before_where_the_chosen_one_cannot_be_loaded_yet(a_session):
    a_session.add_point(SLICE, 6, 5)
    a_session.unload_engine()
    a_session.add_point(SliceKey("k", 4), 6, 5)
    a_session.poll()
    assert not temporary_voxels(a_session).any() and not a_session.status.can_submit
    assert "Load a model" in a_session.status.text and a_session.model_name is None
    a_session.load_engine(EngineSpec("mobile_sam_vit_t"))
    a_session.poll()
    a_session.poll()
    assert len(a_session.prompting.masks) == 2


def test_switching_class_needs_nothing_else(a_session):
    a_session.set_profile(TWO_CLASSES)
    for class_id, place in (("a", 2), ("b", 9), ("a", 5)):
        a_session.select_class(class_id)
        a_session.add_point(SLICE, place, 8)
        a_session.poll()
        a_session.submit()
    assert voxels_of_class(a_session, "a").sum() == 18 - 0
    assert voxels_of_class(a_session, "b").sum() == 9


def test_renaming_and_reordering_classes_relabels_no_voxel(a_session):
    a_session.set_profile(TWO_CLASSES)
    a_session.select_class("b")
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.submit()
    first, second = TWO_CLASSES.classes
    renamed = ProfileClass("b", "Renamed", (0.2, 0.3, 0.4))
    a_session.set_profile(SegmentationProfile("changed", (renamed, first)))
    assert voxels_of_class(a_session, "b").sum() == 9
    names = [each.GetName() for each in segment_objects(a_session.segmentation_node)]
    assert sorted(names) == ["First", "Renamed"]


def segment_objects(node):
    return [node.GetSegmentation().GetSegment(each) for each in segments.segment_ids(node)]


def test_a_new_window_asks_for_the_mask_again(a_session):
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.set_window(Window(10, 20))
    assert not a_session.status.can_submit
    a_session.poll()
    assert a_session.status.can_submit
    assert a_session.image_of(SLICE).pixels.max() == 255


def test_what_the_model_sees_is_what_the_view_shows(a_session, a_view_of):
    view = a_view_of(a_session.volume_node, 5)
    np.testing.assert_array_equal(a_session.model_image(view).pixels, a_session.image_of(SliceKey("k", 5)).pixels)


def test_a_click_outside_the_scan_says_so(a_session, an_aligned_view):
    click(a_session, an_aligned_view, VolumeGeometry.of(a_session.volume_node).ras_of((-20, 5, 3)))
    assert a_session.status.level == "warning"
    assert "outside the scan" in a_session.status.text


@pytest.mark.parametrize(
    ("button", "modifiers", "positive"),
    [
        ("left", {}, True),
        ("left", {"control": True}, False),
        ("middle", {}, True),
        ("middle", {"control": True}, False),
    ],
)
def test_each_kind_of_click_gives_its_point(a_session, an_aligned_view, button, modifiers, positive):
    world = VolumeGeometry.of(a_session.volume_node).ras_of((6, 5, 3))
    click(a_session, an_aligned_view, world, button, **modifiers)
    assert [point.positive for point in a_session.status.prompts.points] == [positive]


def test_a_plain_middle_drag_is_left_to_the_host_for_panning(a_session, a_view):
    world = VolumeGeometry.of(a_session.volume_node).ras_of((6, 5, 3))
    view = a_view()
    assert not a_session.pointer(PointerEvent("press", "middle", view, world, (10.0, 10.0)))
    # panning keeps the same place under the pointer
    assert not a_session.pointer(PointerEvent("move", "", view, world, (60.0, 10.0)))
    assert not a_session.pointer(PointerEvent("release", "middle", view, world, (60.0, 10.0)))
    assert a_session.status.prompt_count == 0


@pytest.mark.parametrize(("button", "tool", "shift"), [("middle", "point", True), ("left", "box", False)])
def test_a_drag_draws_a_box_from_voxel_to_voxel(a_session, an_aligned_view, button, tool, shift):
    geometry = VolumeGeometry.of(a_session.volume_node)
    a_session.set_tool(tool)
    drag(a_session, an_aligned_view, geometry.ras_of((9, 8, 3)), geometry.ras_of((4, 2, 3)), button, shift=shift)
    assert a_session.status.prompts.box.box_xyxy == (4, 2, 9, 8)


def test_a_box_dragged_out_of_the_scan_ends_at_its_border(a_session, an_aligned_view):
    geometry = VolumeGeometry.of(a_session.volume_node)
    drag(a_session, an_aligned_view, geometry.ras_of((9, 8, 3)), geometry.ras_of((40, 60, 3)), shift=True)
    assert a_session.status.prompts.box.box_xyxy == (9, 8, 12, 10)


def test_a_left_click_on_a_prompt_selects_it(a_session, an_aligned_view):
    view, world = an_aligned_view, VolumeGeometry.of(a_session.volume_node).ras_of((6, 5, 3))
    click(a_session, view, world)
    click(a_session, view, world)
    assert a_session.status.prompt_count == 1
    assert a_session.status.selected == 0
    a_session.key("Ctrl+K")
    assert a_session.status.prompt_count == 0


@pytest.mark.parametrize("key", ["Escape", "Ctrl+Shift+K"])
def test_keys_delete_all_prompts_and_undo_brings_them_back(a_session, key):
    a_session.add_point(SLICE, 6, 5)
    a_session.add_point(SliceKey("j", 2), 3, 3)
    assert a_session.key(key)
    assert a_session.status.prompted_slices == 0
    a_session.key("Ctrl+Z")
    assert a_session.status.prompted_slices == 2


def test_unknown_keys_are_left_to_the_host(a_session):
    assert not a_session.key("F7")


def test_removing_the_volume_leaves_no_temporary_node(a_session, a_scene):
    a_session.add_point(SLICE, 6, 5)
    a_session.set_box(SLICE, (1, 1), (4, 4))
    a_session.poll()
    assert temporary_nodes(a_scene) > 0
    a_scene.RemoveNode(a_session.volume_node)
    assert a_session.volume_node is None
    assert temporary_nodes(a_scene) == 0
    with pytest.raises(StateError, match="no scan"):
        a_session.add_point(SLICE, 6, 5)


def test_closing_the_scene_in_mid_click_leaves_a_session_that_works(a_session, a_scene, a_volume_of, a_view):
    view = a_view()
    a_session.pointer(PointerEvent("press", "left", view, (0.0, 0.0, 0.0), (5.0, 5.0)))
    a_session.add_point(SLICE, 6, 5)
    a_scene.Clear(False)
    a_session.poll()
    assert a_session.status.text == "Load a scan to begin."
    a_session.set_volume(a_volume_of(np.eye(4)))
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    assert temporary_voxels(a_session).sum() == 9


def test_closing_a_session_keeps_its_classes(a_session, a_scene):
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.submit()
    node = a_session.segmentation_node
    a_session.close()
    assert node.GetScene() is a_scene
    assert temporary_nodes(a_scene) == 0


def test_a_deleted_segment_is_made_again_on_submit(a_session):
    a_session.set_segmentation(None)
    for segment_id in segments.segment_ids(a_session.segmentation_node):
        a_session.segmentation_node.GetSegmentation().RemoveSegment(segment_id)
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.submit()
    assert voxels_of_class(a_session).sum() == 9


def test_the_history_lists_what_was_submitted_and_forgets_what_was_undone(a_session):
    for index in (2, 4):
        a_session.add_point(SliceKey("k", index), 6, 5)
        a_session.poll()
        a_session.submit()
    a_session.undo()
    history = a_session.prompt_file()
    assert [each.slice.index for each in history.slices] == [2]
    assert history.slices[0].class_id == a_session.class_id
    assert history.made_with.window == a_session.window


def test_prompts_outside_the_slice_are_refused(a_session):
    with pytest.raises(ValueError, match="outside the slice"):
        a_session.add_point(SLICE, 13, 5)
    assert a_session.status.prompts == Prompts()


def test_the_host_editor_follows_the_class(a_scene, a_volume):
    editor = a_scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    session = Session(a_scene, NeighbourhoodEngine(), editor_node=editor)
    session.set_volume(a_volume)
    session.set_profile(TWO_CLASSES)
    session.set_segmentation(None)
    session.select_class("b")
    segment = session.segmentation_node.GetSegmentation().GetSegment(editor.GetSelectedSegmentID())
    assert segment.GetName() == "Second"
    session.close()
    assert isinstance(editor, slicer.vtkMRMLSegmentEditorNode)


def test_slices_along_a_view_are_counted_from_nought_and_come_outwards_from_the_visible_one(
    a_session, an_aligned_view
) -> None:
    every = a_session.slices_along(an_aligned_view)
    shown = a_session.slice_shown(an_aligned_view)
    count = a_session.geometry.shape_kji[0]
    assert shown.index == 3 and every[0] == shown
    assert sorted(key.index for key in every) == list(range(count)) and {key.axis for key in every} == {"k"}
    distances = [abs(key.index - shown.index) for key in every]
    assert distances == sorted(distances)
    assert a_session.slices_along(an_aligned_view, 0, 0) == [SliceKey("k", 0)]
    assert {key.index for key in a_session.slices_along(an_aligned_view, 1, 1000)} == set(range(1, count))


def test_while_prompts_are_gathered_the_model_waits_and_then_computes_all_masks(a_session) -> None:
    first, second = SliceKey("k", 2), SliceKey("k", 5)
    a_session.key("W")
    a_session.add_point(first, 8, 8)
    a_session.add_point(second, 9, 7)
    a_session.poll()
    status = a_session.status
    assert not a_session.prompting.masks and status.level == "info" and not status.can_submit
    assert "k = 2, k = 5" in status.text
    a_session.attempt(a_session.submit)
    assert "gathered" in a_session.status.text and a_session.status.prompted_slices == 2
    a_session.key("W")
    for _ in range(4):
        a_session.poll()
    assert set(a_session.prompting.masks) == {first, second} and a_session.status.can_submit


def test_a_mask_that_is_there_is_hidden_while_its_changed_prompts_wait(a_session) -> None:
    a_session.add_point(SLICE, 8, 8)
    a_session.poll()
    shown = a_session.prompting.masks
    a_session.prompting.wait(True)
    a_session.add_point(SLICE, 3, 3)
    assert shown and not a_session.prompting.masks
    a_session.undo()
    assert a_session.prompting.masks == shown  # what was computed before needs no run


def test_what_was_asked_is_withdrawn_when_the_model_shall_wait(a_session) -> None:
    a_session.add_point(SLICE, 8, 8)
    a_session.prompting.wait(True)
    a_session.poll()
    assert a_session.prompting.gathered == (SLICE,) and not a_session.prompting.masks


def test_what_was_refused_on_a_scan_is_not_said_of_the_next(a_session, a_volume) -> None:
    a_session.workspace.attempt(a_session.submit)
    assert a_session.status.level == "warning"
    a_session.set_volume(a_volume)
    assert a_session.status.level == "info" and "Click on an object" in a_session.status.text


def test_the_model_waits_on_another_scan_too(a_session, a_volume) -> None:
    a_session.prompting.wait(True)
    a_session.set_volume(None)
    a_session.set_volume(a_volume)
    a_session.add_point(SLICE, 8, 8)
    a_session.poll()
    assert a_session.prompting.gathered == (SLICE,)


@pytest.fixture
def no_garbage_collector():
    """What is let go is gone at once, or never."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage_collector")
def test_a_session_that_nobody_closes_is_gone_with_its_last_reference(a_scene, a_volume, an_aligned_view):
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_volume(a_volume)
    session.add_point(SLICE, 6, 5)
    session.poll()
    session.propagation.start()
    while session.propagation.progress is not None:
        session.poll()
    session.submit()
    session.undo()
    session.automatic.start([SLICE])
    session.prefetch.embed_volume(an_aligned_view)
    session.rendering.show()
    session.poll()
    gone = weakref.ref(session)
    del session
    assert gone() is None, gc.get_referrers(gone())


def test_what_was_done_cannot_be_renamed_afterwards(a_session):
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.submit()
    for edit in a_session.workspace.undo_history._done:
        with pytest.raises(dataclasses.FrozenInstanceError):
            edit.text = "something else"


def test_what_was_said_while_a_mask_was_awaited_goes_away_with_the_mask(a_session):
    a_session.add_point(SLICE, 6, 5)
    a_session.attempt(a_session.submit)
    assert "still being computed" in a_session.status.text and a_session.status.level == "warning"
    a_session.poll()
    assert "Mask of" in a_session.status.text and a_session.status.level == "info"


@pytest.mark.parametrize("position", [-1, 1, 99])
def test_a_prompt_that_is_not_there_cannot_be_selected(a_session, position):
    a_session.add_point(SLICE, 6, 5)
    with pytest.raises(StateError, match="no such prompt"):
        a_session.prompting.select(SLICE, position)
    assert a_session.status.selected is None


def test_a_click_after_the_engine_was_given_up_starts_it_again_and_keeps_what_was_prompted(a_session):
    engine = a_session.engine.client
    a_session.load_engine(EngineSpec("mobile_sam_vit_t"))
    a_session.add_point(SLICE, 6, 5)
    engine.waiting, engine.phase, engine.can_restart = [], "failed", True
    a_session.poll()
    a_session.add_point(SliceKey("k", 4), 6, 5)
    assert engine.waiting
    engine.phase, engine.can_restart = "ready", False
    a_session.poll()
    a_session.poll()
    assert len(a_session.prompting.masks) == 2
