"""A click is where it was made, also when the view has just changed its size, or has just come to be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from web_parts import WebPage

LOWER_BY_PX = 170
MAKE_LOWER_AND_CLICK = """([lower, x, y]) => {
    const view = document.querySelector('.layout-grid-container');
    view.style.maxHeight = `${view.getBoundingClientRect().height - lower}px`;
    const about = { bubbles: true, cancelable: true, clientX: x, clientY: y, pointerType: 'mouse', isPrimary: true };
    const hit = document.elementFromPoint(x, y);
    for (const [type, buttons] of [['pointermove', 0], ['pointerdown', 1], ['pointerup', 0]]) {
        const at = type === 'pointermove' ? -1 : 0;
        hit.dispatchEvent(new PointerEvent(type, { ...about, pointerId: 1, button: at, buttons }));
    }
}"""
CLICK_AS_SOON_AS_THERE_IS_A_VIEW = """
    new MutationObserver((_, observer) => {
        const hit = document.querySelector('.layout-grid-item .image-display-area')?.parentElement;
        const isThere = hit && hit.getBoundingClientRect().height && window.trame?.client.isConnected();
        if (!isThere || !sessionStorage.clicksAtOnce) return;
        observer.disconnect();
        delete sessionStorage.clicksAtOnce;
        const { left, top, width, height } = hit.getBoundingClientRect();
        const about = { bubbles: true, cancelable: true, pointerType: 'mouse', isPrimary: true, pointerId: 1 };
        const place = { clientX: left + 0.5 * width, clientY: top + 0.5 * height };
        hit.dispatchEvent(new PointerEvent('pointerdown', { ...about, ...place, button: 0, buttons: 1 }));
        hit.dispatchEvent(new PointerEvent('pointerup', { ...about, ...place, button: 0, buttons: 0 }));
    }).observe(document, { subtree: true, childList: true, attributes: true });
"""


@pytest.fixture
def page(first_page: WebPage) -> Iterator[WebPage]:
    yield first_page
    assert first_page.errors == []


def test_a_click_right_after_the_view_became_lower_is_where_it_was_made(page: WebPage) -> None:
    box = page.box("Axial")
    x, y = box["x"] + 0.5 * box["width"], box["y"] + 0.45 * box["height"]
    page.page.evaluate(MAKE_LOWER_AND_CLICK, [LOWER_BY_PX, x, y])
    try:
        page.wait("prompts.length === 1")
        i, j, _ = page.probe(x, y)
        assert page.box("Axial")["height"] == pytest.approx(box["height"] - LOWER_BY_PX, abs=2)
        assert page.page.evaluate("trame.state.get('prompts')[0].text") == f"{i}, {j}"
    finally:
        page.page.evaluate("document.querySelector('.layout-grid-container').style.maxHeight = ''")


def test_a_click_on_a_view_that_has_just_come_to_be_is_where_it_was_made(page: WebPage) -> None:
    page.clear()
    page.page.add_init_script(CLICK_AS_SOON_AS_THERE_IS_A_VIEW)
    page.page.evaluate("sessionStorage.clicksAtOnce = true")  # once: the script stays with the page
    page.load_anew()
    page.wait("prompts.length === 1")


def test_a_place_in_a_view_is_the_same_after_another_page_has_told_how_large_its_views_are(page: WebPage) -> None:
    box = page.box("Axial")
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = page.probe(*middle)
    other = WebPage(page.page.context.new_page(), page.app)
    other.page.set_viewport_size({"width": 900, "height": 600})
    other.page.goto(page.page.url)
    other.wait_for_scan()
    small = other.box("Axial")
    assert other.probe(small["x"] + small["width"] / 2, small["y"] + small["height"] / 2) == pytest.approx(
        before, abs=1
    )
    page.page.bring_to_front()
    assert page.probe(*middle) == pytest.approx(before, abs=1)
    other.page.close()
