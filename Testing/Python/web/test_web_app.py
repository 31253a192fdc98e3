"""The main job in a real browser: a cell, trained weights, real mouse and keys."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from web_parts import CORE_IJK, WebPage

OUTSIDE_CORE_IJK = (93, 123, 25)
# the core of this cell measures about 38 pixels across
CORE_AREA = math.pi * 19**2
CORE_BOX = (75, 72, 112, 112)


@pytest.fixture
def cell(cell_page: WebPage) -> WebPage:
    """The page without prompts or masks, on a slice through the jelly roll, with the class Core chosen."""
    cell_page.page.emulate_media(reduced_motion="no-preference")  # as most people see it
    cell_page.clear()
    cell_page.press("4")
    cell_page.wait("class_name === 'Core'")
    return cell_page


@pytest.fixture
def clicked(cell: WebPage) -> WebPage:
    """The page after one left click on the core."""
    cell.click(*cell.place_of("Axial", CORE_IJK))
    cell.wait("can_submit")
    return cell


def test_a_click_on_the_core_shows_its_mask(cell: WebPage) -> None:
    before = cell.at_rest_seen(lambda: cell.green_pixels("Axial"))
    cell.click(*cell.place_of("Axial", CORE_IJK))
    cell.wait("can_submit && candidates.length === 3")
    assert cell["mask_pixels"] == pytest.approx(CORE_AREA, rel=0.25)
    cell.until_seen(lambda: cell.green_pixels("Axial") > before + 3000)
    cell.screenshot("click")


def test_a_negative_click_changes_the_mask(clicked: WebPage) -> None:
    first = clicked["mask_pixels"]
    clicked.click(*clicked.place_of("Axial", OUTSIDE_CORE_IJK), key="Control")
    clicked.wait(f"can_submit && prompts.length === 2 && mask_pixels !== {first}")
    assert [each["kind"] for each in clicked["prompts"]] == ["positive", "negative"]
    clicked.screenshot("negative")


def test_prompts_are_gathered_before_one_run(cell: WebPage) -> None:
    cell.press("w")
    cell.wait("waits")
    i, j, k = CORE_IJK
    cell.click(*cell.place_of("Axial", (i + 4, j - 3, k)))  # answers to other tests' clicks are known already
    cell.click(*cell.place_of("Axial", OUTSIDE_CORE_IJK), key="Control")
    cell.wait(
        "prompts.length === 2 && status_text.includes('wait for their masks') && !can_submit && mask_pixels === 0"
    )
    cell.screenshot("gathering")
    cell.page.get_by_role("button", name="Compute the masks").click()
    cell.wait("!waits && can_submit && mask_pixels > 0")


def test_candidates_are_cycled_with_a_key(clicked: WebPage) -> None:
    areas = []
    for candidate in (0, 1, 2):
        clicked.wait(f"candidate === {candidate} && can_submit")
        areas.append(clicked["mask_pixels"])
        clicked.press("c")
    clicked.wait("candidate === 0")
    assert len(set(areas)) == 3


def test_submitting_is_undone_and_redone_as_one_step(clicked: WebPage) -> None:
    area = clicked["mask_pixels"]
    clicked.press("Enter")
    clicked.wait("mask_pixels === 0 && undo_text.includes('Core')")
    clicked.wait("has_surfaces")
    clicked.screenshot("submitted")
    clicked.press("Control+z")
    clicked.wait(f"mask_pixels === {area} && redo_text.includes('Core')")
    clicked.press("Control+y")
    clicked.wait("mask_pixels === 0 && undo_text.includes('Core')")


def test_the_downloaded_segmentation_holds_the_voxels_and_the_class(clicked: WebPage, tmp_path: Path) -> None:
    area = clicked["mask_pixels"]
    clicked.named("Submit").click()
    clicked.wait("mask_pixels === 0 && undo_text.includes('Core')")
    clicked.open_panel("Result")
    path = clicked.download("Download segmentation", tmp_path)
    image = sitk.ReadImage(str(path))
    names = {image.GetMetaData(key): key.split("_")[0] for key in image.GetMetaDataKeys() if key.endswith("_Name")}
    label = int(image.GetMetaData(f"{names['Core']}_LabelValue"))
    offset = [int(number) for number in image.GetMetaData("Segmentation_ReferenceImageExtentOffset").split()]
    inside = sitk.GetArrayFromImage(image) == label
    assert np.count_nonzero(inside[CORE_IJK[2] - offset[2]]) == area
    assert inside[CORE_IJK[2] - offset[2], CORE_IJK[1] - offset[1], CORE_IJK[0] - offset[0]]


def test_the_downloaded_history_can_be_replayed(clicked: WebPage, tmp_path: Path) -> None:
    clicked.press("Enter")
    clicked.wait("has_history")
    clicked.open_panel("Result")
    document = json.loads(clicked.download("Download prompt history", tmp_path).read_text())
    last = document["steps"][-1]
    assert (last["axis"], last["index"], last["class"]) == ("k", CORE_IJK[2], "core")
    assert last["prompts"][0]["label"] == 1


def test_a_class_is_refined_on_the_slice_and_its_part_replaced(clicked: WebPage) -> None:
    clicked.press("Enter")
    clicked.wait("prompts.length === 0")
    clicked.page.get_by_role("button", name="Refine the class on this slice").click()
    clicked.wait("replaces && can_submit && prompts.length === 2")
    assert [each["kind"] for each in clicked["prompts"]] == ["box", "positive"]
    ends = [float(number) for number in re.findall(r"[\d.]+", clicked["prompts"][0]["text"])]
    assert ends == pytest.approx(CORE_BOX, abs=6)
    clicked.page.get_by_text("Submit replaces this part").wait_for()
    clicked.screenshot("refine")
    clicked.press("Enter")
    clicked.wait("prompts.length === 0 && !replaces")


def test_the_middle_button_speaks_the_language_of_rwth_sam(cell: WebPage) -> None:
    x, y = cell.place_of("Axial", CORE_IJK)
    cell.click(x, y, button="middle")
    cell.wait("prompts.length === 1")
    cell.click(x + 130, y, button="middle", key="Control")
    cell.wait("prompts.length === 2")
    cell.drag((x - 70, y - 70), (x + 70, y + 70), button="middle", key="Shift")
    cell.wait("prompts.length === 3 && can_submit")
    first = cell["prompts"][2]["text"]
    cell.drag((x - 90, y - 80), (x + 80, y + 75), button="middle", key="Shift")
    cell.wait(f"prompts.length === 3 && prompts[2].text !== '{first}' && can_submit")
    assert [each["kind"] for each in cell["prompts"]] == ["positive", "negative", "box"]
    cell.screenshot("box")


def test_control_k_deletes_the_selected_prompt(cell: WebPage) -> None:
    x, y = cell.place_of("Axial", CORE_IJK)
    cell.click(x, y)
    cell.wait("prompts.length === 1")
    cell.click(x + 60, y + 30)
    cell.wait("prompts.length === 2")
    cell.click(x, y)
    cell.wait("prompts.length === 2 && prompts[0].selected")
    kept = cell["prompts"][1]["text"]
    cell.press("Control+k")
    cell.wait("prompts.length === 1")
    assert cell["prompts"][0]["text"] == kept


def test_a_middle_drag_pans_and_prompts_nothing(cell: WebPage) -> None:
    x, y = cell.place_of("Axial", CORE_IJK)
    before = cell.probe(x, y)
    cell.drag((x, y), (x + 80, y + 40), button="middle")
    after = cell.probe(x + 80, y + 40)
    cell.named("Fit to the view").click()
    assert np.abs(np.subtract(before, after)).max() <= 2
    assert cell["prompts"] == []


def test_the_page_answers_while_the_model_works_and_loses_no_click(cell: WebPage) -> None:
    x, y = cell.place_of("Axial", CORE_IJK)
    with cell.app.frozen("RWTHSAMLib.worker"):
        cell.click(x + 7, y - 9)  # answers to other tests' clicks are known already
        cell.press("3")
        cell.wait("(status_level === 'busy' || engine_doubt) && class_name === 'Jelly roll'")
        cell.click(x + 60, y + 30)
        cell.wait("prompts.length === 2 && !can_submit")
    cell.wait("prompts.length === 2 && can_submit")


@pytest.mark.long  # it takes the patience of a person who waits
def test_a_process_that_stands_still_is_told_and_started_anew(cell: WebPage) -> None:
    x, y = cell.place_of("Axial", CORE_IJK)
    with cell.app.frozen("RWTHSAMLib.worker"):
        cell.click(x + 11, y - 13)
        cell.wait("engine_doubt.includes('not answered') && status_text === engine_doubt && !can_submit")
        cell.page.get_by_role("button", name="Start anew").last.click()
        cell.wait("!engine_doubt && engine_phase === 'ready' && prompts.length === 1 && can_submit")


def test_nothing_went_wrong_in_page_or_process(cell: WebPage) -> None:
    assert cell.errors == []
    assert "Traceback" not in cell.app.log()
