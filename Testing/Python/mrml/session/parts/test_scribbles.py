"""A line that is dragged over an object asks the model with points along it, on slices and oblique planes alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pointer_parts import drag_along_row
from scene_parts import GEOMETRIES

from RWTHSAMLib.core.oblique_plane import ObliquePlane
from RWTHSAMLib.core.prompts import PointPrompt, StrokePrompt
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import PromptError
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.mrml.nodes.record_tag import kept
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.gestures import PointerEvent
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.read import VolumeData
from RWTHSAMLib.worker.inline import InlineClient

KEY = SliceKey("k", 2)
SHAPE_KJI = (5, 60, 70)


@pytest.fixture(scope="module")
def engine(tiny_net_weights: Path) -> SamEngine:
    return SamEngine.load("rwthsam_net", tiny_net_weights, precision="f32")


@pytest.fixture
def session(a_scene, engine: SamEngine):
    """Session on a scan of 16-bit noise, with the project's own network, untrained."""
    session = Session(a_scene, InlineClient(engine))
    values = np.random.default_rng(4).integers(0, 60000, SHAPE_KJI, dtype=np.uint16)
    session.set_volume(add_volume(a_scene, VolumeData(values, GEOMETRIES["rotated"], "noise", True)))
    session.set_window(Window(0, 60000))
    yield session
    session.close()


@pytest.fixture
def view(session, a_view_of):
    return a_view_of(session.volume_node, KEY.index)


def settle(session: Session) -> None:
    for _ in range(1000):
        session.poll()
        if not session.prompting.slices.awaited:
            return
    raise AssertionError("The engine has not answered.")


def drag(session: Session, view, row: int, control: bool = False) -> None:
    """Along a row of the slice, from left to right."""
    drag_along_row(session, view, KEY, row, 60, control)


def test_a_left_drag_scribbles_and_with_ctrl_it_says_what_is_not_meant(session, view) -> None:
    drag(session, view, 20)
    drag(session, view, 40, control=True)
    first, second = session.prompting.prompts_on(KEY).items
    assert isinstance(first, StrokePrompt) and first.positive and not first.is_winding
    assert (first.points_xy[0], first.points_xy[-1]) == ((10, 20), (60, 20))
    assert isinstance(second, StrokePrompt) and not second.positive and not second.is_winding


def test_a_click_stays_a_click(session, view) -> None:
    world = VolumeGeometry.of(session.volume_node).ras_of((30, 25, KEY.index))
    for phase in ("press", "release"):
        session.pointer(PointerEvent(phase, "left", view, world, (100.0, 50.0)))
    assert session.prompting.prompts_on(KEY).items == (PointPrompt(30, 25),)


def test_the_mask_is_the_engine_s_and_is_undone_and_redone(session, view, engine) -> None:
    drag(session, view, 20)
    settle(session)
    prompts = session.prompting.prompts_on(KEY)
    expected = engine.segment(session.image_of(KEY), prompts)
    assert len(expected.candidates) == 3
    assert np.array_equal(session.prompting.masks[KEY].to_array(), expected.best.mask.to_array())
    session.undo()
    assert not len(session.prompting.prompts_on(KEY))
    session.redo()
    assert session.prompting.prompts_on(KEY) == prompts


def test_it_is_recorded_with_what_answered_it(session, view, engine) -> None:
    drag(session, view, 20)
    settle(session)
    prompts = session.prompting.prompts_on(KEY)
    session.submit()
    (step,) = kept(session.segmentation_node).steps
    assert step.prompts == prompts
    assert (step.made_with.engine, step.made_with.weights_sha256) == (engine.description, engine.weights_sha256)


def test_an_oblique_plane_takes_it_too(session, engine, view) -> None:
    middle = VolumeGeometry.of(session.volume_node).ras_of((35, 30, KEY.index))
    view.SetSliceToRASByNTP(0.2, 0.9, 0.4, 1.0, 0.3, 0.1, *middle, 0)
    plane = session.plane_shown(view)
    assert isinstance(plane, ObliquePlane)
    columns, rows = plane.size_xy
    session.prompting.scribble(plane, [(1, 1), (columns - 2, rows - 2)])
    settle(session)
    expected = engine.segment(session.image_of(plane), session.prompting.prompts_on(plane))
    assert np.array_equal(session.prompting.masks[plane].to_array(), expected.best.mask.to_array())


def test_a_line_of_no_length_is_refused(session) -> None:
    with pytest.raises(PromptError, match="drag further"):
        session.prompting.scribble(KEY, [(5, 5)])
