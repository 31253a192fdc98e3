"""The classes as a volume in the 3D view, in a real browser."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser
from web_parts import RunningApp, WebPage

CORE_IJK = (364, 372, 70)
_LOOKS_AT_REST = 4


@pytest.fixture(scope="module")
def the_page(browser: Browser, real_cell_app: RunningApp) -> Iterator[WebPage]:
    """The page with the core of one slice submitted and the panel open."""
    opened = WebPage.open(browser, real_cell_app)
    opened.wait("engine_phase === 'ready'")
    opened.show_slice("Axial", 70)
    opened.press("4")
    opened.wait("class_name === 'Core'")
    opened.click(*opened.place_of("Axial", CORE_IJK))
    opened.wait("can_submit")
    opened.press("Enter")
    opened.wait("undo_text.includes('Core')")
    opened.page.locator(".v-expansion-panel-title", has_text="Profile").click()
    opened.open_panel("3D view")
    yield opened
    opened.clear()
    opened.page.context.close()


@pytest.fixture
def page(the_page: WebPage) -> Iterator[WebPage]:
    """The panel with the rendering switched on."""
    if not the_page["render_shown"]:
        switch(the_page, "Volume: see into the classes")
    settle(the_page)
    yield the_page
    assert the_page.errors == []


def switch(page: WebPage, label: str) -> None:
    page.page.get_by_label(label, exact=True).click()


def settle(page: WebPage) -> None:
    page.wait("render_shown && render_percent === -1")


def eventually(page: WebPage, condition: Callable[[np.ndarray], bool]) -> None:
    """Wait until the 3D view looks so: it is drawn some time after it was computed."""
    page.until_seen(lambda: condition(view_pixels(page)))


def at_rest(page: WebPage, count: Callable[[np.ndarray], int], least: int) -> int:
    """Count of pixels in a picture with at least so many of them, once several looks have found the same."""
    counts: list[int] = []

    def is_at_rest() -> bool:
        counts.append(count(view_pixels(page)))
        return len(counts) > _LOOKS_AT_REST and len(set(counts[-_LOOKS_AT_REST:])) == 1 and counts[-1] >= least

    page.until_seen(is_at_rest)
    return counts[-1]


def choose(page: WebPage, text: str) -> None:
    page.page.locator(".work-drawer").get_by_role("button", name=text, exact=True).click()


def view_pixels(page: WebPage) -> np.ndarray:
    """The 3D view as the browser shows it, int (rows, columns, 3)."""
    shot = page.page.screenshot(clip=page.box("3D"))
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), int)


def blue(pixels: np.ndarray) -> int:
    """How many pixels have the colour of the core (#0072B2), however dark."""
    red, green, blue_ = np.moveaxis(pixels, 2, 0)
    return int(np.count_nonzero((blue_ > red + 40) & (blue_ > green + 15) & (red < 60)))


def grey(pixels: np.ndarray) -> int:
    """How many pixels have no colour but are brighter than the background."""
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return int(np.count_nonzero((spread < 12) & (pixels.mean(axis=2) > 70)))


def test_it_is_off_until_it_is_switched_on(the_page: WebPage) -> None:
    assert the_page["render_shown"] is False
    switch(the_page, "Volume: see into the classes")
    settle(the_page)
    the_page.wait("surfaces === false")
    eventually(the_page, lambda pixels: blue(pixels) > 50 and grey(pixels) > 500)
    the_page.screenshot("rendering")


def test_a_notice_says_what_is_down_sampled(page: WebPage) -> None:
    page.wait("render_notice.includes('2 x 2 x 1 voxels')")
    choose(page, "Fast")
    page.wait("render_notice.includes('at most 4 million')")
    choose(page, "Balanced")
    settle(page)


def test_a_class_is_hidden_and_shown_by_its_eye(page: WebPage) -> None:
    before = at_rest(page, blue, 50)
    page.named("Show or hide Core").click()
    settle(page)
    eventually(page, lambda pixels: blue(pixels) < 0.2 * before)
    page.named("Show or hide Core").click()
    settle(page)
    eventually(page, lambda pixels: blue(pixels) > 0.5 * before)


def test_cut_open_and_cropped_less_is_seen(page: WebPage) -> None:
    whole = at_rest(page, grey, 500)
    choose(page, "Half")
    page.wait("render_cut === 'half'")
    settle(page)
    eventually(page, lambda pixels: grey(pixels) < 0.9 * whole)
    choose(page, "Whole")
    page.wait("render_cut === 'none'")
    settle(page)
    switch(page, "Show a part only")
    page.wait("render_cropped")
    label = "[aria-label='Part along i']"
    thumb = page.page.locator(f"{label} [role=slider], {label}[role=slider]").last
    thumb.focus()
    for _ in range(3):
        page.press("PageDown")
    page.wait("render_crop.i[1] < 720")
    eventually(page, lambda pixels: grey(pixels) < 0.98 * whole)
    switch(page, "Show a part only")
    page.wait("!render_cropped")


def test_a_picture_and_a_turntable_are_downloaded(page: WebPage, tmp_path: Path) -> None:
    picture = np.asarray(Image.open(page.download("Download picture of the 3D view", tmp_path)).convert("RGB"), int)
    assert blue(picture) > 50
    choose(page, "Fast")
    page.wait("render_detail === '4000000'")
    settle(page)
    choose(page, "Turntable")
    page.wait("render_turn_ready && render_turn_percent === -1")
    with Image.open(page.download("Download turntable", tmp_path)) as animation:
        assert animation.n_frames == 36


def test_a_turntable_can_be_stopped(page: WebPage) -> None:
    choose(page, "Turntable")
    page.wait("render_turn_percent > 0")
    page.named("Stop the turntable").click()
    page.wait("render_turn_percent === -1 && !render_turn_ready")


def test_switched_off_nothing_of_it_is_left(page: WebPage) -> None:
    switch(page, "Volume: see into the classes")
    page.wait("!render_shown")
    eventually(page, lambda pixels: blue(pixels) + grey(pixels) < 100)
    switch(page, "Surfaces of the classes")
    page.wait("surfaces && has_surfaces")
