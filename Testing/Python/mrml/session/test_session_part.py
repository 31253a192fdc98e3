"""A part that is added to a session by one line takes part in everything."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Mapping

import pytest
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import NotReadyYet, RwthSamError, StateError
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.session.part import Found, SessionPart
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.project import read_found, read_project
from RWTHSAMLib.record.project_folder import ProjectFolder
from RWTHSAMLib.volumes.read import read_volume
from RWTHSAMLib.volumes.scan_of_project import as_in_project

PROTOCOL = {name for name in vars(SessionPart) if not name.startswith("_")}


class Toy(SessionPart):
    """Writes down which of a part's doors were used."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def __getattribute__(self, name: str) -> object:
        if name in PROTOCOL:
            self.used.add(name)
        return super().__getattribute__(name)


@pytest.fixture
def a_toy(a_session) -> Toy:
    """A part of the session that has heard nothing yet."""
    toy = a_session.add_part(Toy())
    toy.used.clear()
    return toy


def let_the_engine_load(session: Session) -> None:
    engine = session.engine.client
    engine.phase = "loading"
    session.poll()
    engine.phase = "ready"
    session.poll()


def take_the_image_away(session: Session) -> None:
    session.volume_node.SetAndObserveImageData(None)
    session.poll()


def write_into_the_scan(session: Session) -> None:
    volume_array_kji(session.volume_node)[:] += 1
    session.follow_scan(closely=True)


def move_the_scan(session: Session) -> None:
    session.volume_node.SetOrigin(1, 2, 3)
    session.poll()


def open_a_scene_with_another_scan(session: Session, other) -> None:
    scene = session.scene
    parameters = scene.GetSingletonNode("RWTHSAMSession", "vtkMRMLScriptedModuleNode")
    parameters.SetNodeReferenceID("RWTHSAM.Volume", other.GetID())
    scene.InvokeEvent(scene.EndImportEvent)


def wait_for_something(session: Session) -> None:
    session.workspace.remark(NotReadyYet("Wait."))
    session.poll()


EVENTS: Mapping[str, Callable[[Session], object]] = {
    "begin_volume": lambda session: session.set_volume(session.volume_node),
    "leave_volume": lambda session: session.set_volume(None),
    "pause": take_the_image_away,
    "forget_voxels": write_into_the_scan,
    "follow_place": move_the_scan,
    "follow_profile": lambda session: session.set_profile(profile_of_names("Other", ["Can"])),
    "follow_segmentation": lambda session: session.set_segmentation(None),
    "ask_again": lambda session: session.set_window(Window(1, 2)),
    "engine_ready": let_the_engine_load,
    "take": lambda session: session.poll(),
    "look": lambda session: session.poll(),
    "problem": lambda session: session.status,
    "is_awaited": wait_for_something,
    "kept": lambda session: session.changed(),
    "close": lambda session: session.close(),
}
OF_OPENED_SCENES = {"is_unfinished", "take_up"}
OF_PROJECTS = {"FOUND_AS", "found", "take_up_found", "work_stamp"}


def test_every_door_of_a_part_is_tried_here() -> None:
    assert EVENTS.keys() | OF_OPENED_SCENES | OF_PROJECTS == PROTOCOL


@pytest.mark.parametrize("door", EVENTS)
def test_an_added_part_hears_of(door: str, a_session, a_toy) -> None:
    EVENTS[door](a_session)
    assert door in a_toy.used


def test_an_added_part_hears_of_opened_scenes(a_session, a_toy, a_volume_of) -> None:
    other = a_volume_of(GEOMETRIES["identity"])
    open_a_scene_with_another_scan(a_session, other)
    assert a_session.volume_node is other
    assert a_toy.used >= OF_OPENED_SCENES


class FindingToy(Toy):
    """A toy that has found something which no scene keeps."""

    FOUND_AS = "toys"

    def found(self) -> Found:
        return lambda: {"count": 3}


def test_an_added_part_hears_of_projects(a_session, tmp_path) -> None:
    toy = a_session.add_part(FindingToy())
    toy.used.clear()
    folder = tmp_path / "work.rwthsam"
    ProjectFolder(folder).write(a_session.projects.content(folder, {}))
    project = read_project(folder)
    data = as_in_project(read_volume(project.scan.places(folder)[0]), project.scan)
    a_session.projects.open(folder, project, data, read_found(folder, project))
    assert toy.used >= OF_PROJECTS


class Counting(SessionPart):
    """A part with something to keep, to lose and to complain of."""

    def __init__(self) -> None:
        self.count = 0
        self.is_busy = False
        self.error: RwthSamError | None = None

    @property
    def problem(self) -> RwthSamError | None:
        return self.error

    @property
    def is_unfinished(self) -> bool:
        return self.is_busy

    @property
    def is_awaited(self) -> bool:
        return self.is_busy

    def kept(self) -> dict[str, str]:
        return {"count": str(self.count)}

    def take_up(self, kept: Mapping[str, str]) -> None:
        self.count = int(kept.get("count") or 0)

    def leave_volume(self) -> None:
        self.count = 0


@pytest.fixture
def a_counting_part(a_session) -> Counting:
    return a_session.add_part(Counting())


def test_a_part_finds_again_what_it_kept_in_the_scene(a_session, a_counting_part, a_volume_of) -> None:
    other = a_volume_of(GEOMETRIES["identity"])
    a_counting_part.count = 3
    a_session.changed()
    open_a_scene_with_another_scan(a_session, other)
    assert a_counting_part.count == 3


def test_the_status_tells_what_a_part_has_failed_at(a_session, a_counting_part) -> None:
    a_counting_part.error = StateError("The count is lost.")
    assert (a_session.status.text, a_session.status.level) == ("The count is lost.", "error")


def test_a_scene_that_is_added_does_not_take_what_a_part_has_not_finished(
    a_session, a_counting_part, a_volume, a_volume_of
) -> None:
    a_counting_part.is_busy = True
    open_a_scene_with_another_scan(a_session, a_volume_of(GEOMETRIES["identity"]))
    assert a_session.volume_node is a_volume
    assert "work of its own" in a_session.status.text


def test_a_request_to_wait_lasts_as_long_as_a_part_is_awaited(a_session, a_counting_part) -> None:
    a_counting_part.is_busy = True
    wait_for_something(a_session)
    assert a_session.status.text == "Wait."
    a_counting_part.is_busy = False
    a_session.poll()
    assert a_session.status.text != "Wait."


def test_parts_are_left_in_the_order_opposite_to_their_list(a_session) -> None:
    left: list[str] = []

    class Leaving(SessionPart):
        def __init__(self, name: str) -> None:
            self._name = name

        def leave_volume(self) -> None:
            left.append(self._name)

    a_session.add_part(Leaving("first"))
    a_session.add_part(Leaving("second"))
    a_session.set_volume(None)
    assert left == ["second", "first"]


def test_a_session_that_nobody_keeps_goes_without_the_garbage_collector(a_scene, a_volume) -> None:
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_volume(a_volume)
    left = weakref.ref(session)
    gc.disable()
    try:
        del session
        assert left() is None
    finally:
        gc.enable()
