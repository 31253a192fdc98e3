"""From a click to an object in the volume, in a real browser, with trained weights."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from playwright.sync_api import Locator, expect
from shared_page import VIEWPORT
from web_parts import CORE_IJK, WebPage

from RWTHSAMLib.algorithms.propagation.belief import WORDS

FIRST, LAST = CORE_IJK[2] - 2, CORE_IJK[2] + 3

CUT_TEXTS = (
    "row => [...row.querySelectorAll('*')].filter(each => each.scrollWidth > each.clientWidth + 1 && each.clientWidth)"
)


@pytest.fixture(scope="module")
def the_page(cell_page: WebPage) -> WebPage:
    """The page on a slice through the core, the class Core chosen, the range set to a few slices."""
    cell_page.page.emulate_media(reduced_motion="no-preference")
    cell_page.press("4")
    cell_page.wait("class_name === 'Core'")
    unfold(cell_page, "Through the volume")
    field(cell_page, "First slice").fill(str(FIRST))
    field(cell_page, "Last slice").fill(str(LAST))
    cell_page.wait(f"prop_values.first.value == '{FIRST}' && prop_values.last.value == '{LAST}'")
    return cell_page


@pytest.fixture
def page(the_page: WebPage) -> Iterator[WebPage]:
    the_page.clear()
    if the_page["prop_there"]:  # confirmed slices keep it without prompts
        the_page.page.get_by_role("button", name="Discard").click()
    the_page.wait("!prop_there")
    yield the_page
    assert the_page.errors == []


@pytest.fixture
def propagated(page: WebPage) -> WebPage:
    """The page with the core on the slices of the range."""
    page.click(*page.place_of("Axial", CORE_IJK))
    page.wait("can_submit")
    page.page.get_by_role("button", name="Propagate", exact=True).click()
    page.wait("prop_there && !prop_running")
    return page


def field(page: WebPage, label: str):
    return page.page.get_by_label(label, exact=True).first


def unfold(page: WebPage, name: str) -> None:
    page.toggle_panel(name)


def test_nothing_can_be_propagated_before_there_is_a_mask(page: WebPage) -> None:
    page.until(page.page.get_by_role("button", name="Propagate", exact=True).is_disabled)


def test_that_stop_was_pressed_is_seen_at_once_however_busy_the_server_is(page: WebPage) -> None:
    page.click(*page.place_of("Axial", CORE_IJK))
    page.wait("can_submit")
    # before any test that lets it end: what was computed once is known, and needs no worker
    with page.app.frozen("RWTHSAMLib.worker"):
        page.page.get_by_role("button", name="Propagate", exact=True).click()
        page.wait("prop_running")
        stop = page.page.get_by_role("button", name="Stop", exact=True)
        stop.wait_for()
        with page.app.standing_still():
            stop.click()
            expect(page.page.get_by_role("button", name="Stopping ...")).to_be_disabled()
            expect(page.page.locator("#status")).to_have_text("Stopping ...")
        page.wait("!prop_running && !stopping")
        expect(page.page.locator("#status")).not_to_have_text("Stopping ...")


def test_the_end_moves_nothing_under_the_mouse_and_is_in_sight_when_that_leaves(page: WebPage) -> None:
    page.click(*page.place_of("Axial", CORE_IJK))
    page.wait("can_submit")
    page.page.set_viewport_size({"width": 1366, "height": 600})
    button = page.page.get_by_role("button", name="Propagate", exact=True)
    button.evaluate("each => each.scrollIntoView({ block: 'end' })")
    page.rest()
    before = button.bounding_box()
    button.click()
    page.wait("prop_there && !prop_running")
    button.wait_for()
    assert page.at_rest(button.bounding_box)["y"] == pytest.approx(before["y"], abs=1)
    legend, foot = page.page.get_by_text("Strip below the slices"), page.page.locator(".work-foot")
    assert not is_above(legend, foot), "there is something to be brought into sight"
    page.page.mouse.move(700, 300)  # into a view
    page.until(lambda: is_above(legend, foot))
    page.page.set_viewport_size(VIEWPORT)


def is_above(upper: Locator, lower: Locator) -> bool:
    above, below = upper.bounding_box(), lower.bounding_box()
    return above is not None and below is not None and above["y"] + above["height"] <= below["y"]


def test_a_click_becomes_an_object_that_is_green_in_every_view(page: WebPage) -> None:
    before = page.at_rest_seen(lambda: page.green_pixels("Coronal"))
    page.click(*page.place_of("Axial", CORE_IJK))
    page.wait("can_submit")
    page.page.get_by_role("button", name="Propagate", exact=True).click()
    text = f"k = {FIRST} to {LAST}"
    page.wait(f"prop_there && !prop_running && prop_text === '{text}' && status_text.includes('{text}')")
    page.until_seen(lambda: page.green_pixels("Coronal") > before + 100)
    page.screenshot("propagated")


def test_the_object_is_submitted_as_one_step_and_comes_back_with_undo(propagated: WebPage, tmp_path: Path) -> None:
    propagated.named("Submit").click()
    propagated.wait("!prop_there && undo_text.includes('Core')")
    propagated.open_panel("Result")
    image = sitk.ReadImage(str(propagated.download("Download segmentation", tmp_path)))
    voxels = sitk.GetArrayFromImage(image)
    offset = [int(number) for number in image.GetMetaData("Segmentation_ReferenceImageExtentOffset").split()]
    filled = np.flatnonzero(voxels.reshape(len(voxels), -1).any(axis=1)) + offset[2]
    assert filled.tolist() == list(range(FIRST, LAST + 1))
    propagated.press("Control+z")
    propagated.wait("prop_there && prompted_slices === 1 && can_submit")


def test_the_table_of_slices_can_be_downloaded(propagated: WebPage, tmp_path: Path) -> None:
    rows = list(csv.DictReader(propagated.download("Download slices", tmp_path).read_text().splitlines()))
    assert [int(each["slice"]) for each in rows] == list(range(FIRST, LAST + 1))


def test_strict_limits_make_slices_doubtful_and_a_click_jumps_there(propagated: WebPage) -> None:
    unfold(propagated, "When the object ends")
    field(propagated, "doubtful below").fill("1")
    propagated.wait("!prop_running && prop_doubtful.length > 0")
    strip = propagated.page.get_by_role("img", name="Axial slices of the object").get_attribute("style")
    assert strip is not None and "rgb(230, 159, 0)" in strip and "rgb(255, 255, 255)" in strip
    propagated.screenshot("propagated-doubtful")
    worst = propagated["prop_doubtful"][0]["index"]
    row = propagated.page.locator(".doubtful-list .prompt-row").first
    assert row.evaluate(CUT_TEXTS) == [], "a reason is told whole"
    assert propagated.page.locator(".doubtful-list .chosen").count() <= 1
    row.click()
    propagated.wait(f"slice_Axial.index === {worst}")
    propagated.until(lambda: "chosen" in str(row.get_attribute("class")))
    for text in ("how likely the mask is right", *WORDS.values()):
        assert propagated.page.locator(".work-drawer").get_by_text(text).first.is_visible(), text
    propagated.page.locator(".doubtful-list [aria-label='This slice is right']").first.click()
    propagated.wait(f"!prop_running && prop_doubtful.every(each => each.index !== {worst})")
    field(propagated, "doubtful below").fill("0.5")
    propagated.wait("!prop_running && prop_doubtful.length === 0")
    unfold(propagated, "When the object ends")
    propagated.show_slice("Axial", CORE_IJK[2])


def test_a_rule_out_of_range_says_why(page: WebPage) -> None:
    unfold(page, "When the object ends")
    field(page, "most growth").fill("0.2")
    page.wait("!prop_valid")
    page.page.get_by_text("Expected 1 to 10, got 0.2.").wait_for()
    field(page, "most growth").fill("1.3")
    page.wait("prop_valid")
    unfold(page, "When the object ends")


def test_a_discarded_object_leaves_its_prompts(propagated: WebPage) -> None:
    propagated.page.get_by_role("button", name="Discard").click()
    propagated.wait("!prop_there && prompted_slices === 1 && can_submit")
