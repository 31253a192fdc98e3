"""A winding of a real jelly roll is traced along a line in a real browser, and the next ones from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from web_parts import RunningApp, WebPage

# three places along one electrode of the slice
ON_WINDING = ((422, 262), (423, 275), (422, 288))


@pytest.fixture(scope="module")
def roll_app(trained_weights: Path, volumes: Path) -> Iterator[RunningApp]:
    app = RunningApp("--weights", trained_weights, "--volume", volumes / "battery_slice_1.tif")
    yield app
    app.stop()


@pytest.fixture
def page(browser: Browser, roll_app: RunningApp) -> Iterator[WebPage]:
    opened = WebPage.open(browser, roll_app)
    opened.wait("engine_phase === 'ready'")
    yield opened
    assert opened.errors == []
    opened.page.context.close()


def test_a_winding_is_traced_and_the_line_goes_on(page: WebPage) -> None:
    page.press("l")
    page.wait("tool === 'winding'")
    places = [page.place_of("Axial", (*xy, 0)) for xy in ON_WINDING]
    page.page.mouse.move(*places[0])
    page.page.mouse.down()
    for place in places[1:]:
        page.page.mouse.move(*place, steps=6)
    page.page.mouse.up()
    page.wait("prompts.length === 1 && prompts[0].kind === 'winding' && can_submit")
    assert 8 < float(page["winding_measured"]) < 13
    first = int(page["mask_pixels"])
    page.press("o")
    page.wait("prompts.length === 2 && !status_text.startsWith('Computing')")
    page.page.get_by_role("button", name="Next inwards (I)").click()
    page.wait("prompts.length === 3 && !status_text.startsWith('Computing')")
    assert int(page["mask_pixels"]) > first
    page.screenshot("windings")
    page.press("Enter")
    page.wait("prompts.length === 0 && has_history")
