"""A tilted view is clicked on in a real browser like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from web_parts import WebPage


@pytest.fixture
def page(first_page: WebPage) -> Iterator[WebPage]:
    yield first_page
    first_page.press("Escape")
    set_angle(first_page, "sideways", 0)
    first_page.press("Escape")
    first_page.wait("!slice_Axial.oblique")
    assert first_page.errors == []


def set_angle(page: WebPage, name: str, degrees: int) -> None:
    """Move a slider of the axial view's tilt with the arrow keys."""
    box = page.box("Axial")
    page.page.mouse.move(box["x"] + 40, box["y"] + 60)
    label = f"Axial tilted {name}"
    slider = page.page.locator(f"[aria-label='{label}'] [role=slider], [aria-label='{label}'][role=slider]").first
    if not slider.is_visible():
        page.named("Tilt Axial view").click()
    position = {"sideways": 0, "upwards": 1}[name]
    while (now := round(page["slice_Axial"]["tilt"][position])) != degrees:
        slider.focus()  # each time: a menu that unfolds takes the focus
        page.press("ArrowRight" if degrees > now else "ArrowLeft")
        with suppress(PlaywrightTimeout):  # a key that came before the menu had unfolded is lost
            page.page.wait_for_function(
                f"Math.round(trame.state.get('slice_Axial').tilt[{position}]) !== {now}", timeout=2000
            )


def until_green(page: WebPage) -> None:
    """Until the picture with the mask has come; the state is there before it."""
    page.until_seen(lambda: page.green_pixels("Axial") >= 1500)


def test_a_tilted_view_is_prompted_submitted_and_turned_back(page: WebPage) -> None:
    set_angle(page, "sideways", 6)
    page.wait("slice_Axial.oblique && slice_Axial.text.startsWith('oblique by 6')")
    page.screenshot("tilted_menu")
    page.press("Escape")
    page.page.locator("[aria-label='Axial tilted sideways']").first.wait_for(state="hidden")
    page.press("4")
    page.wait("class_name === 'Core'")
    box = page.box("Axial")
    page.click(box["x"] + box["width"] / 2 + 14, box["y"] + box["height"] / 2)
    page.wait("can_submit && slice_text.startsWith('oblique through')")
    until_green(page)
    page.screenshot("tilted")
    page.press("Enter")
    page.wait("prompts.length === 0 && has_history")
    page.screenshot("tilted_submitted")
    page.press("Control+z")
    page.wait("prompts.length === 1")
