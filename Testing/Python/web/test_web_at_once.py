"""What is done in quick succession is taken in its order, and what comes to be shown is whole from the first moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from web_parts import WebPage

NOTE_NAMELESS = """
    window.nameless = [];
    new MutationObserver(() => nameless.push(
        ...[...document.querySelectorAll('.layout-grid-item img')].filter((each) => !each.alt).map(String)
    )).observe(document.body, { subtree: true, childList: true });
"""
PICTURES = """() => [...document.querySelectorAll('.layout-grid-item')].map(
    (each) => [each.querySelector('.view-head span')?.textContent.trim(), each.querySelector('img')?.alt]
)"""
PRESS_ONE_AFTER_THE_OTHER = """keys => {
    for (const key of keys) document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}"""


@pytest.fixture
def page(first_page: WebPage) -> Iterator[WebPage]:
    yield first_page
    assert first_page.errors == []


def test_pictures_of_views_have_a_name_as_soon_as_they_are_there(page: WebPage) -> None:
    page.page.evaluate(NOTE_NAMELESS)
    try:
        for name, views in (("3D view only", ["3D"]), ("Four equal views", ["Axial", "Coronal", "3D", "Sagittal"])):
            page.named(name).click()
            page.until(lambda views=views: page.page.evaluate(PICTURES) == [[each, f"{each} view"] for each in views])
    finally:
        page.named("One large view").click()
        page.wait("layout === 'primary' && slice_Axial.axis")
    assert page.page.evaluate("nameless") == []


def test_an_action_works_with_what_was_typed_before_it_though_an_answer_is_outstanding(page: WebPage) -> None:
    field = page.page.get_by_label("New class")
    page.page.evaluate("trame.client.beginBusy()")
    try:
        field.fill("One more")
        field.press("Enter")
        page.wait("classes.at(-1).name === 'One more' && !class_new_name")
    finally:
        page.page.evaluate("trame.client.endBusy()")


def test_a_key_right_after_enter_is_a_key_of_the_page(page: WebPage) -> None:
    page.press("1")
    page.wait("class_id === classes[0].id")
    page.named("Number of the coronal slice").focus()
    page.page.evaluate(PRESS_ONE_AFTER_THE_OTHER, ["Enter", "3"])
    page.wait("class_id === classes[2].id")
