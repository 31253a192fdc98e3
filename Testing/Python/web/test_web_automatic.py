"""Automatic masks in a real browser: real cement, trained weights, the table, rules, classes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pictures
import pytest
from PIL import Image
from playwright.sync_api import Browser
from web_parts import OUTPUT, RunningApp, WebPage


@pytest.fixture(scope="module")
def cement_app(real_weights: Path, volumes: Path) -> Iterator[RunningApp]:
    app = RunningApp("--weights", real_weights, "--volume", volumes / "qim3d_cement_128x128x128.tif")
    yield app
    app.stop()


@pytest.fixture(scope="module")
def the_page(browser: Browser, cement_app: RunningApp) -> Iterator[WebPage]:
    """The page in automatic mode with few points, on slice 64."""
    opened = WebPage.open(browser, cement_app)
    opened.wait("engine_phase === 'ready'")
    opened.show_slice("Axial", 64)
    say_the_size_is_right(opened)
    press(opened, "Automatic")
    opened.wait("mode === 'automatic'")
    unfold(opened, "Settings")
    field(opened, "points per side").fill("24" if pictures.are_taken() else "8")
    opened.wait("auto_valid && auto_preset === ''")
    unfold(opened, "Settings")
    yield opened
    opened.page.context.close()


@pytest.fixture
def page(the_page: WebPage) -> Iterator[WebPage]:
    yield the_page
    assert the_page.errors == []


@pytest.fixture
def found(page: WebPage) -> WebPage:
    """The page with the objects of one slice, none selected, nothing submitted."""
    while page["undo_text"]:
        text = page["undo_text"]
        page.press("Control+z")
        page.wait(f"undo_text !== {text!r}")
    say_the_size_is_right(page)
    if not page["detected_count"]:
        press(page, "Find objects")
        page.wait("!run_running && detected_count > 0")
    page.press("Escape")
    page.wait("detected_selected === 0")
    return page


def say_the_size_is_right(page: WebPage) -> None:
    """Asking is for a person, not for the picture."""
    if page["voxel_question"]:
        press(page, "It is right")
        page.wait("!voxel_question")


def press(page: WebPage, name: str) -> None:
    page.page.get_by_role("button", name=name, exact=True).first.click()


def unfold(page: WebPage, name: str) -> None:
    page.toggle_panel(name, within=".inner")


def field(page: WebPage, label: str):
    return page.page.get_by_label(label, exact=True).first


def row(page: WebPage, position: int):
    return page.page.locator(".detected-table tbody tr").nth(position)


def middle_of(page: WebPage, position: int) -> tuple[int, int, int]:
    """A voxel in the middle of a row's bounding box; pores are round."""
    box = page["detected_rows"][position]["cells"][8]
    (i0, i1), (j0, j1), (k0, k1) = ((int(end) for end in side.split("–")) for side in box.split(", "))
    return (i0 + i1) // 2, (j0 + j1) // 2, (k0 + k1) // 2


def coloured_pixels(page: WebPage) -> int:
    """Pixels of the axial view that are not grey."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    page.page.screenshot(path=OUTPUT / "view.png", clip=page.box("Axial"))
    picture = np.asarray(Image.open(OUTPUT / "view.png").convert("RGB"), int)
    return int(np.count_nonzero(np.ptp(picture, axis=2) > 25))


def color_at(page: WebPage, place: tuple[float, float]) -> tuple[float, ...]:
    """Mean colour, red, green and blue, round a place on the page."""
    x, y = place
    page.page.screenshot(path=OUTPUT / "spot.png", clip={"x": x - 2, "y": y - 2, "width": 5, "height": 5})
    return tuple(np.asarray(Image.open(OUTPUT / "spot.png").convert("RGB"), float).mean(axis=(0, 1)))


def test_a_wrong_setting_says_why_and_nothing_can_be_started(page: WebPage) -> None:
    unfold(page, "Settings")
    field(page, "points per side").fill("0")
    page.wait("!auto_valid")
    page.page.get_by_text("Expected 1 to 256, got 0.").wait_for()
    page.until(page.page.get_by_role("button", name="Find objects").is_disabled)
    page.screenshot("automatic-setting")
    field(page, "points per side").fill("8")
    page.wait("auto_valid")
    field(page, "points per side").blur()
    field(page, "points per side").fill("5")
    page.wait("auto_fields.some(each => each.value === '5')")
    field(page, "points per side").press_sequentially(".5")
    page.wait("!auto_valid && auto_fields.some(each => each.value === '5.5')")
    field(page, "points per side").press("Enter")
    page.wait("auto_valid && auto_fields.every(each => each.value !== '5.5')")
    # the 5 before the point was never meant
    page.until(lambda: field(page, "points per side").input_value() == "8")
    unfold(page, "Settings")
    page.until(page.page.get_by_role("button", name="Find objects").is_enabled)


def test_points_that_were_clicked_are_asked_instead_of_a_grid(page: WebPage) -> None:
    press(page, "Click")
    page.wait("mode === 'click'")
    page.click(*page.place_of("Axial", (60, 60, 64)))
    page.wait("can_submit")
    press(page, "Automatic")
    page.wait("mode === 'automatic'")
    unfold(page, "Settings")
    press(page, "Ask my points")
    page.wait("auto_own_points === 1 && auto_valid")
    page.page.get_by_text("1 point of your own is asked on every slice instead of a grid").wait_for()
    assert field(page, "points per side").input_value() == ""
    page.screenshot("automatic-points")
    press(page, "Ask a grid")
    page.wait("auto_own_points === 0")
    field(page, "points per side").fill("8")
    page.wait("auto_valid")
    unfold(page, "Settings")


def test_objects_of_a_slice_are_offered_in_the_table_and_in_colour(found: WebPage) -> None:
    assert found["detected_count"] > 5 and found["unfiltered_count"] >= found["detected_count"]
    assert row(found, 0).inner_text().split("\t")[4] == "1"
    found.until_seen(lambda: coloured_pixels(found) > 500)
    found.screenshot("automatic")


def test_a_row_selects_its_object_and_a_click_on_the_slice_its_row(found: WebPage) -> None:
    row(found, 2).click()
    found.wait("detected_selected === 1 && detected_rows[2].selected")
    place = found.place_of("Axial", middle_of(found, 0))
    found.click(*place)
    found.wait("detected_selected === 1 && detected_rows[0].selected")
    row(found, 3).click(modifiers=["Shift"])
    row(found, 1).click(modifiers=["Control"])
    found.wait("detected_selected > 1")
    assert found["prompted_slices"] == 0


def test_columns_sort_by_their_numbers(found: WebPage) -> None:
    head = found.page.locator(".detected-table th", has_text="Round")
    head.click()
    found.wait("detected_sort === 'roundness'")
    shown = [float(each["cells"][5]) for each in found["detected_rows"]]
    assert shown == sorted(shown, reverse=True)
    head.click()
    found.wait("!detected_descending")
    found.page.locator(".detected-table th", has_text="Volume").click()
    found.wait("detected_sort === 'volume' && detected_descending")


@pytest.mark.picture
def test_selected_objects_become_a_class_and_come_back(found: WebPage) -> None:
    place = found.place_of("Axial", middle_of(found, 0))
    before = found.at_rest_seen(lambda: color_at(found, place))
    row(found, 0).click()
    row(found, 1).click(modifiers=["Control"])
    found.wait("detected_selected === 2")
    found.named("Submit objects").click()
    found.wait("detected_rows[0].state === 'submitted' && undo_text.includes('2 objects')")
    found.wait("has_surfaces")
    found.until_seen(lambda: np.abs(np.subtract(color_at(found, place), before)).max() > 10)
    found.page.evaluate("trame.state.set('panels', ['prompts'])")
    found.picture("web-automatic")
    found.press("Control+z")
    found.wait("detected_rows[0].state === 'open' && !undo_text.includes('Submit')")
    found.press("Escape")
    found.wait("detected_selected === 0")
    # the views show no voxel that is gone
    found.until_seen(lambda: np.allclose(color_at(found, place), before, atol=3))


def test_rejected_objects_are_left_out(found: WebPage) -> None:
    row(found, 0).click()
    found.wait("detected_selected === 1")
    press(found, "Reject")
    found.wait("detected_rows[0].state === 'rejected'")
    found.press("Control+z")
    found.wait("detected_rows[0].state === 'open'")


def test_a_rule_is_shown_first_and_then_applied(found: WebPage) -> None:
    unfold(found, "Rules")
    press(found, "Add rule")
    found.wait("rules.length === 1")
    found.named("Rule to").locator("visible=true").first.fill("abc")
    found.wait("!rules_valid")
    found.named("Rule from").locator("visible=true").first.focus()
    assert not found["rules_valid"]  # both ends are typed together
    found.named("Remove rule").locator("visible=true").first.focus()
    found.wait("rules_valid")
    found.until(lambda: found.named("Rule to").locator("visible=true").first.input_value() == "")
    found.named("Rule to").locator("visible=true").first.fill("60")
    found.wait("rules_valid && rules_fit > 0")
    found.named("Show rules").click()
    found.wait("rules_shown")
    found.screenshot("automatic-rules")
    dark = found["rules_fit"]
    press(found, "Apply")
    found.wait(
        "undo_text.includes('Submit') && detected_rows.filter(each => each.state === 'submitted').length === "
        f"Math.min({dark}, detected_rows.length)"
    )
    found.named("Remove rule").click()
    found.wait("rules.length === 0")
    unfold(found, "Rules")


def test_the_table_can_be_taken_away(found: WebPage, tmp_path: Path) -> None:
    with found.download("Download objects", tmp_path).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found["detected_count"] and float(rows[0]["volume_mm3"]) > 0


def test_a_run_over_slices_is_stopped_and_resumed(found: WebPage) -> None:
    press(found, "From - to")
    field(found, "First slice").fill("4711")
    field(found, "Last slice").focus()
    found.wait("notice.startsWith('First slice: There are the slices 0 to 127, and no slice')")
    found.until(lambda: field(found, "First slice").input_value() == "0")
    field(found, "First slice").fill("64")
    field(found, "Last slice").fill("66")
    press(found, "Find objects")
    found.wait("run_running && run_text.startsWith('1 of 3')")
    with found.app.frozen("RWTHSAMLib.worker"):  # else the run may end before it is stopped
        press(found, "Stop")
        found.wait("run_stopped")
        found.screenshot("automatic-run")
        done = found["run_text"]
    press(found, "Resume")
    found.wait("run_percent < 0 && detected_count > 0")
    assert done in ("Stopped after 1 of 3 slices", "Stopped after 2 of 3 slices")  # the next may have been done by then
    assert max(int(each["cells"][3]) for each in found["detected_rows"]) == 3
    press(found, "This slice")


def test_clicking_goes_on_as_before(found: WebPage) -> None:
    press(found, "Click")
    found.wait("mode === 'click'")
    found.click(*found.place_of("Axial", (100, 117, 64)))
    found.wait("can_submit")
    found.clear()
    press(found, "Automatic")
    found.wait("mode === 'automatic'")
