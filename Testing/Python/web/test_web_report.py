"""The report in a real browser: pictures that are there, numbers that are right, nothing from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from playwright.sync_api import Browser, Page  # noqa: E402
from scipy import ndimage  # noqa: E402
from web_parts import OUTPUT  # noqa: E402

from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.core.extent import Extent  # noqa: E402
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments, storage  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_volume  # noqa: E402
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter  # noqa: E402
from RWTHSAMLib.mrml.results.report import write_report  # noqa: E402
from RWTHSAMLib.report.compose import ReportSettings  # noqa: E402
from RWTHSAMLib.report.content import Provenance  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402
from RWTHSAMLib.volumes.write import write_volume  # noqa: E402

SHAPE_KJI = (20, 40, 48)
SPACING_MM = (0.5, 0.5, 1.25)
EVIL = '<b onmouseover="alert(\'x\')">Pores & "co"</b>'
SEED = 11


@dataclass
class OpenedReport:
    """A report in a browser, and what went over the wire."""

    page: Page
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browser: Browser, path: Path, scheme: str = "light") -> OpenedReport:
        opened = cls(browser.new_page(viewport={"width": 1180, "height": 900}, color_scheme=scheme))
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("console", lambda message: opened.problems.append(message.text))
        opened.page.on("pageerror", lambda error: opened.problems.append(str(error)))
        opened.page.goto(path.as_uri())
        return opened

    def rows(self, caption: str) -> dict[str, list[str]]:
        """Cells of a table by the name of their class."""
        table = self.page.locator("table", has=self.page.locator("caption", has_text=caption))
        rows = table.locator("tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
        )
        return {name: others for name, *others in rows}


@pytest.fixture(scope="module")
def voxels() -> dict[str, np.ndarray]:
    """A block, and many separate pores that overlap it."""
    print(f"seed {SEED}")
    block = np.zeros(SHAPE_KJI, bool)
    block[4:16, 8:30, 10:40] = True
    return {"block": block, "pores": np.random.default_rng(SEED).random(SHAPE_KJI) < 0.004}


@pytest.fixture(scope="module")
def scan() -> VolumeData:
    grey = np.random.default_rng(SEED + 1).normal(1000, 120, SHAPE_KJI).astype(np.float32)
    return VolumeData(grey, np.diag([-SPACING_MM[0], -SPACING_MM[1], SPACING_MM[2], 1.0]), "Cell & co <1>", True)


@pytest.fixture(scope="module")
def a_segmentation(voxels, scan):
    classes = (
        ProfileClass("block", "Block", (0.9, 0.6, 0.0)),
        ProfileClass("pores", EVIL, (0.0, 0.45, 0.7)),
        ProfileClass("none", "Nothing yet", (0.5, 0.5, 0.5)),
    )
    scene = new_scene()
    volume = add_volume(scene, scan)
    node = segments.create_segmentation(scene, volume, SegmentationProfile("p", classes))
    editor = slicer.vtkMRMLSegmentEditorNode()
    editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)
    k, j, i = (count - 1 for count in SHAPE_KJI)
    for class_id, mask in voxels.items():
        segment_id = segments.segment_id_of_class(node, class_id)
        SegmentWriter(node, volume).submit(segment_id, mask, Extent(0, i, 0, j, 0, k), editor)
    return node


@pytest.fixture(scope="module")
def written(a_segmentation, scan, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    origin = Provenance((("Model", "a <model> & more"),), ("First step <script>alert(1)</script>", "Second step"))
    write_report(a_segmentation, scan, path, ReportSettings(title='Report "1" <draft>', provenance=origin))
    return path


@pytest.fixture(scope="module")
def report(browser: Browser, written: Path) -> Iterator[OpenedReport]:
    opened = OpenedReport.open(browser, written)
    yield opened
    opened.page.close()


def test_the_page_asks_for_nothing_and_complains_of_nothing(report, written) -> None:
    outside = [url for url in report.requests if not url.startswith("data:") and url != written.as_uri()]
    assert outside == [] and report.problems == []


def test_every_picture_is_there_and_shows_something(report) -> None:
    sizes = report.page.locator("img").evaluate_all("all => all.map(each => [each.naturalWidth, each.naturalHeight])")
    assert len(sizes) == 3 + 4 + 2 and all(width > 100 and height > 100 for width, height in sizes)
    spread = report.page.locator("img").evaluate_all(
        """all => all.map(each => {
            const canvas = document.createElement("canvas");
            canvas.width = each.naturalWidth;
            canvas.height = each.naturalHeight;
            const context = canvas.getContext("2d");
            context.drawImage(each, 0, 0);
            const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
            const seen = new Set();
            for (let at = 0; at < data.length; at += 4) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
            return seen.size;
        })"""
    )
    assert min(spread) > 20
    report.page.screenshot(path=_output("report.png"), full_page=True)


def test_slices_are_drawn_in_true_proportions_with_the_classes_colours(report) -> None:
    sizes = report.page.locator(".gallery.large img").evaluate_all(
        "all => all.map(each => each.naturalWidth / each.naturalHeight)"
    )
    width, height, depth = (count * size for count, size in zip(SHAPE_KJI[::-1], SPACING_MM, strict=True))
    assert sizes == pytest.approx([width / height, width / depth, height / depth], rel=0.02)
    orange = report.page.locator(".gallery.large img").first.evaluate(
        """image => {
            const canvas = document.createElement("canvas");
            canvas.width = image.naturalWidth;
            canvas.height = image.naturalHeight;
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
            let count = 0;
            for (let at = 0; at < data.length; at += 4)
                count += Math.abs(data[at] - 230) < 2 && Math.abs(data[at + 1] - 153) < 2 && data[at + 2] < 2;
            return count;
        }"""
    )
    assert orange > 200  # the block's outline


def test_the_numbers_are_those_of_numpy(report, voxels, scan) -> None:
    rows, voxel_mm3 = report.rows("Classes."), float(np.prod(SPACING_MM))
    union = np.count_nonzero(voxels["block"] | voxels["pores"])
    for name, mask in (("Block", voxels["block"]), (EVIL, voxels["pores"])):
        count, volume, of_scan, of_all, mean, spread = (number(cell) for cell in rows[name])
        assert count == np.count_nonzero(mask)
        assert volume == pytest.approx(count * voxel_mm3, rel=1e-3)
        assert of_scan == pytest.approx(100 * count / mask.size, abs=0.006)
        assert of_all == pytest.approx(100 * count / union, abs=0.006)
        assert mean == pytest.approx(scan.array_kji[mask].mean(), rel=1e-3)
        assert spread == pytest.approx(scan.array_kji[mask].std(), rel=1e-3)
    assert rows["Nothing yet"][0] == "0"


def test_extents_and_parts_are_those_of_the_voxels(report, voxels) -> None:
    assert report.rows("Extents")["Block"] == ["10 to 39", "8 to 29", "4 to 15", "15.00", "11.00", "15.00"]
    _, count = ndimage.label(voxels["pores"], np.ones((3, 3, 3)))
    parts = report.rows("Connected parts")
    assert number(parts[EVIL][0]) == count and parts["Block"][0] == "1"


def number(text: str) -> float:
    return float(text.replace(",", "").replace("%", ""))


def test_the_plot_shows_the_area_on_every_slice(report, voxels) -> None:
    points = report.page.locator("svg .line").first.get_attribute("points")
    heights = [float(each.split(",")[1]) for each in points.split()]
    assert len(heights) == SHAPE_KJI[0]
    floor, top = max(heights), min(heights)
    assert [round(each) == round(top) for each in heights] == list(voxels["block"].any(axis=(1, 2)))
    assert floor > top + 100
    texts = report.page.locator("svg text").all_text_contents()
    assert any("area (mm" in each for each in texts) and "Block" in texts


def test_what_looks_like_markup_is_text(report, written) -> None:
    assert report.page.title() == 'Report "1" <draft>'
    assert report.page.locator("h1").inner_text() == 'Report "1" <draft>'
    assert EVIL in report.page.locator(".legend").inner_text()
    assert "Cell & co <1>" in report.page.locator(".lead").inner_text()
    assert report.page.locator("script").count() == 0 and 'onmouseover="alert' not in written.read_text("utf-8")
    assert report.page.locator(".steps li").first.inner_text() == "First step <script>alert(1)</script>"
    facts = report.page.locator("dl").inner_text()
    assert "a <model> & more" in facts and "class block, segment RWTHSAM_block" in facts


def test_overlaps_and_empty_classes_are_said(report, voxels) -> None:
    shared = np.count_nonzero(voxels["block"] & voxels["pores"])
    said = " ".join(report.page.locator(".notice").all_inner_texts())
    assert shared and f"{shared:,} voxels are counted in more than one" in said and "Nothing yet" in said


def test_the_page_is_readable_in_the_dark(browser, written) -> None:
    opened = OpenedReport.open(browser, written, "dark")
    light_on_dark = opened.page.evaluate(
        """() => ["color", "backgroundColor"].map(
            name => getComputedStyle(document.body)[name].match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)
        )"""
    )
    opened.page.screenshot(path=_output("report-dark.png"), full_page=True)
    opened.page.close()
    assert light_on_dark[0] > 600 and light_on_dark[1] < 150


def test_no_page_is_wider_than_a_telephone(browser, written) -> None:
    opened = OpenedReport.open(browser, written)
    opened.page.set_viewport_size({"width": 380, "height": 800})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 380
    opened.page.close()


def test_the_command_reports_files_with_their_checksums(browser, a_segmentation, scan, tmp_path) -> None:
    storage.save_segmentation(a_segmentation, tmp_path / "cell.seg.nrrd")
    write_volume(scan, tmp_path / "cell.nrrd")
    words = ["report", tmp_path / "cell.seg.nrrd", tmp_path / "cell.nrrd", "-o", tmp_path / "out.html", "--axis", "i"]
    assert main([*map(str, words), "--window", "500", "1500"]) == 0
    opened = OpenedReport.open(browser, tmp_path / "out.html")
    facts = opened.page.locator("dl").inner_text()
    assert "cell.seg.nrrd" in facts and "SHA-256" in facts
    assert "along i" in opened.page.locator(".plots figcaption").first.inner_text()
    opened.page.close()


def _output(name: str) -> Path:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    return OUTPUT / name
