"""Objects found without prompts: offered, chosen, put into classes, taken back."""

from __future__ import annotations

import csv
import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.overwriting import Overwriting
from RWTHSAMLib.core.profile import parse_profile, profile_of_names
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.class_rules import AutomaticDefaults, Rule
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import InferenceError, SettingsError, StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.temporary_nodes import OWNER_ATTRIBUTE
from RWTHSAMLib.mrml.nodes.volumes import add_volume, volume_array_kji
from RWTHSAMLib.mrml.session.gestures import PointerEvent
from RWTHSAMLib.mrml.session.parts.automatic_run import AutomaticRun
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.volume_data import VolumeData
from RWTHSAMLib.worker.client import Reply

SHAPE_KJI = (6, 30, 40)
ALL = [SliceKey("k", index) for index in range(SHAPE_KJI[0])]
BLOCK, ROD, SPECK = (slice(1, 5), slice(4, 16), slice(5, 17)), (slice(0, 6), slice(20, 23), slice(30, 38)), 3
"""A block of 4 x 12 x 12 voxels, a rod of 6 x 3 x 8, and a speck of 4 voxels on slice 3."""


def temporary_nodes(scene) -> int:
    every = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return sum(node.GetAttribute(OWNER_ATTRIBUTE) is not None for node in every)


@pytest.fixture
def a_scan(a_scene):
    """Three bright objects in the dark, on a rotated anisotropic grid."""
    values = np.zeros(SHAPE_KJI, np.uint8)
    values[BLOCK], values[ROD], values[SPECK, 25:27, 4:6] = 200, 240, 180
    return add_volume(a_scene, VolumeData(values, GEOMETRIES["rotated"], "three", True))


@pytest.fixture
def a_session(a_scene, a_scan):
    """Session on the three objects; the engine finds bright regions."""
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_volume(a_scan)
    session.set_window(Window(0, 255))
    session.set_profile(profile_of_names("Parts", ["Block", "Rod"]))
    session.set_mode("automatic")
    yield session
    session.close()


@pytest.fixture
def a_result(a_session):
    """What was found in the whole scan."""
    look_through(a_session, ALL)
    return a_session.automatic


def look_through(session: Session, keys) -> None:
    session.automatic.start(keys)
    for _ in range(20):
        session.poll()


def sizes(automatic) -> list[int]:
    return [each.object.voxel_count for each in automatic.detected]


def voxels(session: Session, class_id: str) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, class_id, session.volume_node)


def number_of(automatic, size: int) -> int:
    return next(each.object.number for each in automatic.detected if each.object.voxel_count == size)


def test_objects_go_through_their_slices_and_touch_no_class(a_session, a_result) -> None:
    assert sizes(a_result) == [576, 144, 4]
    assert [len(each.object.masks) for each in a_result.detected] == [4, 6, 1]
    assert a_session.segmentation_node is None and "3 objects" in a_session.status.text


def test_objects_are_measured_in_millimetres_of_a_rotated_grid(a_result) -> None:
    block = a_result.detected[0].object.measured
    assert block["volume_mm3"] == pytest.approx(576 * 1.0 * 1.2 * 2.0)
    assert block["area_mm2"] == pytest.approx(144 * 1.0 * 1.2)
    assert block["mean_grey"] == 200 and block["slice_count"] == 4
    assert block["x_share"] == pytest.approx(11 / 40) and block["y_share"] == pytest.approx(10 / 30)
    assert block["roundness"] > a_result.detected[1].object.measured["roundness"]


@pytest.mark.parametrize("axis", ["k", "j", "i"])
def test_every_axis_gives_the_same_voxels(a_session, axis) -> None:
    count = SHAPE_KJI["kji".index(axis)]
    look_through(a_session, [SliceKey(axis, index) for index in range(count)][:count])
    for _ in range(30):
        a_session.poll()
    a_session.automatic.submit([each.object.number for each in a_session.automatic.detected])
    expected = volume_array_kji(a_session.volume_node) > 127
    np.testing.assert_array_equal(voxels(a_session, "block"), expected)


def test_submitted_objects_are_exactly_their_voxels_and_one_undo_step(a_session, a_result) -> None:
    a_result.select([number_of(a_result, 576), number_of(a_result, 4)])
    a_result.submit()
    expected = volume_array_kji(a_session.volume_node) > 0
    expected[ROD] = False
    np.testing.assert_array_equal(voxels(a_session, "block"), expected)
    assert [each.state for each in a_result.detected] == ["submitted", "open", "submitted"]
    a_session.undo()
    assert not voxels(a_session, "block").any() and not a_session.status.can_undo
    assert {each.state for each in a_result.detected} == {"open"}
    a_session.redo()
    np.testing.assert_array_equal(voxels(a_session, "block"), expected)


def test_what_other_classes_hold_is_left_to_them_unless_asked(a_session, a_result) -> None:
    a_session.select_class("rod")
    a_session.add_point(SliceKey("k", 2), 8, 8)
    a_session.poll()
    a_session.submit()
    a_session.select_class("block")
    a_result.submit([number_of(a_result, 576)])
    assert voxels(a_session, "rod").sum() == 9 and voxels(a_session, "block").sum() == 576 - 9
    a_session.undo()
    a_session.submitting.set_overwriting(Overwriting("all"))
    a_result.submit([number_of(a_result, 576)])
    assert voxels(a_session, "rod").sum() == 0 and voxels(a_session, "block").sum() == 576


def test_undo_selects_again_what_was_submitted(a_session, a_result) -> None:
    chosen = number_of(a_result, 144)
    a_result.select([chosen])
    assert a_result.can_submit
    a_result.submit()
    assert a_result.selection == () and not a_result.can_submit
    a_session.undo()
    assert a_result.selection == (chosen,) and a_result.can_submit
    a_session.redo()
    assert a_result.selection == ()


def test_undo_after_another_run_leaves_its_objects_alone(a_session, a_result) -> None:
    a_result.submit([number_of(a_result, 576)])
    a_result.start(ALL[:2])
    while a_result.progress is not None:
        a_session.poll()
    a_session.undo()
    assert not voxels(a_session, "block").any()
    a_session.redo()
    assert voxels(a_session, "block").sum() == 576
    assert {each.state for each in a_result.detected} == {"open"}


def test_locked_classes_take_nothing_and_lose_nothing(a_session, a_result) -> None:
    a_session.set_profile(a_session.profile.locking("block"))
    with pytest.raises(StateError, match="locked"):
        a_result.submit([number_of(a_result, 576)])
    assert {each.state for each in a_result.detected} == {"open"} and not a_session.status.can_undo


def test_objects_apart_get_a_class_each_and_undo_takes_the_classes_away(a_session, a_result) -> None:
    a_result.submit_apart([number_of(a_result, 576), number_of(a_result, 144)])
    names = [each.name for each in a_session.profile.classes]
    assert len(names) == 4 and all(name.startswith("Object ") for name in names[2:])
    counts = [int(voxels(a_session, each.id).sum()) for each in a_session.profile.classes[2:]]
    assert counts == [576, 144]
    a_session.undo()
    assert [each.name for each in a_session.profile.classes] == ["Block", "Rod"]
    assert len(segments.segment_ids(a_session.segmentation_node)) == 2
    a_session.redo()
    assert [int(voxels(a_session, each.id).sum()) for each in a_session.profile.classes[2:]] == counts


def test_rules_assign_many_at_once_after_a_preview(a_session, a_result) -> None:
    a_result.set_rules([Rule("block", (("roundness", Range(0.9)), ("slice_count", Range(2)))),
                        Rule("rod", (("mean_grey", Range(230, 250)),))])  # fmt: skip
    assert [each.class_id for each in a_result.detected] == ["block", "rod", None]
    a_result.show_rules(True)
    colors = [each.color for each in a_result.detected]
    assert colors[:2] == [each.color for each in a_session.profile.classes]
    a_result.apply_rules()
    assert voxels(a_session, "block").sum() == 576 and voxels(a_session, "rod").sum() == 144
    assert [each.state for each in a_result.detected] == ["submitted", "submitted", "open"]
    a_session.undo()
    assert not voxels(a_session, "rod").any()


def test_rules_are_saved_with_the_profile_and_go_with_their_class(a_session, a_result) -> None:
    a_result.set_rules([Rule("rod", (("volume_mm3", Range(None, 10)),))])
    assert a_session.profile.automatic.rules == a_result.rules
    assert a_session.profile.without("rod").automatic.rules == ()


def test_rules_that_fit_nothing_say_so(a_result) -> None:
    a_result.set_rules([Rule("rod", (("volume_mm3", Range(1e6, None)),))])
    with pytest.raises(StateError, match="No rule fits"):
        a_result.apply_rules()


def test_a_click_selects_the_object_and_its_row(a_session, a_result, a_view) -> None:
    assert a_result.select_at(SliceKey("k", 2), 10, 10)
    assert [each.object.voxel_count for each in a_result.detected if each.is_selected] == [576]
    assert a_result.select_at(SliceKey("k", 2), 32, 21, adding=True) and len(a_result.selection) == 2
    assert not a_result.select_at(SliceKey("k", 2), 0, 0)


def test_in_automatic_mode_a_left_click_prompts_nothing(a_session, a_result, a_view) -> None:
    from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry

    node = a_view()
    world = VolumeGeometry.of(a_session.volume_node).ras_of((10, 10, 2))
    for kind in ("press", "release"):
        a_session.pointer(PointerEvent(kind, "left", frozenset(), node, world, (50, 50), 0.1))
    assert a_session.status.prompt_count == 0


def test_rejected_objects_are_not_submitted_with_the_rest(a_session, a_result) -> None:
    a_result.review("rejected", [number_of(a_result, 4)])
    a_result.review("accepted", [number_of(a_result, 144)])
    a_result.submit()
    assert voxels(a_session, "block").sum() == 144
    a_session.undo()
    a_session.undo()
    assert sorted(each.state for each in a_result.detected) == ["open", "open", "rejected"]


def test_filters_leave_out_background_and_what_lies_elsewhere(a_result) -> None:
    choices = a_result.settings
    a_result.set_settings(replace(choices, grey=Range(190, 210)))
    assert sizes(a_result) == [576]
    a_result.set_settings(replace(choices, region_xyxy=(20, 0, 39, 29)))
    assert sizes(a_result) == [144]
    a_result.set_settings(replace(choices, min_slices=2))
    assert sizes(a_result) == [576, 144]


def test_filters_that_leave_nothing_say_so(a_session, a_result) -> None:
    a_result.set_settings(replace(a_result.settings, grey=Range(250, 255)))
    assert a_session.status.level == "warning" and "filters leave none" in a_session.status.text


def test_one_object_is_counted_as_one(a_session, a_result) -> None:
    a_result.set_settings(replace(a_result.settings, grey=Range(220, 250)))
    assert a_session.status.text.startswith("1 object: select it in the table")


def test_an_empty_scan_is_a_normal_result_with_advice(a_session) -> None:
    a_session.set_window(Window(300, 400))
    look_through(a_session, ALL)
    assert a_session.automatic.detected == () and "pred_iou_thresh" in a_session.status.text


def test_a_stopped_run_keeps_what_is_done_and_goes_on(a_session) -> None:
    a_session.automatic.start(ALL)
    a_session.poll()
    a_session.automatic.stop()
    done = a_session.automatic.slices_done
    assert 0 < done < 6 and a_session.status.run is not None and "Stopped after" in a_session.status.text
    a_session.poll()
    assert a_session.automatic.slices_done == done
    a_session.automatic.resume()
    for _ in range(10):
        a_session.poll()
    assert sizes(a_session.automatic) == [576, 144, 4] and a_session.status.run is None


def test_objects_keep_their_numbers_while_they_grow(a_session) -> None:
    a_session.automatic.start(ALL)
    seen: dict[tuple[float, float], set[int]] = {}
    for _ in range(10):
        a_session.poll()
        for each in a_session.automatic.detected:
            seen.setdefault(each.object.middle_xy, set()).add(each.object.number)
    assert len(seen) == 3 and all(len(numbers) == 1 for numbers in seen.values())


def test_only_slices_in_view_are_shown_and_nothing_stays_behind(a_session, a_result, a_view, a_scene) -> None:
    from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
    from RWTHSAMLib.mrml.views.alignment import align_slice_nodes

    view = a_view()
    align_slice_nodes([view], a_session.volume_node)
    world = VolumeGeometry.of(a_session.volume_node).ras_of((10, 10, 3))
    view.JumpSliceByOffsetting(*world)
    a_session.poll()
    node = a_result.preview_node
    shown = VolumeGeometry.of(a_session.volume_node).slice_shown(view)
    assert shown is not None and shown.axis == "k"
    assert node.GetSegmentation().GetNumberOfSegments() == len({each.color for each in a_result.detected})
    a_result.clear()
    assert temporary_nodes(a_scene) == 0


def test_closing_the_scene_during_a_run_leaves_a_session_that_works(a_session, a_scene) -> None:
    a_session.automatic.start(ALL)
    a_scene.Clear(0)
    a_session.poll()
    assert a_session.automatic.detected == () and a_session.volume_node is None


def test_an_error_stops_the_run_and_is_said(a_session) -> None:
    a_session.automatic.start(ALL)
    number = min(each.request_id for each in a_session.engine.client.waiting)
    a_session.automatic.take([Reply(number, error=InferenceError("The device is gone."))])
    assert a_session.status.level == "error" and "device is gone" in a_session.status.text
    assert a_session.automatic.progress is not None and not a_session.automatic.progress.is_running


def test_a_run_needs_slices_along_one_axis(a_session) -> None:
    with pytest.raises(StateError, match="one axis"):
        a_session.automatic.start([SliceKey("k", 0), SliceKey("j", 0)])


def test_the_estimate_follows_from_what_is_done(a_session) -> None:
    clock = iter(range(0, 1000, 10))
    run = AutomaticRun(
        a_session.engine.client, a_session.image_of, ALL, AutomaticSettings(), "adaptive", lambda: next(clock)
    )
    run.go()
    run.take(a_session.engine.client.poll())
    progress = run.progress
    assert progress.done == 2 and progress.total == 6
    assert progress.remaining_s == pytest.approx(10 * 4 / 2)


def test_the_table_names_objects_classes_and_neighbours(a_session, a_result, tmp_path) -> None:
    a_result.submit([number_of(a_result, 144)])
    a_result.save_table(tmp_path / "objects.csv")
    with (tmp_path / "objects.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["voxel_count"]) for row in rows] == [576, 144, 4]
    assert [row["class"] for row in rows] == ["", "Block", ""]
    assert rows[0]["first_slice"] == "1" and rows[0]["last_slice"] == "4"


@pytest.mark.parametrize(
    "choices", [AutomaticRunSettings(), AutomaticRunSettings(min_slices=3), AutomaticRunSettings(grey=Range(5))]
)
def test_choices_without_a_region_come_back_from_their_text(choices) -> None:
    assert AutomaticRunSettings.parse(choices.to_json()) == choices


def test_choices_come_back_from_a_saved_scene(a_session, a_scene) -> None:
    choices = AutomaticRunSettings(
        AutomaticSettings(points_per_side=8), "exhaustive", 2, Range(None, 9.5), (1, 2, 3, 4), False
    )
    assert AutomaticRunSettings.parse(choices.to_json()) == choices
    a_session.automatic.set_settings(choices)
    other = Session(a_scene, NeighbourhoodEngine())
    assert other.automatic.settings == choices
    other.close()


def test_choices_out_of_range_are_refused(a_session) -> None:
    with pytest.raises(SettingsError, match="min_slices"):
        AutomaticRunSettings(min_slices=0)
    with pytest.raises(SettingsError, match="mode"):
        AutomaticRunSettings(mode="fast")  # type: ignore[arg-type]


def test_a_session_that_nobody_closed_dies_at_once_and_not_in_the_garbage_collector(a_scene) -> None:
    gc.disable()
    try:
        forgotten = weakref.ref(Session(a_scene, NeighbourhoodEngine()))
        assert forgotten() is None
    finally:
        gc.enable()


def test_in_automatic_mode_return_submits_the_selection_and_escape_drops_it(a_session, a_result) -> None:
    a_result.select([number_of(a_result, 144)])
    assert a_session.key("Escape") and a_result.selection == ()
    a_result.select([number_of(a_result, 144)])
    assert a_session.key("Return")
    assert voxels(a_session, "block").sum() == 144
    a_session.add_point(SliceKey("k", 0), 1, 1)
    a_session.poll()
    a_session.key("Return")
    assert voxels(a_session, "block").sum() == 144 + 9


def test_settings_come_with_a_profile_and_are_kept_in_it(a_session, a_result) -> None:
    few = AutomaticSettings(points_per_side=8)
    profile = a_session.profile
    a_session.set_profile(replace(profile, automatic=AutomaticDefaults(few, (Rule("rod"),))))
    assert a_result.settings.generator == few and {each.class_id for each in a_result.detected} == {"rod"}
    a_result.set_settings(replace(a_result.settings, generator=AutomaticSettings(points_per_side=9)))
    a_session.set_profile(a_session.profile.renaming("rod", "Stick"))
    assert a_result.settings.generator.points_per_side == 9
    a_result.keep_settings()
    assert a_session.profile.automatic.settings.points_per_side == 9


def test_points_of_a_slice_are_asked_instead_of_a_grid_and_kept(a_session, a_scene) -> None:
    plane = SliceKey("k", 3)
    for x, y, positive in ((10, 8, True), (33, 21, True), (2, 2, False)):
        a_session.prompting.add_point(plane, x, y, positive)
    a_session.automatic.use_points()
    generator = a_session.automatic.settings.generator
    assert generator.point_grids == (((10 / 40, 8 / 30), (33 / 40, 21 / 30)),)
    a_session.automatic.keep_settings()
    assert a_session.profile.automatic.settings == generator
    written = a_session.profile.to_json()
    assert parse_profile(written).automatic.settings == generator
    a_session.automatic.use_grid()
    assert a_session.automatic.settings.generator == AutomaticSettings()


def test_points_that_are_not_there_are_refused_in_words(a_session) -> None:
    with pytest.raises(StateError, match="no positive point"):
        a_session.automatic.use_points()
    a_session.prompting.add_point(SliceKey("k", 3), 2, 2, positive=False)
    with pytest.raises(StateError, match="no positive point"):
        a_session.automatic.use_points()
    assert a_session.automatic.settings == AutomaticRunSettings()
