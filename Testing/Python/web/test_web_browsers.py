"""Screens of high resolution, a second browser, a page that is loaded anew, and a worker that does not answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from web_parts import RunningApp, WebPage

VOXEL_IJK = (140, 96, 48)


@pytest.fixture
def page(browser: Browser, phantom_app: RunningApp) -> Iterator[WebPage]:
    """A page of its own, on a slice of the phantom without prompts."""
    opened = opened_anew(browser, phantom_app)
    yield opened
    opened.clear()
    assert opened.errors == []
    opened.page.context.close()


def opened_anew(browser: Browser, app: RunningApp, **context: object) -> WebPage:
    opened = WebPage.open(browser, app, **context)
    opened.wait("engine_phase === 'ready'")
    opened.clear()
    opened.show_slice("Axial", VOXEL_IJK[2])
    return opened


@pytest.mark.parametrize("scale", [1, 1.5, 2])
def test_a_click_lands_on_the_voxel_that_is_pointed_at(browser: Browser, phantom_app: RunningApp, scale: float) -> None:
    opened = opened_anew(browser, phantom_app, device_scale_factor=scale)
    place = opened.place_of("Axial", VOXEL_IJK)
    pointed_at = opened.probe(*place)
    opened.click(*place)
    opened.wait("prompts.length === 1")
    column, row = map(float, re.findall(r"-?[\d.]+", opened["prompts"][0]["text"]))
    assert max(abs(column - pointed_at[0]), abs(row - pointed_at[1])) <= 0.5
    opened.clear()
    assert opened.errors == []
    opened.page.context.close()


def test_a_second_browser_is_told_and_may_once_the_first_has_left(browser: Browser, phantom_app: RunningApp) -> None:
    first = opened_anew(browser, phantom_app)
    second = browser.new_context().new_page()
    refused = second.goto(phantom_app.address)
    assert refused.status == 409 and "already open in another browser" in second.inner_text("body")
    first.press("2")
    first.wait("class_id === classes[1].id")
    first.press("1")
    first.wait("class_id === classes[0].id")
    first.page.context.close()
    first.until(lambda: second.goto(phantom_app.address).status == 200)
    second.wait_for_function("window.trame && trame.state && trame.state.get('has_scan')")
    second.context.close()


def test_a_page_that_is_loaded_anew_in_the_middle_of_a_job_shows_it_and_can_end_it(page: WebPage) -> None:
    page.open_panel("Model")
    with page.app.frozen("RWTHSAMLib.worker"):
        page.page.get_by_role("button", name="Prepare all slices").click()
        page.wait("embedding_percent >= 0")
        page.load_anew()
        page.wait("embedding_percent >= 0")
    page.open_panel("Model")
    page.named("Stop preparing slices").click()
    page.wait("embedding_percent === -1")


def test_while_the_worker_stands_still_the_page_goes_on_and_says_what_it_waits_for(page: WebPage) -> None:
    place = page.place_of("Axial", VOXEL_IJK)
    with page.app.frozen("RWTHSAMLib.worker"):
        page.click(*place)
        page.wait("prompts.length === 1 && status_level === 'busy' && !can_submit")
        page.press("2")
        page.wait("class_id === classes[1].id")
        page.show_slice("Axial", VOXEL_IJK[2] + 1)
        assert page["status_text"]
        page.press("1")
        page.wait("class_id === classes[0].id")
        page.show_slice("Axial", VOXEL_IJK[2])
        page.press("Control+z")
        page.wait("prompts.length === 0")
        page.press("Control+y")
        page.wait("prompts.length === 1 && !can_submit")
    page.wait("can_submit && status_level !== 'busy'")
