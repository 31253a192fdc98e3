"""The page that many files share is as it was at first, whatever one of them has done."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
from shared_page import SharedPage
from web_parts import CORE_IJK, WebPage


def click_on_the_core(page: WebPage) -> None:
    page.click(*page.place_of("Axial", CORE_IJK))
    page.wait("can_submit")


def submitted(page: WebPage, folder: Path) -> np.ndarray:
    """(k, j, i) labels of the segmentation that the page's server gives."""
    path = folder / "segmentation.seg.nrrd"
    path.write_bytes(page.page.context.request.get(f"{page.app.origin}/download/segmentation").body())
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def test_nothing_of_what_was_done_is_left(shared_page: SharedPage, tmp_path: Path) -> None:
    page = shared_page.begin_anew()
    page.show_slice("Axial", CORE_IJK[2])
    page.press("4")
    page.wait("class_name === 'Core'")
    click_on_the_core(page)
    page.press("Enter")
    page.wait("has_history && undo_text.includes('Core') && has_surfaces")
    click_on_the_core(page)
    page.toggle_panel("Through the volume")
    page.page.get_by_label("First slice", exact=True).first.fill("7")
    page.wait("prop_values.first.value === '7'")
    page.open_panel("Result")
    page.page.get_by_role("button", name="Automatic", exact=True).first.click()
    page.wait("mode === 'automatic'")
    page.page.evaluate("trame.trigger('open_path', ['one too many'])")
    page.wait("notice")
    assert submitted(page, tmp_path).any()
    again = shared_page.begin_anew()
    assert again["prompts"] == [] and not again["undo_text"] and not again["redo_text"] and not again["notice"]
    assert not submitted(again, tmp_path).any()
    assert not again["has_history"] and again["prop_values"]["first"]["value"] != "7"
