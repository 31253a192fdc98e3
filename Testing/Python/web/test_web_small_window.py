"""At 1366 x 768 nothing that is to be read is cut, and whatever is pressed stays where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator
from shared_page import VIEWPORT
from web_parts import WebPage

SMALL_WINDOW = {"width": 1366, "height": 768}
PANELS = ("Project", "Scan", "Model", "Profile", "Segment", "Edit by hand", "Result", "3D view")
INNER = {"Click": ("Through the volume",), "Automatic": ("SAM settings", "Filters", "Rules")}
CUT_TEXTS = """() => [...document.querySelectorAll('.v-application *')].filter(each =>
    each.checkVisibility() && each.clientWidth && each.innerText && !each.matches('.v-overlay *, .v-field *')
    && getComputedStyle(each).overflowX === 'hidden' && !each.matches('.work-drawer, .views *')
    && (each.scrollWidth > each.clientWidth + 1
        || each.scrollHeight > each.clientHeight + 2 && getComputedStyle(each).webkitLineClamp !== 'none'))
    .map(each => `${each.className}: ${each.innerText}`)"""
SAY = """([text, probe]) => {
    document.querySelector('#status > span').textContent = text;
    const about = (textContent) => ({ className: 'probe-part', textContent });
    const part = (text) => Object.assign(document.createElement('span'), about(text));
    document.querySelector('.probe').replaceChildren(...probe.split('   ').map(part));
}"""
LONG = (
    "Object on k = 5 to 95, 1,026,899 voxels. Look at k = 30 first: 12 slices are doubtful, and correcting this one "
    "helps most. Enter submits it to 'Jelly roll'."
)
PROBE = "Axial   i 1127   j 1128   k 1048   grey 52416   L 110.44 P 110.46 S 118.00 mm   Jelly roll"


@pytest.fixture(scope="module")
def small_page(cell_page: WebPage) -> Iterator[WebPage]:
    cell_page.page.set_viewport_size(SMALL_WINDOW)
    yield cell_page
    cell_page.page.set_viewport_size(VIEWPORT)


@pytest.fixture
def page(small_page: WebPage) -> Iterator[WebPage]:
    yield small_page
    assert small_page.errors == []


def unfold(page: WebPage, *names: str) -> None:
    page.page.evaluate("names => trame.state.set('panels', names)", list(names))
    page.rest()


def choose_mode(page: WebPage, name: str) -> None:
    page.page.locator(".work-drawer").get_by_role("button", name=name, exact=True).first.click()
    page.wait(f"mode === '{name.lower()}'")


@pytest.mark.parametrize("name", PANELS)
def test_no_text_of_a_panel_is_cut(page: WebPage, name: str) -> None:
    unfold(page)
    page.open_panel(name)
    page.until(lambda: page.page.evaluate(CUT_TEXTS) == [])


@pytest.mark.parametrize("mode", INNER)
def test_no_text_of_a_mode_is_cut(page: WebPage, mode: str) -> None:
    unfold(page, "prompts")
    choose_mode(page, mode)
    for each in INNER[mode]:
        page.toggle_panel(each)
        page.until(lambda: page.page.evaluate(CUT_TEXTS) == [])
        page.toggle_panel(each)
    choose_mode(page, "Click")


def test_the_longest_words_of_the_status_line_are_not_cut(page: WebPage) -> None:
    page.page.evaluate(SAY, [LONG, PROBE])
    assert page.page.evaluate(CUT_TEXTS) == []
    page.screenshot("small-window-status")


def test_the_cut_of_the_volume_is_in_sight_with_its_panel(page: WebPage) -> None:
    unfold(page, "profile", "prompts")
    page.open_panel("3D view")
    quarter = page.page.get_by_role("button", name="Quarter", exact=True)
    page.until(lambda: _is_in_sight(quarter))
    quarter.click()
    page.wait("render_shown && render_cut === 'quarter' && render_percent === -1")
    page.screenshot("small-window-quarter")
    assert _is_in_sight(quarter)
    page.page.get_by_label("Volume: see into the classes").click()
    page.wait("!render_shown")


def _is_in_sight(button: Locator) -> bool:
    box = button.bounding_box()
    foot = button.page.locator(".work-foot").bounding_box()
    return box is not None and foot is not None and box["y"] >= 0 and box["y"] + box["height"] <= foot["y"]


@pytest.mark.parametrize("name", PANELS)
def test_every_switch_stays_in_place_when_it_is_pressed(page: WebPage, name: str) -> None:
    unfold(page, "profile", "prompts", "native", "result")
    page.open_panel(name)
    panel = page.page.locator(".work-drawer .v-expansion-panel").filter(has_text=name).last
    assert panel.is_visible()
    for kind in ("[type=checkbox]", ".tool-choice .v-btn"):
        for number in range(panel.locator(kind).count()):
            _press_and_press_again(page, panel.locator(kind).nth(number))


def _press_and_press_again(page: WebPage, switch: Locator) -> None:
    if not switch.is_visible() or not switch.is_enabled():
        return
    switch.scroll_into_view_if_needed()
    page.rest()
    chosen = switch.evaluate("each => [...each.parentElement.children].findIndex(e => e.matches('.v-btn--active'))")
    for _ in range(2):
        before = switch.bounding_box()
        switch.click()
        page.wait("!trame__busy && !busy_text && render_percent === -1")
        page.rest()
        now = switch.bounding_box()
        assert before is not None and now is not None
        assert now["y"] == pytest.approx(before["y"], abs=1), switch.evaluate("e => e.ariaLabel || e.innerText")
        if chosen >= 0:
            switch = switch.locator("xpath=..").locator(":scope > .v-btn").nth(chosen)
