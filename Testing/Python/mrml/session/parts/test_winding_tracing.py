"""Lines along windings in a session: drawn with the mouse, taken further, submitted, taken back, replayed."""

from __future__ import annotations

import numpy as np
import pytest
from pointer_parts import drag_along_row
from scene_parts import NeighbourhoodEngine, known_answer

from RWTHSAMLib.core.prompts import StrokePrompt
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import SettingsError, StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.gestures import PointerEvent
from RWTHSAMLib.mrml.session.replay import replay
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.record_file import parse_prompt_file
from RWTHSAMLib.volumes.read import VolumeData

KEY = SliceKey("k", 1)
PITCH = 12


def windings_kji() -> np.ndarray:
    """Bright sheets, five voxels thick, every twelve rows."""
    rows = np.where(np.mod(np.arange(96), PITCH) < 5, 200, 50).astype(np.uint8)
    return np.broadcast_to(rows[None, :, None], (3, 96, 80)).copy()


@pytest.fixture
def session(a_scene):
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_volume(add_volume(a_scene, VolumeData(windings_kji(), np.diag([0.5, 0.5, 2.0, 1.0]), "windings", True)))
    session.set_window(Window(0, 255))
    session.set_tool("winding")
    yield session
    session.close()


@pytest.fixture
def view(session, a_view_of):
    return a_view_of(session.volume_node, KEY.index)


def drag(session: Session, view, row: int, control: bool = False, finish: bool = True) -> None:
    """Along a row of the slice, from left to right."""
    drag_along_row(session, view, KEY, row, 70, control, finish)
    session.poll()


def rows_of_mask(session: Session) -> set[int]:
    masks = session.prompting.masks
    return set(np.flatnonzero(masks[KEY].to_array()[:, 40]).tolist()) if masks else set()


def lines(scene) -> list[str]:
    every = scene.GetNodesByClass("vtkMRMLMarkupsCurveNode")
    every.UnRegister(None)
    return [every.GetItemAsObject(n).GetName() for n in range(every.GetNumberOfItems())]


def test_a_drag_along_a_winding_traces_it(session, view, a_scene):
    drag(session, view, 38)
    (stroke,) = session.prompting.prompts_on(KEY).strokes
    assert stroke.half_width_px == pytest.approx(PITCH / 2, abs=0.3)
    assert session.windings.distance_px == pytest.approx(PITCH, abs=0.5)
    assert rows_of_mask(session) == {36, 37, 38, 39, 40}
    assert lines(a_scene) == ["RWTHSAM line"]
    session.submit()
    assert not lines(a_scene)
    k, j, i = np.nonzero(segments.mask_of_class_kji(session.segmentation_node, session.class_id, session.volume_node))
    assert set(k) == {1} and set(j) == {36, 37, 38, 39, 40} and i.min() <= 12 and i.max() >= 68


def test_a_line_is_seen_while_it_is_drawn(session, view, a_scene):
    drag(session, view, 38, finish=False)
    assert lines(a_scene) == ["RWTHSAM line"] and not session.prompting.prompts_on(KEY).items


def test_the_line_goes_on_to_the_next_winding_also_after_a_submit(session, view):
    drag(session, view, 38)
    assert session.key("O")
    session.poll()
    assert rows_of_mask(session) in ({36, 37, 38, 39, 40, *range(48, 53)}, {36, 37, 38, 39, 40, *range(24, 29)})
    session.submit()
    session.windings.again(outwards=False)
    session.poll()
    assert rows_of_mask(session) == {36, 37, 38, 39, 40}
    session.undo()
    assert not session.prompting.masks


def test_ctrl_takes_a_winding_away_again(session, view):
    session.add_point(KEY, 40, 50)
    session.set_box(KEY, (20, 30), (60, 60))
    session.poll()
    assert 38 in rows_of_mask(session)
    drag(session, view, 38, control=True)
    assert not rows_of_mask(session) & {36, 37, 38, 39, 40} and {31, 33, 45} <= rows_of_mask(session)
    session.undo()
    session.poll()
    assert 38 in rows_of_mask(session)


def test_a_click_with_the_winding_tool_is_a_point(session, view):
    world = VolumeGeometry.of(session.volume_node).ras_of((40, 38, 1))
    session.pointer(PointerEvent("press", "left", view, world, (9.0, 9.0)))
    session.pointer(PointerEvent("release", "left", view, world, (9.0, 9.0)))
    assert [(each.x, each.y) for each in session.prompting.prompts_on(KEY).points] == [(40, 38)]


def test_the_distance_can_be_given(session):
    session.windings.set_distance_text(" 9,5 ")
    session.windings.trace(KEY, [(10, 38), (60, 38)])
    assert session.prompting.prompts_on(KEY).strokes[0].half_width_px == 4.75 and session.windings.given_px == 9.5
    session.windings.set_distance_text("")
    assert session.windings.given_px is None
    for wrong in ("wide", "1", "900"):
        with pytest.raises(SettingsError, match="winding distance"):
            session.windings.set_distance_text(wrong)


def test_without_a_line_there_is_nothing_to_take_further(session):
    with pytest.raises(StateError, match="Draw a line"):
        session.windings.again(outwards=True)


def test_a_selected_line_is_deleted(session, view):
    drag(session, view, 38)
    drag(session, view, 62)
    session.prompting.select(KEY, 0)
    session.prompting.delete_selected()
    session.poll()
    assert rows_of_mask(session) == set(range(60, 65))


def test_a_record_with_lines_gives_the_same_voxels_again(session, view, a_scene):
    drag(session, view, 38)
    session.windings.again(outwards=True)
    session.poll()
    session.submit()
    record = parse_prompt_file(session.prompt_file().to_json())
    assert all(isinstance(each, StrokePrompt) for each in record.slices[0].prompts.items)

    class Engine:
        def segment(self, image, prompts):
            return known_answer(image, prompts)

    again = segments.create_segmentation(a_scene, session.volume_node, session.profile)
    replay(session.volume_node, again, record, lambda _: Engine())
    np.testing.assert_array_equal(
        segments.mask_of_class_kji(again, session.class_id, session.volume_node),
        segments.mask_of_class_kji(session.segmentation_node, session.class_id, session.volume_node),
    )
