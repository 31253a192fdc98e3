"""What is refused is told in the words of its field, also when that is left, and the keyboard stays where it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from web_parts import WebPage

from RWTHSAMWeb.state import page_values

SCAN_PATH = page_values.LABELS["scan_path"]


@pytest.fixture
def page(first_page: WebPage) -> WebPage:
    first_page.page.evaluate("trame.state.set('notice', '')")
    first_page.wait("!notice")
    yield first_page
    first_page.press("Escape")


def type_and_leave(page: WebPage, label: str, text: str) -> str:
    """Type into a field, leave it by Tab, and return what it holds then."""
    field = page.page.get_by_label(label, exact=True)
    field.fill("")
    page.wait("!trame__busy")
    field.press_sequentially(text)
    field.press("Tab")
    page.wait("!!notice")
    page.until(lambda: field.input_value() != text)
    expect(field).not_to_be_focused()
    return field.input_value()


def test_a_slice_of_the_propagation_that_is_none_gives_way_with_a_word(page: WebPage) -> None:
    page.open_panel("Segment")
    page.toggle_panel("Through the volume")
    assert type_and_leave(page, "First slice", "x") == ""
    assert page["notice"] == "First slice: expected a whole number or nothing, got 'x'. It is empty again."
    expect(page.page.get_by_label("Last slice", exact=True)).to_be_focused()
    page.page.get_by_label("First slice", exact=True).fill("3")
    page.wait("prop_values.first.value === '3' && !notice")
    assert type_and_leave(page, "Last slice", "1") == ""
    assert page["notice"] == "Last slice: expected from-to, got 3 to 1. It is empty again."
    page.screenshot("refused-first-slice")
    page.page.get_by_label("First slice", exact=True).fill("")
    page.wait("prop_values.first.value === ''")
    page.toggle_panel("Through the volume")


def test_a_setting_of_the_automatic_mode_gives_way_with_a_word(page: WebPage) -> None:
    page.page.get_by_role("button", name="Automatic", exact=True).click()
    page.wait("mode === 'automatic'")
    page.toggle_panel("SAM settings")
    assert type_and_leave(page, "points per side", "5.5") == "32"
    assert page["notice"] == "Points per side: expected a whole number or nothing, got '5.5'. It is 32 again."
    page.toggle_panel("SAM settings")
    page.toggle_panel("Filters")
    page.page.evaluate("trame.state.set('notice', '')")
    lower = page.page.get_by_label("Mean grey from", exact=True)
    lower.fill("dark")
    page.wait("auto_grey[0] === 'dark'")
    lower.press("Tab")  # the other end may be meant to be typed first
    page.page.keyboard.press("Tab")
    page.wait("auto_grey[0] === '' && !!notice")
    assert page["notice"] == "Mean grey from: expected a number or nothing, got 'dark'. It is open to open again."
    page.toggle_panel("Filters")
    page.page.get_by_role("button", name="Click", exact=True).click()
    page.wait("mode === 'click'")


def test_a_path_that_is_too_long_is_told_by_the_label_of_its_field(page: WebPage) -> None:
    page.open_panel("Scan")
    field = page.page.get_by_role("textbox", name=SCAN_PATH)
    before = field.input_value()
    field.fill("/" + "a" * 5000)
    page.wait("!!notice")
    assert page["notice"] == f"{SCAN_PATH}: expected at most 4096 characters, got 5001."
    page.until(lambda: field.input_value() == before)


def test_no_message_has_the_inner_name_of_a_value() -> None:
    typed = [key for key, kind in page_values.OF_THE_PAGE.items() if kind == str | None]
    assert len(typed) > 4 and set(typed) <= page_values.LABELS.keys() <= page_values.OF_THE_PAGE.keys()
