"""The classes as a volume in the 3D view, in a real browser."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image
from playwright.sync_api import Browser
from web_parts import RunningApp, WebPage

SHAPE_KJI = (20, 48, 48)
SMALL_WINDOW = {"width": 1100, "height": 640}
"""Without a GPU every pixel of a volume rendering takes its time."""
_HEAD_PIXELS = 32
_LOOKS_AT_REST = 4


@pytest.fixture(scope="module")
def a_tube(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files of a scan of an open tube with a core, and of the core as the only class, blue."""
    j, i = np.ogrid[: SHAPE_KJI[1], : SHAPE_KJI[2]]
    radius = np.hypot(i - 23.5, j - 23.5)
    values, labels = np.full(SHAPE_KJI, 20, np.uint8), np.zeros(SHAPE_KJI, np.uint8)
    values[:, (radius > 19) & (radius < 22)] = 200
    values[6:14, radius < 9], labels[6:14, radius < 9] = 150, 1
    folder = tmp_path_factory.mktemp("tube")
    scan, core = folder / "tube.nrrd", folder / "core.nii.gz"
    for path, array in ((scan, values), (core, labels)):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing((0.2, 0.2, 0.4))
        sitk.WriteImage(image, str(path))
    (folder / "core.ctbl").write_text("# Color table file\n0 Background 0 0 0 0\n1 Core 0 114 178 255\n")
    return scan, core


@pytest.fixture(scope="module")
def the_page(browser: Browser, trained_weights: Path, a_tube: tuple[Path, Path]) -> Iterator[WebPage]:
    """The page with the core in its class and the panel open; drawn without a GPU, a small scan is quick."""
    scan, core = a_tube
    app = RunningApp("--weights", trained_weights, "--volume", scan, "--segmentation", core)
    opened = WebPage.open(browser, app, viewport=SMALL_WINDOW)
    opened.wait("has_surfaces")
    opened.page.locator(".v-expansion-panel-title", has_text="Profile").click()
    opened.open_panel("3D view")
    yield opened
    opened.page.context.close()
    app.stop()


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
    """The 3D view below its name as the browser shows it, int (rows, columns, 3)."""
    box = page.box("3D")
    shot = page.page.screenshot(clip={**box, "y": box["y"] + _HEAD_PIXELS, "height": box["height"] - _HEAD_PIXELS})
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), int)


def blue(pixels: np.ndarray) -> int:
    """How many pixels have the colour of the core (#0072B2), however pale; the background is less blue."""
    red, green, blue_ = np.moveaxis(pixels, 2, 0)
    return int(np.count_nonzero((blue_ > red + 30) & (blue_ > green + 10)))


def grey(pixels: np.ndarray) -> int:
    """How many pixels have no colour but are brighter than the background."""
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return int(np.count_nonzero((spread < 12) & (pixels.mean(axis=2) > 60)))


@pytest.mark.picture
def test_it_is_off_until_it_is_switched_on(the_page: WebPage) -> None:
    assert the_page["render_shown"] is False
    switch(the_page, "Volume: see into the classes")
    settle(the_page)
    the_page.wait("surfaces === false")
    eventually(the_page, lambda pixels: blue(pixels) > 50 and grey(pixels) > 300)
    the_page.bring_into_sight("3D view")
    the_page.screenshot("rendering")
    the_page.hold_controls("web-rendering")


def test_a_class_is_hidden_and_shown_by_its_eye(page: WebPage) -> None:
    before = at_rest(page, blue, 50)
    page.named("Show or hide Core").click()
    settle(page)
    eventually(page, lambda pixels: blue(pixels) < 0.2 * before)
    page.named("Show or hide Core").click()
    settle(page)
    eventually(page, lambda pixels: blue(pixels) > 0.5 * before)


def test_cut_open_and_cropped_less_is_seen(page: WebPage) -> None:
    whole = at_rest(page, grey, 300)
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
    page.wait("render_crop.i[1] < 47")
    eventually(page, lambda pixels: grey(pixels) < 0.98 * whole)
    switch(page, "Show a part only")
    page.wait("!render_cropped")


def test_the_camera_stays_where_it_was_put_and_the_quarter_faces_it(page: WebPage) -> None:
    box = page.box("3D")
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.drag(middle, (middle[0] + 0.35 * box["width"], middle[1] - 0.1 * box["height"]))
    whole = at_rest(page, blue, 50)
    switch(page, "Volume: see into the classes")
    page.wait("!render_shown")
    switch(page, "Volume: see into the classes")
    settle(page)
    assert at_rest(page, blue, 50) == pytest.approx(whole, rel=0.02)
    choose(page, "Quarter")
    page.wait("render_cut === 'quarter'")
    settle(page)
    eventually(page, lambda pixels: blue(pixels) > 50)
    page.screenshot("quarter")
    assert at_rest(page, blue, 50) != whole
    choose(page, "Whole")
    page.wait("render_cut === 'none'")


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
