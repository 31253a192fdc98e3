"""How the app starts, what it opens, and what it says when something is missing or wrong."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from playwright.sync_api import Browser
from scan_files import grey_values, in_space, write_nrrd
from web_parts import REPOSITORY, RunningApp, WebPage

NO_NETWORK = {
    "https_proxy": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "PIP_NO_INDEX": "1",
    "PIP_DRY_RUN": "1",
}


@pytest.fixture
def page(phantom_page: WebPage) -> WebPage:
    """The page with the phantom and no prompts."""
    phantom_page.clear()
    return phantom_page


@pytest.fixture(scope="module")
def page_without_weights(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPage]:
    """The page of a person who wants MobileSAM, on a computer without its weights and without a network."""
    cache = tmp_path_factory.mktemp("empty")
    wanted = str(cache / "mobile_sam.pt")
    app = RunningApp(RWTHSAM_CACHE=str(cache), RWTHSAM_WEIGHTS=wanted, https_proxy="http://127.0.0.1:9")
    opened = WebPage.open(browser, app)
    yield opened
    opened.page.context.close()
    app.stop()


@pytest.fixture
def a_scan_file(tmp_path: Path) -> Path:
    image = sitk.GetImageFromArray(np.arange(5 * 40 * 60, dtype=np.uint16).reshape(5, 40, 60))
    image.SetSpacing((0.5, 0.5, 2.0))
    path = tmp_path / "ramp.nrrd"
    sitk.WriteImage(image, str(path))
    return path


def test_the_app_starts_with_a_battery_phantom(page: WebPage) -> None:
    assert "phantom" in str(page["scan_name"]).lower()
    page.screenshot("phantom")


def test_an_address_without_the_token_is_refused(phantom_app: RunningApp) -> None:
    for address in (phantom_app.origin, f"{phantom_app.origin}/?token=wrong", f"{phantom_app.origin}/download/profile"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address)
        assert refused.value.code == 403


def test_without_weights_the_app_opens_and_says_what_to_do(page_without_weights: WebPage) -> None:
    page_without_weights.open_panel("Model")
    page_without_weights.wait("!weights_found && weights_text.includes('mobile_sam.pt')")
    page_without_weights.page.get_by_text("start with --weights FILE").wait_for()
    page_without_weights.screenshot("no_weights")


def test_a_failed_fetch_says_why_and_leaves_the_page_at_work(page_without_weights: WebPage) -> None:
    page_without_weights.open_panel("Model")
    page_without_weights.page.get_by_role("button", name="Fetch weights").click()
    page_without_weights.wait("notice.includes('http') && fetch_percent === -1")


@pytest.fixture(scope="module")
def lean_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPage]:
    """The page where PyTorch is not installed and nothing can be fetched."""
    folder = tmp_path_factory.mktemp("lean")
    hidden = ("torch", "torchvision", "mobile_sam", "timm")
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({hidden!r}))\n")
    paths = (folder, REPOSITORY / "RWTHSAM", REPOSITORY)
    app = RunningApp(RWTHSAM_WEIGHTS="", PYTHONPATH=os.pathsep.join(map(str, paths)), **NO_NETWORK)
    opened = WebPage.open(browser, app)
    yield opened
    opened.page.context.close()
    app.stop()


def test_without_pytorch_and_network_our_own_model_is_ready(own_weights: Path, lean_page: WebPage) -> None:
    lean_page.wait("engine_phase === 'ready' && model_name === 'rwthsam_net'")
    lean_page.open_panel("Model")
    lean_page.page.get_by_text("Comes with RWTHSAM: nothing is downloaded").wait_for()
    lean_page.show_slice("Axial", 48)
    lean_page.click(*lean_page.place_of("Axial", (128, 128, 48)))
    lean_page.wait("can_submit && candidates.length === 3")
    lean_page.screenshot("lean")


def test_sam_without_pytorch_offers_to_install_it_with_its_size(own_weights: Path, lean_page: WebPage) -> None:
    lean_page.wait("engine_phase === 'ready'")
    lean_page.open_panel("Model")
    lean_page.page.evaluate("trame.state.set('model_name', 'mobile_sam_vit_t')")
    lean_page.wait("install_text.includes('PyTorch') && install_text.includes('200 MB')")
    lean_page.wait("engine_phase === 'stopped'")  # the model before does not answer in its name
    lean_page.click(*lean_page.place_of("Axial", (100, 128, 48)))
    lean_page.wait("status_text.includes('Load a model') && !can_submit && !candidates.length")
    lean_page.screenshot("lean_install")
    lean_page.page.get_by_role("button", name="Install what it needs").click()
    lean_page.wait("(notice.includes('start RWTHSAM again') || notice.includes('pip')) && !busy_text")
    lean_page.page.evaluate("trame.state.set('model_name', 'rwthsam_net')")
    lean_page.wait("!install_text && engine_phase === 'ready'")


def test_an_uploaded_scan_is_shown_with_its_geometry(page: WebPage, a_scan_file: Path) -> None:
    page.probe(*page.place_of("Axial", (100, 128, 48)))
    choose_file(page, "Scan", "Open file", a_scan_file)
    page.wait("scan_name === 'ramp' && scan_text.includes('60 × 40 × 5 voxels')")
    page.wait("voxel_mm.join() === '0.5,0.5,2' && !voxel_question")
    assert not page["probe"], "what was under the mouse was in the scan before"
    page.page.get_by_role("button", name="Phantom").click()
    page.wait("scan_name.toLowerCase().includes('phantom') && !busy_text")


def test_a_file_that_is_no_scan_is_refused_and_the_open_scan_stays(page: WebPage, tmp_path: Path) -> None:
    broken = tmp_path / "broken.nrrd"
    broken.write_bytes(b"NRRD0004\nthis is not a header")
    before = page["scan_name"]
    choose_file(page, "Scan", "Open file", broken)
    page.wait("notice.includes(\"'broken.nrrd' could not be read\")")
    assert page["scan_name"] == before
    page.named("Close notice").click()
    page.wait("!notice")
    page.named("Messages").click()
    page.page.locator(".messages").get_by_text("'broken.nrrd' could not be read").first.wait_for()
    page.screenshot("messages")
    page.press("Escape")


def test_what_was_assumed_of_a_scan_is_shown_with_it(page: WebPage, tmp_path: Path) -> None:
    furlongs = in_space(space_units='"furlong" "furlong" "furlong"')
    choose_file(page, "Scan", "Open file", write_nrrd(tmp_path / "far.nrrd", grey_values((5, 40, 60)), **furlongs))
    page.wait("scan_name === 'far'")
    page.page.get_by_text("The file gives its voxel size in 'furlong', no unit of length").wait_for()
    page.page.get_by_role("button", name="Phantom").click()
    page.wait("scan_name.toLowerCase().includes('phantom') && !busy_text && !scan_notes.length")


def test_ome_zarr_opens_by_the_path_of_its_folder(page: WebPage, a_scan_file: Path, tmp_path: Path) -> None:
    pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra; Python 3.11)")
    from RWTHSAMLib.cli.main import main

    assert main(["convert", str(a_scan_file), str(tmp_path / "chunks.ome.zarr")]) == 0
    page.open_panel("Scan")
    place = page.page.get_by_role("textbox", name="Full path of a scan on this computer")
    place.fill(str(tmp_path / "chunks.ome.zarr"))
    place.press("Enter")
    page.wait("scan_name === 'chunks' && !busy_text && voxel_mm.length === 3")
    page.page.get_by_role("button", name="Phantom").click()
    page.wait("scan_name.toLowerCase().includes('phantom') && !busy_text")


def test_slices_of_two_scans_are_refused_together(page: WebPage, tmp_path: Path) -> None:
    import tifffile

    paths = [tmp_path / f"{name}_{number}.tif" for name in "ab" for number in range(3)]
    for path in paths:
        tifffile.imwrite(path, grey_values((40, 60)))
    before = page["scan_name"]
    choose_file(page, "Scan", "Open file", *paths)
    page.wait("notice.startsWith('The upload holds files with names of different kinds')")
    assert page["scan_name"] == before and "rwthsam-upload" not in str(page["notice"])
    page.named("Close notice").click()
    page.wait("!notice")


def test_a_profile_of_rwth_sam_becomes_the_classes(page: WebPage, tmp_path: Path) -> None:
    profile = tmp_path / "old.json"
    profile.write_text(json.dumps({"classes": ["Anode", "Cathode"]}))
    choose_file(page, "Profile", "Open", profile)
    page.wait("classes.length === 2 && classes[1].name === 'Cathode'")
    page.page.get_by_role("button", name="Default", exact=True).click()
    page.page.get_by_role("button", name="Use default classes").click()
    page.wait("classes.length > 2 && undo_text === 'Default profile'")
    page.press("Control+z")
    page.wait("classes.length === 2 && classes[1].name === 'Cathode'")
    page.press("Control+z")
    page.wait("classes.length > 2 && !undo_text")


@pytest.mark.picture
def test_the_window_changes_what_the_model_sees(page: WebPage) -> None:
    page.open_panel("Scan")
    page.wait("model_sees")
    before = page["model_sees"]
    field = page.page.get_by_label("White above")
    field.fill(str(page["grey_range"][1] / 2))
    field.press("Enter")
    page.page.wait_for_function("before => trame.state.get('model_sees') !== before", arg=before)
    page.scroll_up()
    page.picture("web-window")
    page.page.get_by_role("button", name="Propose").click()


def test_all_slices_are_prepared_on_request_and_the_run_can_be_stopped(page: WebPage) -> None:
    page.open_panel("Model")
    page.page.get_by_text("slices take").wait_for()
    with page.app.frozen("RWTHSAMLib.worker"):  # else all may be done before it is stopped
        page.page.get_by_role("button", name="Prepare all slices").click()
        page.wait("embedding_percent >= 0")
        page.screenshot("prepare")
        page.named("Stop preparing slices").click()
        page.wait("embedding_percent === -1")


def test_the_help_names_every_key(page: WebPage) -> None:
    from RWTHSAMLib.mrml.session.shortcuts import SHORTCUTS

    page.press("?")
    shown = page.page.locator(".help-columns")
    page.until(lambda: all(each.keys_text in (shown.text_content() or "") for each in SHORTCUTS))
    assert page.page.evaluate(
        "[...document.querySelectorAll('.help-columns td')].every(each => each.scrollWidth <= each.clientWidth)"
    )
    assert shown.evaluate("each => each.scrollWidth <= each.clientWidth")
    page.screenshot("help")
    page.press("Escape")
    page.wait("!help_open")


def test_painting_by_hand_needs_no_submit_and_can_be_undone(page: WebPage) -> None:
    page.open_panel("Edit by hand")
    page.page.get_by_role("button", name="Paint").click()
    page.wait("native_tool === 'paint'")
    box = page.box("Axial")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.drag((x - 40, y), (x + 40, y))
    page.wait("undo_text.includes('Paint') && has_history")
    page.wait("status_text === `Paint: drag in a view to add voxels to '${class_name}'.`")
    page.screenshot("paint")
    page.press("Control+z")
    page.wait("!undo_text && redo_text.includes('Paint') && !has_history")
    for tool in ("Erase", "Scissors", "Threshold"):
        page.page.get_by_role("button", name=tool, exact=True).click()
        page.wait(f"native_tool === '{tool.lower()}' && status_text.startsWith('{tool}: ')")
    page.press("Escape")
    page.wait("native_tool === '' && status_text.startsWith('Click on')")


def test_nothing_went_wrong_in_page_or_process(page: WebPage) -> None:
    assert page.errors == []
    assert "Traceback" not in page.app.log()


def choose_file(page: WebPage, panel: str, button: str, *paths: Path) -> None:
    """Give files to the chooser that a button of a panel opens."""
    page.open_panel(panel)
    with page.page.expect_file_chooser() as waiting:
        page.page.get_by_role("button", name=button, exact=True).first.click()
    waiting.value.set_files(paths)
