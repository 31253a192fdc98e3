"""What the page keeps for a crash is what there is, also where a disk fails once; nothing that was kept is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from trame.app import get_server

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from scene_parts import NeighbourhoodEngine  # noqa: E402

from RWTHSAMLib.core.slices import SliceKey  # noqa: E402
from RWTHSAMLib.mrml.nodes import volumes  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.session.session import Session  # noqa: E402
from RWTHSAMLib.record.autosave_pace import AutosavePace  # noqa: E402
from RWTHSAMLib.record.unsaved_work import LeftWork, UnsavedWork  # noqa: E402
from RWTHSAMLib.volumes.read import VolumeData  # noqa: E402
from RWTHSAMWeb.actions import make_actions  # noqa: E402
from RWTHSAMWeb.app_context import AppContext  # noqa: E402
from RWTHSAMWeb.autosave import Autosave  # noqa: E402
from RWTHSAMWeb.options import WebOptions  # noqa: E402
from RWTHSAMWeb.state import page_values  # noqa: E402


def in_a_loop(work: Coroutine[object, object, None]) -> None:
    """Do something in a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


class Page:
    """What keeps the work of a page, with no browser in front of it and a clock that is set.

    Parameters
    ----------
    name : str
        Of its server.
    """

    def __init__(self, name: str) -> None:
        server = get_server(name, client_type="vue3")
        server.state.update(page_values.initial())
        self.context, self.now_s = AppContext(server), 0.0
        self.session = self.context.session = Session(new_scene(), NeighbourhoodEngine())
        values = np.zeros((12, 20, 20), np.uint8)
        values[2:10, 5:15, 5:15] = 200
        self.session.set_volume(volumes.add_volume(self.session.scene, VolumeData(values, np.eye(4), "bar", True)))
        self.session.projects.count_as_saved(self.session.projects.work_stamp)
        self.project = make_actions(self.context, WebOptions()).project
        self.autosave = Autosave(self.context, self.project, AutosavePace(lambda: self.now_s))
        self.session.on_change.append(self.autosave.changed)

    def pass_time(self, seconds: float) -> None:
        """Let so much time go by, in which the page looks four times a second."""
        in_a_loop(self._pass_time(seconds))

    async def _pass_time(self, seconds: float) -> None:
        for _ in range(round(4 * seconds)):
            self.now_s += 0.25
            self.session.poll()
            self.autosave.tick()
            await asyncio.gather(*self.context._tasks)

    def told(self) -> list[str]:
        """All messages, the latest first."""
        return [each["text"] for each in self.context.state.messages]


@pytest.fixture
def unsaved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pages keep what is unsaved."""
    monkeypatch.setenv("RWTHSAM_DATA", str(tmp_path))
    return tmp_path / "unsaved"


@pytest.fixture
def page(unsaved: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    made = Page(request.node.name)
    yield made
    made.project.unsaved.release()
    made.session.close()


@pytest.fixture
def left_after_a_crash(page: Page, unsaved: Path) -> Callable[[], tuple[LeftWork, ...]]:
    """Function that lets the page crash, and gives what the next one finds."""

    def crash() -> tuple[LeftWork, ...]:
        page.project.unsaved.release()
        return UnsavedWork(unsaved).left()

    return crash


def click(page: Page, index: int = 5) -> None:
    page.session.add_point(SliceKey("k", index), 10, 10)


def test_work_is_kept_as_soon_as_hands_rest(page: Page, unsaved: Path, left_after_a_crash) -> None:
    click(page)
    page.pass_time(0.5)
    assert not unsaved.exists()
    page.pass_time(1)
    (left,) = left_after_a_crash()
    assert "point" in left.project.choices["pending"]


def test_a_disk_that_failed_once_is_tried_again(page: Page, unsaved: Path, left_after_a_crash) -> None:
    unsaved.write_text("in the way")
    click(page)
    page.pass_time(3)
    (said,) = page.told()
    assert said.startswith("Unsaved work cannot be kept")
    unsaved.unlink()
    page.pass_time(15)
    assert page.told() == ["Unsaved work is kept for a crash again.", said]
    assert "point" in left_after_a_crash()[0].project.choices["pending"]


def test_restoring_puts_aside_what_is_unsaved_here(page: Page, unsaved: Path, left_after_a_crash) -> None:
    click(page)
    page.pass_time(2)
    page.project.unsaved.release()  # as if another page had left it
    click(page, 7)
    before = {each.id for each in UnsavedWork(unsaved).left()}
    in_a_loop(page.project._put_aside())
    newer = [each for each in left_after_a_crash() if each.id not in before]
    assert len(newer) == 1 and newer[0].project.choices["pending"].count('"point"') == 2
