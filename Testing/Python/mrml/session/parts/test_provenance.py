"""A segmentation carries how it was made, step by step, and what it carries gives the same voxels again."""

from __future__ import annotations

import numpy as np
import pytest
from scene_parts import GEOMETRIES, BrightRegions, NeighbourhoodEngine, known_answer

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Segmentation
from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.undo_history import Edit
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.record_tag import kept
from RWTHSAMLib.mrml.nodes.storage import load_segmentation, save_segmentation
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.mrml.session.parts.threshold_refinement import ThresholdRefinement
from RWTHSAMLib.mrml.session.replay import ReplayedStep, replay
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.record_file import parse_prompt_file
from RWTHSAMLib.record.steps import HandEdit, PromptedSlice, RecordedPropagation, RecordedVoxels, Step
from RWTHSAMLib.record.text import steps_of_record
from RWTHSAMLib.volumes.read import VolumeData
from RWTHSAMLib.worker.client import EngineSpec

SHAPE_KJI = (12, 30, 40)
BAR = (slice(3, 9), slice(5, 15), slice(8, 24))
BEAD = (slice(5, 7), slice(20, 24), slice(28, 33))
MIDDLE = SliceKey("k", 5)


class KnownAnswers(BrightRegions):
    """The engine of known masks as a replay uses it."""

    def segment(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        return known_answer(image, prompts)


class Stroke:
    """An edit by hand that a host records."""

    text = "Paint"

    def undo(self) -> None:
        """Nothing here."""

    def redo(self) -> None:
        """Nothing here."""


@pytest.fixture
def values() -> np.ndarray:
    grey = np.full(SHAPE_KJI, 40, np.int16)
    grey[BAR], grey[BEAD] = 200, 220
    return grey


@pytest.fixture
def volume_of(a_scene):
    """Function that adds a scan with these values."""
    return lambda grey: add_volume(a_scene, VolumeData(grey, GEOMETRIES["anisotropic"], "scan", True))


@pytest.fixture
def session(a_scene, volume_of, values):
    made = Session(a_scene, NeighbourhoodEngine())
    made.load_engine(EngineSpec("mobile_sam_vit_t"))
    made.set_volume(volume_of(values))
    made.set_window(Window(0, 255))
    yield made
    made.close()


def answered(session: Session) -> Session:
    for _ in range(100):
        session.poll()
        runs = (session.propagation.progress, session.automatic.progress)
        if not session.prompting.awaits_masks and runs == (None, None):
            return session
    raise AssertionError("the engine does not come to an end")


def click(session: Session, key: SliceKey = MIDDLE, x: int = 12, y: int = 9) -> Session:
    session.add_point(key, x, y)
    answered(session).submit()
    return session


def propagate(session: Session) -> Session:
    session.set_box(MIDDLE, (8, 5), (23, 14))
    answered(session).propagation.start()
    answered(session).submit()
    return session


def find(session: Session) -> Session:
    session.automatic.start([SliceKey("k", index) for index in range(4, 8)])
    answered(session)
    session.automatic.submit([each.object.number for each in session.automatic.detected])
    return session


def voxels(node, volume) -> dict[str, np.ndarray]:
    ids = [segments.class_id_of(node, each) for each in segments.segment_ids(node)]
    return {each: segments.mask_of_class_kji(node, each, volume) for each in ids}


def done_again(session: Session, volume=None) -> tuple[dict[str, np.ndarray], tuple[ReplayedStep, ...]]:
    """Voxels of all classes after a replay of what the segmentation carries, and what the replay says."""
    volume = volume or session.volume_node
    node = segments.create_segmentation(session.scene, volume, session.profile)
    report = replay(volume, node, kept(session.segmentation_node), lambda _: KnownAnswers())
    return voxels(node, volume), report


def assert_same_voxels(session: Session) -> tuple[ReplayedStep, ...]:
    before = voxels(session.segmentation_node, session.volume_node)
    after, report = done_again(session)
    assert sum(each.sum() for each in before.values()) > 0
    for class_id, expected in before.items():
        assert np.array_equal(after[class_id], expected), class_id
    return report


def kinds(steps: tuple[Step, ...]) -> list[type[Step]]:
    return [type(each) for each in steps]


# what is recorded


def test_every_submit_says_when_what_with_and_how_much(session) -> None:
    (step,) = click(session).provenance.steps
    assert step.slice == MIDDLE and step.class_id == session.class_id
    assert step.made_with.model == "mobile_sam_vit_t" and step.made_with.window == Window(0, 255)
    assert step.made_with.program.startswith("RWTHSAM ") and step.time.endswith("+00:00")
    assert step.voxels == voxels(session.segmentation_node, session.volume_node)[step.class_id].sum()


def test_the_record_names_the_scan(session) -> None:
    scan = click(session).prompt_file().scan
    assert (scan.name, scan.shape_kji) == ("scan", SHAPE_KJI) and scan.spacing_mm_ijk == pytest.approx((0.5, 0.7, 3.0))
    assert len(scan.fingerprint) == 64


def test_a_later_window_does_not_change_earlier_steps(session) -> None:
    click(session).set_window(Window(10, 90))
    click(session, SliceKey("k", 6))
    assert [each.made_with.window for each in session.provenance.steps] == [Window(0, 255), Window(10, 90)]
    assert kept(session.segmentation_node).steps == session.provenance.steps
    again = parse_prompt_file(session.prompt_file().to_json()).all_steps()
    assert [each.made_with.window for each in again] == [Window(0, 255), Window(10, 90)]


def test_the_segmentation_carries_the_record_through_undo_and_redo(session) -> None:
    click(session)
    click(session, SliceKey("k", 6))
    assert [each.slice.index for each in kept(session.segmentation_node).slices] == [5, 6]
    session.undo()
    assert [each.slice.index for each in kept(session.segmentation_node).slices] == [5]
    session.undo()  # the click
    session.undo()
    assert kept(session.segmentation_node) is None
    for _ in range(3):
        session.redo()
    assert [each.slice.index for each in kept(session.segmentation_node).slices] == [5, 6]


def test_a_saved_file_carries_it_and_the_next_session_goes_on_with_it(session, a_scene, tmp_path) -> None:
    path = save_segmentation(click(session).segmentation_node, tmp_path / "cell.seg.nrrd")
    loaded = load_segmentation(a_scene, path)
    assert kept(loaded).slices == session.provenance.steps
    session.set_segmentation(loaded)
    click(session, SliceKey("k", 6))
    assert [each.slice.index for each in kept(loaded).slices] == [5, 6]


def test_each_segmentation_has_its_own_record(session) -> None:
    first = click(session).segmentation_node
    session.set_segmentation(None)
    assert session.provenance.steps == ()
    click(session, SliceKey("k", 7))
    session.set_segmentation(first)
    assert [each.slice.index for each in session.provenance.steps] == [5]


# every kind of step gives its voxels again


def test_prompts_give_the_same_voxels(session) -> None:
    click(session)
    session.step_class(1)
    click(session, SliceKey("j", 8), 14, 5)
    assert [each.remark for each in assert_same_voxels(session)] == ["", ""]


def test_a_propagated_object_is_propagated_again(session) -> None:
    assert kinds(propagate(session).provenance.steps) == [RecordedPropagation, PromptedSlice]
    first, _ = assert_same_voxels(session)
    assert first.voxels == np.prod([each.stop - each.start for each in BAR]) and first.remark == ""


def test_one_that_came_from_a_painted_slice_as_well(session) -> None:
    session.set_box(MIDDLE, (8, 5), (23, 14))
    answered(session).submit()
    session.propagation.start_from_class([MIDDLE])
    answered(session).submit()
    step = session.provenance.steps[-1]
    assert isinstance(step, RecordedPropagation) and step.keyframes[0].mask is not None
    assert_same_voxels(session)


def test_one_that_was_stopped_is_kept_voxel_by_voxel(session) -> None:
    session.set_box(MIDDLE, (8, 5), (23, 14))
    answered(session).propagation.start()
    session.poll()
    session.propagation.stop()
    session.submit()
    first, _ = session.provenance.steps
    assert isinstance(first, RecordedVoxels) and "stopped" in first.source
    assert_same_voxels(session)


def test_objects_that_were_found_are_kept_voxel_by_voxel(session) -> None:
    (step,) = find(session).provenance.steps
    assert isinstance(step, RecordedVoxels) and step.details["points_per_side"] == 32 and step.kept
    assert_same_voxels(session)


def test_a_thresholded_class_is_kept_voxel_by_voxel(session) -> None:
    propagate(session)
    source, target = (each.id for each in session.profile.classes[:2])
    count = session.threshold.refine(ThresholdRefinement(source, target))
    step = session.provenance.steps[-1]
    assert isinstance(step, RecordedVoxels) and step.voxels == count and "thresholded" in step.source
    assert_same_voxels(session)


def test_what_a_lock_withheld_stays_out(session) -> None:
    propagate(session)
    first, second = (each.id for each in session.profile.classes[:2])
    session.set_profile(session.profile.locking(first, True))
    session.select_class(second)
    session.set_box(MIDDLE, (4, 4), (23, 14))
    answered(session).submit()
    step = session.provenance.steps[-1]
    assert sum(mask.area for _, mask in step.withheld) == 160
    session.set_profile(session.profile.locking(first, False))
    assert_same_voxels(session)


def test_what_the_editor_lets_overlap_overlaps_again(session, a_scene) -> None:
    editor = a_scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    propagate(session).use_editor(editor)
    editor.SetOverwriteMode(editor.OverwriteNone)
    session.step_class(1)
    session.set_box(MIDDLE, (4, 4), (23, 14))
    answered(session).submit()
    assert session.provenance.steps[-1].spared
    before = voxels(session.segmentation_node, session.volume_node)
    assert sum(each.sum() for each in before.values()) > np.any(list(before.values()), axis=0).sum()
    assert_same_voxels(session)


# another scan


def test_on_another_scan_prompts_run_and_differences_are_said(session, volume_of, values) -> None:
    propagate(session)
    shorter = values.copy()
    shorter[7:] = 40
    after, report = done_again(session, volume_of(shorter))
    assert report[0].remark == f"{4 * 160} voxels, {6 * 160} when it was recorded"
    assert after[session.class_id].sum() == 4 * 160


def test_kept_voxels_of_another_scan_are_left_out(session, volume_of, values) -> None:
    after, report = done_again(find(session), volume_of(values + 1))
    assert "another scan" in report[0].remark and not after[session.class_id].any()


# edits by hand


def paint(session: Session, i: int = 20) -> None:
    """What any tool of Slicer does to a segment: behind the session's back."""
    node = session.segmentation_node
    writer = SegmentWriter(node, session.volume_node)
    writer.submit(segments.segment_ids(node)[0], np.ones((1, 1, 2), bool), Extent(i, i + 1, 9, 9, 5, 5))
    session.poll()


def test_edits_by_hand_are_noted_in_their_place(session) -> None:
    session.provenance.watch_hand_edits()
    click(session)
    paint(session)
    click(session, SliceKey("k", 6))
    assert kinds(session.provenance.steps) == [PromptedSlice, HandEdit, PromptedSlice]
    assert kinds(kept(session.segmentation_node).steps) == [PromptedSlice, HandEdit, PromptedSlice]
    _, report = done_again(session)
    assert "by hand" in report[1].remark


def test_edits_by_hand_in_a_row_are_one_note(session) -> None:
    session.provenance.watch_hand_edits()
    click(session)
    for i in (18, 22, 26):
        paint(session, i)
    first, note = session.provenance.steps
    assert note.count == 3 and note.class_ids == (session.profile.classes[0].id,)
    assert steps_of_record(session.prompt_file())[1].startswith(
        f"'{session.profile.classes[0].name}': changed by hand, 3 times"
    )


def test_own_changes_are_not_edits_by_hand(session) -> None:
    session.provenance.watch_hand_edits()
    find(propagate(click(session)))
    for step in (session.undo, session.undo, session.redo, session.redo):
        step()
        session.poll()
    assert HandEdit not in kinds(session.provenance.steps)


def test_a_note_goes_with_the_undo_of_its_edit(session) -> None:
    stroke: Edit = Stroke()
    click(session).record_hand_edit(stroke, [session.class_id], "Paint")
    (_, note) = session.provenance.steps
    assert note.tool == "Paint" and kinds(kept(session.segmentation_node).steps) == [PromptedSlice, HandEdit]
    session.undo()
    assert kinds(kept(session.segmentation_node).steps) == [PromptedSlice]
    session.redo()
    assert kinds(session.provenance.steps) == [PromptedSlice, HandEdit]


def test_an_undo_of_the_host_takes_the_submit_out_and_is_no_edit(session) -> None:
    session.provenance.watch_hand_edits()
    click(session)
    click(session, SliceKey("k", 6))
    writer, last = SegmentWriter(session.segmentation_node, session.volume_node), session.provenance.submissions[-1]
    writer.take_back(last.changes)
    session.poll()
    assert [each.slice.index for each in kept(session.segmentation_node).steps] == [5]


def test_a_session_that_was_closed_watches_no_longer(session) -> None:
    session.provenance.watch_hand_edits()
    writer = SegmentWriter(click(session).segmentation_node, session.volume_node)
    session.close()
    writer.submit(
        segments.segment_ids(writer.segmentation_node)[0], np.ones((1, 1, 2), bool), Extent(20, 21, 9, 9, 5, 5)
    )
    assert kinds(kept(writer.segmentation_node).steps) == [PromptedSlice]


def test_a_class_that_is_gone_leaves_the_record_but_not_the_note_of_it(session) -> None:
    session.provenance.watch_hand_edits()
    click(session)
    paint(session)
    node = session.segmentation_node
    node.GetSegmentation().RemoveSegment(segments.segment_ids(node)[0])
    session.set_profile(session.profile.without(session.profile.classes[0].id))
    session.poll()
    click(session, SliceKey("k", 6))
    steps = kept(node).steps
    assert kinds(steps)[-1] is PromptedSlice and HandEdit in kinds(steps) and len(kept(node).slices) == 1


def test_another_profile_takes_no_class_out_of_the_record(session) -> None:
    click(session)
    before = kept(session.segmentation_node)
    session.set_profile(profile_of_names("Other", ["Sand"]))
    click(session, SliceKey("k", 7))
    record = kept(session.segmentation_node)
    assert [each.slice.index for each in record.slices] == [5, 7]
    assert record.profile.class_by_id(before.steps[0].class_id) is not None
    assert record.resolved(record.profile).slices == record.slices
