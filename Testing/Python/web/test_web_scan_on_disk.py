"""A scan larger than memory on the page: a coarser level at once, the full resolution of what is looked at and done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser
from web_parts import CORE_IJK, RunningApp, WebPage

pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")

from RWTHSAMLib.errors import VolumeError
from RWTHSAMLib.volumes.lazy_volume import lazy_volume_of
from RWTHSAMLib.volumes.ome_zarr.labels import read_labels
from RWTHSAMLib.volumes.ome_zarr.write import StoreSettings, write_ome_zarr
from RWTHSAMLib.volumes.read import read_volume
from RWTHSAMLib.volumes.write import write_volume
from RWTHSAMWeb import jobs

K = CORE_IJK[2] - 1
"""This slice and the next one are one of level 1."""
LABELS = "cell-label.ome.zarr"


@pytest.fixture(scope="module")
def voxels(cell_scan: Path) -> np.ndarray:
    """Of the finest level, (k, j, i)."""
    return read_volume(cell_scan).array_kji


@pytest.fixture(scope="module")
def folder(cell_scan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the made-up cell as OME-Zarr in it."""
    made = tmp_path_factory.mktemp("on-disk")
    scan = made / "cell.ome.zarr"
    write_ome_zarr(lazy_volume_of(read_volume(cell_scan), scan), scan, StoreSettings(coarsest=64))
    return made


@pytest.fixture(scope="module")
def app(folder: Path, trained_weights: Path) -> Iterator[RunningApp]:
    """The app, whose views are to show level 1."""
    running = RunningApp("--weights", trained_weights, "--volume", folder / "cell.ome.zarr", "--show-level", 1)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def page(browser: Browser, app: RunningApp) -> Iterator[WebPage]:
    opened = WebPage.open(browser, app)
    opened.wait("engine_phase === 'ready'")
    yield opened
    opened.page.context.close()


def at_core(page: WebPage, k: int) -> tuple[float, float]:
    page.show_slice("Axial", k)
    return page.place_of("Axial", (*CORE_IJK[:2], k))


def submitted(folder: Path) -> np.ndarray:
    return read_labels(folder / LABELS)[0].array_kji > 0


def test_it_says_what_is_shown_and_where_classes_go(page: WebPage) -> None:
    assert page["scan_text"].startswith("182 × 182 × 50 voxels")
    (note,) = page["scan_notes"]
    assert "The views show level 1 of it, 2 x 2 x 2 voxels as one" in note and LABELS in note
    assert [page[f"slice_{view}"]["last"] for view in ("Axial", "Coronal", "Sagittal")] == [49, 181, 181]


def test_a_view_comes_to_show_the_full_resolution_of_each_slice(page: WebPage, voxels: np.ndarray) -> None:
    for k in (K, K + 1):
        page.page.mouse.move(*at_core(page, k))
        i, j, _ = page.probe(*at_core(page, k))
        grey = f"grey {voxels[k, j, i]:g} "
        page.wait(f"probe.includes('k {k} ') && probe.includes('{grey}')")


def test_the_wheel_goes_on_by_one_slice_of_the_scan(page: WebPage) -> None:
    page.page.mouse.move(*at_core(page, K))
    page.page.mouse.wheel(0, -100)
    page.wait(f"slice_Axial.index === {K + 1}")
    page.page.mouse.wheel(0, 100)
    page.wait(f"slice_Axial.index === {K}")


def test_a_submit_is_on_the_disk_in_full_resolution_and_undo_takes_it_back(page: WebPage, folder: Path) -> None:
    page.click(*at_core(page, K))
    page.wait("can_submit")
    pixels = page["mask_pixels"]
    page.press("Enter")
    page.wait(
        f"said.startsWith('{pixels:,} voxels added') && class_looks[class_id].size.startsWith('{pixels:,} voxels')"
    )
    assert [int(each.sum()) for each in submitted(folder)[K - 1 : K + 2]] == [0, pixels, 0]
    for k, name in ((K, page["class_name"]), (K + 1, "")):  # both are one slice of the level that the views show
        x, y = at_core(page, k)
        page.page.mouse.move(x, y)
        page.wait(f"probe.includes('k {k} ') && probe.endsWith('mm' + ('{name}' && '   {name}'))")
    at_core(page, K)
    page.screenshot("scan-on-disk")
    page.press("Control+z")
    page.wait("can_submit && class_looks[class_id].size === 'no voxels'")
    assert not submitted(folder).any()
    page.press("Control+y")
    page.wait(f"class_looks[class_id].size.startsWith('{pixels:,} voxels')")
    assert int(submitted(folder).sum()) == pixels


def test_what_needs_all_of_the_scan_says_so(page: WebPage) -> None:
    page.open_panel("Edit by hand")
    page.page.get_by_role("button", name="Paint").click()
    page.wait("notice.startsWith('Editing by hand needs all of the scan in memory')")
    assert page["native_tool"] == ""
    page.toggle_panel("Edit by hand")


def test_a_project_brings_back_what_was_submitted_up_to_the_moment_of_a_kill(
    page: WebPage, app: RunningApp, browser: Browser, folder: Path, trained_weights: Path
) -> None:
    size, project = page["class_looks"][page["class_id"]]["size"], folder / "cell.rwthsam"
    page.press("Control+z")
    page.wait("class_looks[class_id].size === 'no voxels'")
    page.open_panel("Project")
    page.page.get_by_label("Folder of the project on this computer").fill(str(project))
    page.page.get_by_role("button", name="Save project").click()
    page.wait("notice.startsWith('Saved to') && !busy_text && !unsaved_work")
    page.toggle_panel("Project")
    page.press("Control+y")
    page.wait(f"class_looks[class_id].size === '{size}'")
    app.kill()
    again = RunningApp("--weights", trained_weights, project)
    try:
        opened = WebPage.open(browser, again)
        opened.wait(f"class_looks[class_id].size === '{size}' && has_history && slice_Axial.last === 49")
        opened.page.context.close()
    finally:
        again.stop()


@pytest.fixture
def elsewhere(folder: Path, cell_scan: Path, tmp_path: Path) -> Path:
    """The scan, nothing done on it, in a folder with a labelmap that another program has made."""
    scan = tmp_path / "cell.ome.zarr"
    shutil.copytree(folder / scan.name, scan)
    data = read_volume(cell_scan)
    labels = np.zeros(data.array_kji.shape, np.uint8)
    labels[2:6, 90:100, 90:120] = 7
    write_volume(replace(data, array_kji=labels), tmp_path / "other.nrrd")
    return tmp_path


def test_a_labelmap_of_another_program_is_opened_and_gone_on_with(
    browser: Browser, elsewhere: Path, trained_weights: Path
) -> None:
    scan, labels = elsewhere / "cell.ome.zarr", elsewhere / LABELS
    app = RunningApp("--weights", trained_weights, "--volume", scan, "--show-level", 1)
    try:
        page = WebPage.open(browser, app)
        page.wait("engine_phase === 'ready'")
        page.open_panel("Project")
        with page.page.expect_file_chooser() as waiting:
            page.page.get_by_role("button", name="Open segmentation", exact=True).click()
        waiting.value.set_files(elsewhere / "other.nrrd")
        page.wait("notice.startsWith(\"'other.nrrd' is open on this scan. It was copied to \")")
        page.toggle_panel("Project")
        page.click(*at_core(page, K))
        page.wait("can_submit")
        pixels = page["mask_pixels"]
        page.press("Enter")
        page.wait(f"class_looks[class_id].size.startsWith('{pixels:,} voxels')")
        voxels, named = read_labels(labels)
        sizes = {each.name: int((voxels.array_kji == label).sum()) for label, each in named.items()}
        assert sizes["Label 7"] == 4 * 10 * 30 and sizes[page["class_name"]] == pixels
        page.page.context.close()
    finally:
        app.kill()
    shutil.rmtree(labels)
    again = RunningApp("--volume", scan, "--show-level", 1, "--segmentation", elsewhere / "other.nrrd")
    try:
        page = WebPage.open(browser, again)
        page.wait("classes.some(each => each.name === 'Label 7')")
        page.page.context.close()
        assert int((read_labels(labels)[0].array_kji > 0).sum()) == 4 * 10 * 30
    finally:
        again.stop()


def test_a_level_that_is_not_there_is_told(folder: Path, cell_scan: Path) -> None:
    with pytest.raises(VolumeError, match=r"has the levels 0 to \d, and no level 9"):
        jobs.shape_of_level(folder / "cell.ome.zarr", 9)
    with pytest.raises(VolumeError, match="only OME-Zarr has"):
        jobs.shape_of_level(cell_scan, 1)
