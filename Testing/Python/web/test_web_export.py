"""Labelmaps, surfaces and the report come out of the page, and the page goes on meanwhile."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from web_parts import CORE_IJK, WebPage

from RWTHSAMLib.batch.job import read_job
from RWTHSAMLib.volumes.read import read_volume


@pytest.fixture(scope="module")
def page(cell_page: WebPage) -> Iterator[WebPage]:
    """The page with what is found at a click, submitted."""
    cell_page.click(*cell_page.place_of("Axial", CORE_IJK))
    cell_page.wait("can_submit")
    cell_page.named("Submit").click()
    cell_page.wait("mask_pixels === 0 && undo_text")
    cell_page.open_panel("Result")
    yield cell_page
    assert cell_page.errors == [] and "Traceback" not in cell_page.app.log()


def test_a_labelmap_comes_with_its_colour_tables(page: WebPage, tmp_path: Path) -> None:
    archive = page.download("Download labelmap as NIfTI", tmp_path)
    with zipfile.ZipFile(archive) as opened:
        names = sorted(opened.namelist())
        opened.extractall(tmp_path)
    assert [name.partition("-label")[2] for name in names] == [".csv", ".ctbl", ".nii.gz"]
    labels = read_volume(tmp_path / names[2]).array_kji
    assert np.flatnonzero(labels.any(axis=(1, 2))).tolist() == [CORE_IJK[2]] and labels.shape == (50, 182, 182)
    page.page.get_by_text("Without any voxel").first.wait_for()  # the other classes
    page.screenshot("result-panel")


def test_surfaces_come_as_one_gltf_file(page: WebPage, tmp_path: Path) -> None:
    assert page.download("Download surfaces as glTF", tmp_path).read_bytes()[:4] == b"glTF"


def test_measurements_come_as_a_table(page: WebPage, tmp_path: Path) -> None:
    with page.download("Download measurements", tmp_path).open(encoding="utf-8") as file:
        whole, *parts = csv.DictReader(file)
    assert whole["part"] == "0" and len(parts) >= 1
    volumes = [float(each["volume (mm3)"]) for each in parts]
    assert float(whole["volume (mm3)"]) == pytest.approx(sum(volumes), rel=1e-5) and min(volumes) > 0


def test_what_is_set_comes_as_a_job(page: WebPage, tmp_path: Path) -> None:
    job = read_job(page.download("Download job", tmp_path))
    assert [each.command for each in job.steps] == ["auto", "measure"] and job.steps[0].options["preset"] == "default"


def test_the_page_goes_on_while_the_report_is_written(page: WebPage, tmp_path: Path) -> None:
    with page.downloading("Download report", tmp_path) as report:
        page.wait("busy_text.includes('report')")
        with page.app.frozen("RWTHSAMLib.cli"):
            page.show_slice("Axial", CORE_IJK[2] + 2)
            assert "report" in str(page["busy_text"])
    path = report()
    opened = page.page.context.browser.new_page()
    opened.goto(path.as_uri())
    assert opened.locator("img").count() >= 4
    assert opened.locator("img").evaluate_all("all => all.every(each => each.naturalWidth > 100)")
    opened.close()


def test_why_nothing_is_downloaded_is_said_on_the_page(page: WebPage, tmp_path: Path) -> None:
    page.named("Download profile").evaluate("link => link.setAttribute('href', 'download/turn')")
    with pytest.raises(AssertionError, match="Nothing was downloaded"):
        page.download("Download profile", tmp_path)
    page.wait("notice.includes('no turntable')")
    page.named("Close notice").click()
    page.wait("!notice")
