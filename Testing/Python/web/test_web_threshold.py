"""A class is thresholded by its grey values in a real browser: seen first, then applied, then taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from web_parts import CORE_IJK, WebPage

CORE_GREY = "3000"
"""About half of the core is darker."""


@pytest.fixture(scope="module")
def the_page(cell_page: WebPage) -> WebPage:
    """The page with the core of one slice in its class, and the section unfolded."""
    cell_page.press("4")
    cell_page.wait("class_name === 'Core'")
    cell_page.click(*cell_page.place_of("Axial", CORE_IJK))
    cell_page.wait("can_submit")
    cell_page.press("Enter")
    cell_page.wait("prompts.length === 0 && has_history")
    cell_page.open_panel("Edit by hand")
    cell_page.page.locator(".v-expansion-panel-title", has_text="Threshold a class").click()
    return cell_page


@pytest.fixture
def page(the_page: WebPage) -> Iterator[WebPage]:
    yield the_page
    for label in ("grey from", "grey to", "rim (mm)"):
        field(the_page, label).fill("")
    show(the_page, False)
    the_page.page.evaluate("document.activeElement.blur()")  # keys are meant for the page, not for a field
    the_page.wait("!threshold_on && Object.values(threshold_values).every(each => !each.value)")
    assert the_page.errors == []


def field(page: WebPage, label: str):
    return page.page.get_by_label(label, exact=True).first


def show(page: WebPage, wanted: bool) -> None:
    """Let the slices show what would be left, or not; the server says whether they do."""
    if page["threshold_on"] != wanted:
        page.page.get_by_label("Show on the slices what would be left").click()
        page.wait("threshold_on" if wanted else "!threshold_on")


def left(page: WebPage) -> int:
    """Pixels that would be left on the slices in view."""
    page.wait("threshold_on && threshold_text.includes('are left')")
    return int(page["threshold_text"].split()[0])


def test_what_would_be_left_is_shown_while_the_numbers_are_typed(page: WebPage) -> None:
    show(page, True)
    everything = left(page)
    field(page, "grey to").fill(CORE_GREY)
    page.wait(f"threshold_text.includes('are left') && !threshold_text.startsWith('{everything} ')")
    assert 0 < left(page) < everything
    page.screenshot("threshold")


def test_what_is_no_number_stays_and_says_why(page: WebPage) -> None:
    field(page, "rim (mm)").fill("thin")
    page.wait("!threshold_valid && threshold_values['rim_mm'].error.includes('number')")
    assert field(page, "rim (mm)").input_value() == "thin"
    page.until(page.page.get_by_role("button", name="Apply threshold", exact=True).is_disabled)


def test_a_class_is_thresholded_and_taken_back(page: WebPage) -> None:
    field(page, "grey to").fill(CORE_GREY)
    page.wait(f"threshold_values['grey_upper'].value === '{CORE_GREY}'")
    page.page.get_by_role("button", name="Apply threshold", exact=True).click()
    page.wait("undo_text.startsWith('Threshold')")
    page.press("Control+z")
    page.wait("redo_text.startsWith('Threshold')")


def test_a_class_without_voxels_says_so(page: WebPage) -> None:
    page.press("7")
    show(page, True)
    page.wait("threshold_text.includes('has no voxels')")
    page.press("4")
    page.wait("threshold_text.includes('are left')")
