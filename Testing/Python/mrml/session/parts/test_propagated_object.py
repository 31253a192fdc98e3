"""A prompted slice becomes an object in the volume, which follows its prompts and is submitted as a whole."""

from __future__ import annotations

import csv
import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import SettingsError, StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.labelmaps import segment_voxels_kji
from RWTHSAMLib.mrml.nodes.temporary_nodes import OWNER_ATTRIBUTE
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.read import VolumeData

SHAPE_KJI = (20, 40, 50)
BAR = (slice(4, 16), slice(10, 25), slice(15, 35))
"""Along k, j and i."""
BACKGROUND, OBJECT, DAMAGE = 50, 200, 80
DAMAGED_K = 11
MIDDLE = SliceKey("k", 8)


@pytest.fixture
def bar() -> np.ndarray:
    voxels = np.zeros(SHAPE_KJI, bool)
    voxels[BAR] = True
    return voxels


@pytest.fixture
def values(bar: np.ndarray) -> np.ndarray:
    return np.where(bar, OBJECT, BACKGROUND).astype(np.int16)


@pytest.fixture
def an_engine() -> NeighbourhoodEngine:
    return NeighbourhoodEngine()


@pytest.fixture
def session_on(a_scene, an_engine):
    """Function that makes a session on a volume with these values."""
    made = []

    def make(values: np.ndarray) -> Session:
        session = Session(a_scene, an_engine)
        session.set_volume(add_volume(a_scene, VolumeData(values, GEOMETRIES["rotated"], "scan", True)))
        session.set_window(Window(0, 255))
        made.append(session)
        return session

    yield make
    for each in made:
        each.close()


@pytest.fixture
def prompted(session_on, values) -> Session:
    """Session with a box round the bar on one slice."""
    return prompt(session_on(values), MIDDLE)


@pytest.fixture
def propagated(prompted: Session) -> Session:
    prompted.propagation.start()
    return finished(prompted)


def prompt(session: Session, key: SliceKey, inset: int = 0) -> Session:
    """Draw a box round the bar on a slice, or somewhat inside it."""
    low, high = [each.start + inset for each in reversed(BAR)], [each.stop - 1 - inset for each in reversed(BAR)]
    session.set_box(key, key.xy(tuple(low)), key.xy(tuple(high)))
    session.poll()
    return session


def finished(session: Session) -> Session:
    for _ in range(200):
        session.poll()
        if session.propagation.progress is None and not session.prompting.awaits_masks:
            return session
    raise AssertionError("the propagation does not end")


def shown(session: Session) -> np.ndarray:
    """Voxels of the temporary object."""
    node = session.propagation.preview_node
    if node is None:
        return np.zeros(SHAPE_KJI, bool)
    (segment_id,) = segments.segment_ids(node)
    extent = VolumeGeometry.of(session.volume_node).extent
    return segment_voxels_kji(node, segment_id, extent)


def submitted(session: Session) -> np.ndarray:
    if session.segmentation_node is None:
        return np.zeros(SHAPE_KJI, bool)
    return segments.mask_of_class_kji(session.segmentation_node, session.class_id, session.volume_node)


def indices(session: Session) -> list[int]:
    return [each.index for each in session.propagation.result.slices]


@pytest.mark.parametrize(("axis", "index"), [("k", 8), ("j", 17), ("i", 25)])
def test_one_prompted_slice_becomes_the_object(session_on, values, bar, axis, index):
    session = prompt(session_on(values), SliceKey(axis, index))
    session.propagation.start()
    finished(session)
    assert np.array_equal(shown(session), bar)
    assert session.propagation.axis == axis and session.status.object_voxels == bar.sum()
    assert {each.index for each in session.propagation.result.ends} == {indices(session)[0], indices(session)[-1]}


def test_the_status_says_what_is_going_on_and_what_came_of_it(prompted):
    prompted.propagation.start()
    assert prompted.status.level == "busy" and "slice to slice" in prompted.status.text
    assert not prompted.status.can_submit
    finished(prompted)
    assert "k = 4 to 15, 3,600 voxels" in prompted.status.text and prompted.status.can_submit


def test_the_object_leaves_other_classes_what_they_have(prompted, bar):
    first, other = prompted.class_id, prompted.profile.classes[1]
    prompted.submit()
    prompted.select_class(other.id)
    prompt(prompted, MIDDLE).propagation.start()
    finished(prompted).submit()
    on_middle = bar.copy()
    on_middle[[k for k in range(len(bar)) if k != MIDDLE.index]] = False
    of_class = {
        each: segments.mask_of_class_kji(prompted.segmentation_node, each, prompted.volume_node)
        for each in (first, other.id)
    }
    assert np.array_equal(of_class[first], on_middle) and np.array_equal(of_class[other.id], bar & ~on_middle)
    assert (
        prompted.status.said
        == f"3,300 voxels added to '{other.name}', 300 voxels kept by '{prompted.profile.classes[0].name}'."
    )


def test_the_object_is_submitted_as_one_step(propagated, bar):
    propagated.submit()
    assert np.array_equal(submitted(propagated), bar)
    assert not propagated.propagation.is_there and not propagated.status.prompted_slices
    propagated.undo()
    assert not submitted(propagated).any() and np.array_equal(shown(propagated), bar)
    assert propagated.status.prompted_slices == 1 and propagated.status.can_submit
    propagated.redo()
    assert np.array_equal(submitted(propagated), bar) and not propagated.propagation.is_there


def test_an_object_that_an_undo_brought_back_needs_no_step(propagated, an_engine, bar):
    propagated.submit()
    propagated.undo()
    before = an_engine.steps_taken
    finished(propagated)
    assert an_engine.steps_taken == before and np.array_equal(shown(propagated), bar)


def test_masks_on_slices_of_another_axis_are_submitted_too(propagated, bar):
    other = SliceKey("j", 30)
    propagated.add_point(other, 5, 5)
    finished(propagated)
    area = propagated.prompting.masks[other].area
    propagated.submit()
    assert submitted(propagated).sum() == bar.sum() + area


def test_a_submit_before_the_end_is_refused_and_loses_nothing(prompted, bar):
    prompted.propagation.start()
    with pytest.raises(StateError, match="still being propagated"):
        prompted.submit()
    finished(prompted)
    assert np.array_equal(shown(prompted), bar)


def test_a_correction_takes_only_the_steps_that_depend_on_it(propagated, an_engine):
    before = an_engine.steps_taken
    prompt(propagated, SliceKey("k", 13), inset=2)
    finished(propagated)
    steps = an_engine.steps_taken - before
    # back to the given slice, and on behind the corrected one until the end is beyond doubt
    assert 5 <= steps <= 11 and propagated.propagation.keyframe_indices == (8, 13)
    corrected = propagated.prompting.masks[SliceKey("k", 13)]
    assert shown(propagated)[13].sum() == corrected.area <= shown(propagated)[12].sum() < shown(propagated)[9].sum()


def test_deleting_the_prompts_drops_the_object(propagated, a_scene):
    propagated.prompting.delete_all()
    propagated.poll()
    assert not propagated.propagation.is_there and temporary_nodes(a_scene) == 0
    propagated.undo()
    assert propagated.status.prompted_slices == 1


def test_the_range_goes_with_its_object_into_the_class_and_comes_back_with_it(propagated):
    propagated.propagation.set_settings(PropagationRunSettings(direction="forward", last=10))
    finished(propagated)
    propagated.submit()
    assert propagated.propagation.settings == PropagationRunSettings(direction="forward")
    propagated.undo()
    assert propagated.propagation.settings.last == 10 and indices(propagated)[-1] == 10
    propagated.redo()
    assert propagated.propagation.settings.last is None


def test_a_stop_keeps_what_is_known(prompted):
    prompted.propagation.start()
    while prompted.propagation.progress.done < 2:
        prompted.poll()
    prompted.propagation.stop()
    found = indices(prompted)
    assert MIDDLE.index in found and 2 <= len(found) < 12
    assert prompted.status.can_submit and shown(prompted).any(axis=(1, 2)).sum() == len(found)
    ends = prompted.propagation.result.ends
    assert [each.index for each in ends] == sorted({found[0], found[-1]})
    assert {each.reason for each in ends} == {"it was stopped there"}
    prompted.propagation.start()
    assert len(indices(finished(prompted))) == 12
    assert not any("stopped" in each.reason for each in prompted.propagation.result.ends)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (PropagationRunSettings(direction="forward"), range(8, 16)),
        (PropagationRunSettings(direction="backward"), range(4, 9)),
        (PropagationRunSettings(first=6, last=10), range(6, 11)),
        (PropagationRunSettings(direction="forward", last=9), range(8, 10)),
    ],
)
def test_direction_and_range_are_kept_to(prompted, choices, expected):
    prompted.propagation.set_settings(choices)
    prompted.propagation.start()
    assert indices(finished(prompted)) == list(expected)


def test_other_choices_change_an_object_that_is_there_without_new_steps(propagated, an_engine):
    before = an_engine.steps_taken
    propagated.propagation.set_settings(PropagationRunSettings(last=10))
    finished(propagated)
    assert indices(propagated) == list(range(4, 11)) and an_engine.steps_taken == before


def test_a_range_without_the_prompted_slice_is_refused(propagated, bar):
    with pytest.raises(SettingsError, match="around the keyframes"):
        propagated.propagation.set_settings(PropagationRunSettings(first=12))
    assert propagated.propagation.settings == PropagationRunSettings() and np.array_equal(shown(propagated), bar)


def believe_only_the_model(session: Session) -> None:
    """What is filled in between slices that agree is listed as doubtful, too."""
    choices = session.propagation.settings
    session.propagation.set_settings(replace(choices, rules=replace(choices.rules, doubtful_below=1.0)))


def test_a_damaged_slice_is_filled_in_and_believed_where_its_neighbours_agree(session_on, values, bar):
    values[DAMAGED_K] = DAMAGE
    session = prompt(session_on(values), MIDDLE)
    session.propagation.start()
    finished(session)
    assert np.array_equal(shown(session), bar) and not session.propagation.doubtful
    filled = {each.index: each.remark for each in session.propagation.result.slices if each.is_filled}
    assert list(filled) == [DAMAGED_K] and filled[DAMAGED_K].startswith("filled in")


def test_a_filled_in_slice_is_doubtful_on_request(session_on, values):
    values[DAMAGED_K] = DAMAGE
    session = prompt(session_on(values), MIDDLE)
    believe_only_the_model(session)
    session.propagation.start()
    finished(session)
    assert session.propagation.doubtful[0] == SliceKey("k", DAMAGED_K)
    assert "doubtful" in session.status.text


def test_a_confirmed_slice_is_given_from_then_on(session_on, values):
    values[DAMAGED_K] = DAMAGE
    session = prompt(session_on(values), MIDDLE)
    session.propagation.start()
    finished(session).propagation.confirm(SliceKey("k", DAMAGED_K))
    finished(session)
    assert session.propagation.keyframe_indices == (8, DAMAGED_K)
    assert SliceKey("k", DAMAGED_K) not in session.propagation.doubtful


def test_only_a_slice_of_the_object_can_be_confirmed(propagated):
    for key in (SliceKey("k", 1), SliceKey("j", 12)):
        with pytest.raises(StateError, match="does not lie on this slice"):
            propagated.propagation.confirm(key)


def test_what_a_class_has_on_a_slice_can_be_propagated(prompted, bar):
    prompted.submit()
    with pytest.raises(StateError, match="no mask to propagate"):
        prompted.propagation.start()
    prompted.propagation.start_from_class([MIDDLE])
    finished(prompted).submit()
    assert np.array_equal(submitted(prompted), bar)
    prompted.undo()
    assert submitted(prompted).sum() == bar[MIDDLE.index].sum() and prompted.propagation.is_there


def test_from_a_slice_on_which_nothing_can_be_seen_nothing_is_propagated_and_the_mask_stays(session_on, values):
    values[MIDDLE.index] = 0
    session = prompt(session_on(values), MIDDLE)
    with pytest.raises(StateError, match=f"Nothing can be seen .*slice {MIDDLE.index}.*Prompt the object on a slice"):
        session.propagation.start()
    assert session.status.can_submit and not session.propagation.is_there


def test_a_class_without_voxels_cannot_be_propagated(prompted):
    with pytest.raises(StateError, match="no voxels on this slice"):
        prompted.propagation.start_from_class([SliceKey("k", 2)])


def test_between_two_prompted_slices_the_object_lies_on_every_one(session_on, values, bar):
    session = prompt(prompt(session_on(values), SliceKey("k", 5)), SliceKey("k", 14))
    session.propagation.start()
    assert np.array_equal(shown(finished(session)), bar)


def test_another_window_makes_the_steps_anew(propagated, an_engine, bar):
    before = an_engine.steps_taken
    propagated.set_window(Window(10, 240))
    finished(propagated)
    assert an_engine.steps_taken - before >= 11 and np.array_equal(shown(propagated), bar)


def test_an_error_of_the_engine_is_said_and_keeps_what_is_known(prompted, an_engine, monkeypatch):
    prompted.propagation.start()
    prompted.poll()
    broken = StateError("The network is gone.")
    real = an_engine._answer
    monkeypatch.setattr(an_engine, "_answer", lambda request: type(real(request))(request.request_id, error=broken))
    finished(prompted)
    assert (prompted.status.text, prompted.status.level) == ("The network is gone.", "error")
    assert prompted.propagation.can_submit


def test_another_volume_ends_it_and_leaves_no_node(propagated, a_scene, an_engine):
    propagated.propagation.start()
    propagated.set_volume(None)
    assert temporary_nodes(a_scene) == 0 and not propagated.propagation.is_there and not an_engine.waiting


def test_the_table_says_what_is_a_keyframe_and_what_is_doubtful(session_on, values, tmp_path):
    values[DAMAGED_K] = DAMAGE
    session = prompt(session_on(values), MIDDLE)
    session.propagation.start()
    believe_only_the_model(session)
    finished(session).propagation.save_table(tmp_path / "object.csv")
    rows = {int(row["slice"]): row for row in csv.DictReader((tmp_path / "object.csv").read_text().splitlines())}
    assert list(rows) == list(range(4, 16)) and rows[8]["keyframe"] == "1"
    assert rows[DAMAGED_K]["doubtful"] == "1" and "filled in" in rows[DAMAGED_K]["remark"]


def test_a_session_that_nobody_closes_is_in_no_cycle_through_its_propagation(a_scene):
    gc.collect()
    gc.disable()
    try:
        session = Session(a_scene, NeighbourhoodEngine())
        gone = weakref.ref(session)
        del session
        assert gone() is None
    finally:
        gc.enable()


def temporary_nodes(scene) -> int:
    return sum(scene.GetNthNode(n).GetAttribute(OWNER_ATTRIBUTE) == "1" for n in range(scene.GetNumberOfNodes()))


def test_prompts_without_a_mask_on_the_active_axis_are_not_propagated(session_on, values) -> None:
    session = session_on(values)
    session.add_point(MIDDLE, 20, 15)
    session.poll()
    session.prompting.active_plane = SliceKey("i", 20)  # such as after an undo there
    with pytest.raises(StateError, match="no mask to propagate"):
        session.propagation.start()


def test_where_no_object_is_nothing_is_said_to_be_propagated_still(session_on, values, tmp_path) -> None:
    with pytest.raises(StateError, match="no propagated object"):
        session_on(values).propagation.save_table(tmp_path / "object.csv")
