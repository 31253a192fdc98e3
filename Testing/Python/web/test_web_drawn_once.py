"""A view is drawn once for each picture, however many times the picture is sent."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("trame_slicer", reason="needs the page's server (install the 'web' extra)")

from trame.app import get_server  # noqa: E402
from trame_rca.schedulers import RcaImageRenderScheduler  # noqa: E402
from trame_rca.view_adapter import RcaViewAdapter  # noqa: E402
from trame_slicer.rca_view.rca_view_factory import RcaWindow  # noqa: E402
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkRenderWindowInteractor  # noqa: E402

from RWTHSAMWeb.remote_views.drawn_once import draw_once  # noqa: E402

COARSE, FINE = 60, 90
_PATIENCE_S = 120


class View:
    """A window of one colour, how often it was drawn, and what was sent of it."""

    def __init__(self) -> None:
        self.renderer, self.window, interactor = vtkRenderer(), vtkRenderWindow(), vtkRenderWindowInteractor()
        self.window.SetOffScreenRendering(1)
        self.window.SetSize(40, 30)
        self.window.AddRenderer(self.renderer)
        interactor.SetRenderWindow(self.window)
        interactor.Initialize()
        self.sent: list[tuple[int, np.ndarray]] = []
        self.area = RcaWindow(self.window, get_server("drawn once", client_type="vue3").state, "cursor")
        scheduler = RcaImageRenderScheduler(self.area, interactive_quality=COARSE, still_quality=FINE)
        self.adapter = RcaViewAdapter(self.area, "view", scheduler=scheduler)
        self.adapter.set_streamer(self)
        self.drawn = 0
        self.renderer.AddObserver("EndEvent", self._count)  # once it is made: that draws, too

    def _count(self, *_: object) -> None:
        self.drawn += 1

    def push_content(self, _name: str, meta: dict[str, object], content: bytes) -> None:
        self.sent.append((int(str(meta["quality"])), np.asarray(Image.open(io.BytesIO(content)), int)))

    def colour(self, red: float, green: float, blue: float) -> None:
        self.renderer.SetBackground(red, green, blue)

    @property
    def qualities(self) -> list[int]:
        return [quality for quality, _ in self.sent]


def made(look: Callable[[], Coroutine[object, object, View]]) -> View:
    """What came of it, in a thread of its own: the browser of other tests has its loop in this one."""

    async def look_and_let_go() -> View:
        view = await look()
        await view.adapter.close()
        view.window.Finalize()
        return view

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, look_and_let_go()).result()


async def until(holds: Callable[[], bool]) -> None:
    async def look_again() -> None:
        while not holds():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(look_again(), _PATIENCE_S)


def test_a_picture_at_rest_is_sent_twice_and_drawn_once() -> None:
    async def look() -> View:
        view = View()
        draw_once(view.adapter)
        view.colour(1, 0, 0)
        view.adapter.schedule_render()
        await until(lambda: view.qualities == [COARSE, FINE])
        return view

    view = made(look)
    assert view.drawn == 1
    assert all(np.allclose(picture, (255, 0, 0), atol=6) for _, picture in view.sent)


def test_whatever_asks_for_a_picture_gets_a_new_one() -> None:
    async def look() -> View:
        view = View()
        draw_once(view.adapter)
        view.adapter.schedule_render()
        await until(lambda: view.qualities == [COARSE, FINE])
        view.colour(0, 0, 1)
        view.adapter.schedule_render()
        await until(lambda: len(view.sent) == 4)
        view.adapter.update_size("page", {"w": 50, "h": 20, "p": 1})
        await until(lambda: len(view.sent) == 6)
        return view

    view = made(look)
    assert view.drawn == 3
    assert all(np.allclose(picture, (0, 0, 255), atol=6) for _, picture in view.sent[2:])
    assert [picture.shape[:2] for _, picture in view.sent[4:]] == [(20, 50)] * 2


def test_what_may_be_drawn_more_finely_is_drawn_anew() -> None:
    async def look() -> View:
        view = View()
        draw_once(view.adapter)
        assert view.area.img_cols_rows is view.area.img_cols_rows
        view.window.SetDesiredUpdateRate(0.5 * view.window.GetDesiredUpdateRate())
        assert view.area.img_cols_rows is view.area.img_cols_rows
        return view

    assert made(look).drawn == 2
