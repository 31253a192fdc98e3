"""A voxel size that is doubtful or remembered is asked about where everybody sees it, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from playwright.sync_api import expect
from web_parts import WebPage

ALONG_K = "along k"


@pytest.fixture
def reopened(first_page: WebPage, cell_scan: Path) -> WebPage:
    """The page with a scan whose voxels were given another size before it was opened again; all panels are folded."""
    page = first_page
    page.open_panel("Scan")
    field = page.page.get_by_label(ALONG_K, exact=True)
    field.fill(str(2 * float(page["voxel_mm"][2])))
    before = page["voxel_mm"]
    field.press("Enter")
    page.wait(f"voxel_mm[2] != {before[2]}")
    expect(page.page.get_by_text("the file says").first).to_be_visible()  # also while the panel is open
    path = page.page.get_by_role("textbox", name="Full path of a scan")
    path.fill(str(cell_scan))
    path.press("Enter")
    if page["unsaved_work"]:  # not where the size is the one that the scan was opened with
        page.page.get_by_role("dialog").get_by_role("button", name="Open").click()
    page.wait("voxel_question.includes('set by you')")
    page.page.mouse.move(700, 300)  # into a view: as long as it is in the drawer, that stays scrolled as it is
    page.page.evaluate("trame.state.set('panels', [])")
    page.rest()
    yield page
    page.page.evaluate("trame.state.set('panels', ['profile', 'prompts'])")


def test_a_remembered_size_is_asked_about_whatever_is_folded_and_the_file_can_count_again(reopened: WebPage) -> None:
    remembered = float(reopened["voxel_mm"][2])
    question = reopened.page.locator(".drawer-question")
    expect(question).to_contain_text("set by you on")
    expect(question).to_contain_text("the file says")
    reopened.screenshot("voxel-size-question")
    question.get_by_role("button", name="As the file says").click()
    reopened.wait(f"Math.abs(2 * voxel_mm[2] - {remembered}) < 1e-6 && !voxel_question && !voxel_told")
    expect(question).to_have_count(0)


def test_what_is_kept_is_asked_about_no_more_but_told_in_the_panel(reopened: WebPage) -> None:
    remembered = reopened["voxel_mm"]
    reopened.page.locator(".drawer-question").get_by_role("button", name="Change").click()
    field = reopened.page.get_by_label(ALONG_K.replace("k", "i"), exact=True)
    expect(field).to_be_focused()  # its panel has unfolded
    reopened.page.locator(".drawer-question").get_by_role("button", name="Keep").click()
    reopened.wait("!voxel_question && voxel_told")
    assert reopened["voxel_mm"] == remembered
    told = reopened.page.get_by_text("set by you on").first
    expect(told).to_be_visible()
    reopened.page.get_by_role("button", name="As the file says").click()
    reopened.wait("!voxel_told")
    assert reopened["voxel_mm"] != remembered


def test_what_counts_as_1_mm_is_1_mm_once_that_was_said_also_in_the_project(
    first_page: WebPage, tmp_path: Path
) -> None:
    page, folder = first_page, tmp_path / "said.rwthsam"
    tifffile.imwrite(
        tmp_path / "stack.tif", np.arange(4 * 30 * 40, dtype=np.uint16).reshape(4, 30, 40), photometric="minisblack"
    )
    page.page.evaluate("path => trame.state.set('scan_path', path)", str(tmp_path / "stack.tif"))
    page.page.evaluate("trame.trigger('open_path')")
    page.wait("scan_name === 'stack' && !busy_text && voxel_question.includes('counts as 1 mm')")
    page.page.get_by_role("button", name="It is right").click()
    page.wait("!voxel_question && voxel_told.includes('set by you') && undo_text.startsWith('Voxel size')")
    page.page.evaluate("trame.trigger('open_path')")  # the same file, the same answer
    page.wait("!undo_text && !busy_text && !voxel_question && voxel_told.includes('set by you')")
    page.open_panel("Project")
    page.page.get_by_label("Folder of the project on this computer").fill(str(folder))
    page.page.get_by_role("button", name="Save project").click()
    page.wait("notice.startsWith('Saved to') && !busy_text && !unsaved_work")
    page.page.evaluate("path => trame.trigger('open_project', [path])", str(folder))
    page.wait("!undo_text && !busy_text && !voxel_question && voxel_told.includes('set by you')")
