"""The second day on the page: work is saved, comes back after a crash, and is asked for before it is lost."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from playwright.sync_api import Browser
from web_parts import RunningApp, WebPage

SHAPE_KJI = (8, 60, 80)
NOT_KEPT = (
    *("panels", "auto_open", "click_open", "native_open", "prop_open", "class_editing", "help_open", "opening"),
    *("notice", "notice_level", "notice_number", "notice_held", "messages", "busy_text", "said"),
    *("undo_text", "redo_text", "status_text", "status_level", "unsaved_work", "unsaved_offers", "unsaved_shown"),
    *("scan_path", "project_path", "project_base", "project_name", "project_missing", "scan_place", "recent_projects"),
    *("probe", "model_sees", "model_sees_text", "native_tool", "has_surfaces", "winding_measured", "winding_repeats"),
    *("scale_Axial", "scale_Coronal", "scale_Sagittal", "render_percent"),
)
"""What is unfolded, was said, lies where or waits, is under the mouse, in hand, or as large as a view is."""


@pytest.fixture(scope="module")
def a_scan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    values = np.full(SHAPE_KJI, 40, np.uint8)
    values[:, 15:45, 20:60] = 200
    path = tmp_path_factory.mktemp("scan") / "cell.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(values), str(path))
    return path


@pytest.fixture(scope="module")
def a_labelmap_file(a_scan_file: Path) -> Path:
    """Of another program, with its colour table beside it."""
    labels = np.zeros(SHAPE_KJI, np.uint8)
    labels[:, 50:55, 5:15] = 4
    path = a_scan_file.with_name("labels.nii.gz")
    sitk.WriteImage(sitk.GetImageFromArray(labels), str(path))
    path.with_name("labels.ctbl").write_text("# Color table file\n0 Background 0 0 0 0\n4 Dust 255 0 0 255\n")
    return path


@pytest.fixture
def start(browser: Browser, own_weights: Path, tmp_path: Path) -> Iterator:
    """Function that starts the app, all of them with one place for unsaved work, and opens its page."""
    pages: list[WebPage] = []

    def started(*options: object, has_scan: bool = True) -> WebPage:
        app = RunningApp(*options, RWTHSAM_DATA=str(tmp_path / "data"))
        pages.append(WebPage.open(browser, app, has_scan=has_scan))
        return pages[-1]

    yield started
    for page in pages:
        page.page.context.close()
        if page.app.is_running:
            page.app.stop()


def work_for_a_while(page: WebPage) -> None:
    """A submit to the fourth class, and a click on another slice that is not submitted."""
    page.press("4")
    page.wait("class_name === 'Core'")
    click_on_the_cell(page)
    page.press("Enter")
    page.wait("has_history && !prompted_slices")
    page.named("Show or hide Core").click()
    page.page.get_by_label("Outlines only").click()
    page.wait("class_looks.core.visible === false && mask_outlines")
    page.press("1")
    page.show_slice("Axial", 2)
    click_on_the_cell(page)
    page.wait("unsaved_work")


def correct_voxel_size(page: WebPage) -> None:
    """Slices are twice as far apart; the view stays on its slice."""
    page.show_slice("Axial", 2)
    page.open_panel("Scan")
    field = page.page.get_by_label("along k", exact=True)
    field.fill("2")
    field.press("Enter")
    field.blur()  # what is pressed next is a key of the page
    page.wait("Number(voxel_mm[2]) === 2 && unsaved_work")
    assert page["slice_Axial"]["index"] == 2


def choose_otherwise(page: WebPage) -> None:
    """Set what the page keeps besides the session to something else than it is at first."""
    with unfolded(page, "3D view"):
        page.page.get_by_label("Surfaces of the classes").click()
    with unfolded(page, "Scan"):
        page.page.get_by_role("button", name="µm").click()
    with unfolded(page, "Edit by hand"):
        page.named("Paint").click()
        page.page.get_by_label("Sphere (several slices at once)").click()
        page.page.locator("[aria-label='Brush diameter'][role=slider]").press("ArrowRight")
        page.wait("brush_is_sphere && brush_mm > 12 * brush_range[0]")
        page.named("Paint").click()
        page.toggle_panel("Threshold a class")
        page.page.locator(".v-select", has_text="Result goes to").click()
        page.page.locator(".v-list-item", has_text="Core").click()
        page.page.get_by_role("button", name="Bright", exact=True).click()
        page.page.get_by_label("Show on the slices what would be left").click()
        page.wait("threshold_on && threshold_target && threshold_otsu")
    page.named("Four equal views").click()
    page.page.get_by_role("button", name="Automatic").click()
    page.page.get_by_role("button", name="From - to").click()
    for name, index in (("First", 2), ("Last", 5)):
        field = page.page.get_by_role("spinbutton", name=f"{name} slice")
        field.fill(str(index))
        field.press("Enter")
        page.wait(f"auto_{name.lower()} === {index}")
    page.page.get_by_role("button", name="Click", exact=True).click()
    page.wait("mode === 'click' && layout === 'four' && auto_where === 'range' && !surfaces && voxel_unit === 'µm'")


@contextmanager
def unfolded(page: WebPage, panel: str) -> Iterator[None]:
    page.open_panel(panel)
    yield
    page.toggle_panel(panel)


def click_on_the_cell(page: WebPage) -> None:
    index = page["slice_Axial"]["index"]
    page.click(*page.place_of("Axial", (40, 30, index)))
    page.wait("prompts.length === 1 && can_submit")


def is_kept(key: str) -> bool:
    return key not in NOT_KEPT and not key.startswith("trame__") and not key.endswith("_cursor")


def everything(page: WebPage) -> dict[str, object]:
    """All that the page knows, but for what `NOT_KEPT` names, and the voxels of every segment."""
    state = page.page.evaluate("JSON.parse(JSON.stringify(trame.state.state))")
    told = {key: value for key, value in state.items() if is_kept(key)}
    told["voxels"] = hashlib.sha256(voxels_of(page).tobytes()).hexdigest()
    return told


def voxels_of(page: WebPage) -> np.ndarray:
    """(k, j, i) labels of what was submitted."""
    content = page.page.context.request.get(f"{page.app.origin}/download/segmentation").body()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segmentation.seg.nrrd"
        path.write_bytes(content)
        return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def test_after_a_crash_of_the_server_the_work_is_there_on_another_port(
    start, a_scan_file: Path, tmp_path: Path
) -> None:
    page = start("--volume", a_scan_file)
    work_for_a_while(page)
    page.until(lambda: kept_prompts(tmp_path / "data"))
    before = page.at_rest(lambda: everything(page))
    page.app.kill()
    page.page.get_by_text("Your work is not lost").wait_for()
    page.screenshot("server_ended")
    again = start("--volume", a_scan_file)
    again.page.get_by_text("There is unsaved work").wait_for()
    again.screenshot("unsaved_work")
    again.page.get_by_role("button", name="Later").click()
    again.rest()
    again.open_panel("Project")
    again.page.get_by_role("button", name="Unsaved work (1)").click()  # the way back to what was put off
    again.rest()
    again.page.get_by_role("button", name="Restore").click()
    again.wait("unsaved_work && !busy_text && can_submit")
    wait_for_everything(again, before)
    save_to(again, tmp_path / "cell")
    assert not again["unsaved_offers"]
    again.until(lambda: not [*(tmp_path / "data" / "unsaved").glob("*/project")])
    voxels = np.count_nonzero(voxels_of(again))
    open_own_record(again, tmp_path / "cell.prompts.json")
    assert np.count_nonzero(voxels_of(again)) == voxels > 0
    assert again.errors == [] and "Traceback" not in again.app.log()


def test_work_is_asked_for_before_it_is_lost_and_the_scan_of_a_project_where_it_has_moved(
    start, a_scan_file: Path, a_labelmap_file: Path, tmp_path: Path
) -> None:
    scan = tmp_path / "here.nrrd"
    shutil.copyfile(a_scan_file, scan)
    page, asked = start("--volume", scan, "--segmentation", a_labelmap_file), []
    page.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.wait("notice.includes(\"'labels.nii.gz' is open\") && !unsaved_work")
    page.wait("classes.at(-1).name === 'Dust'")
    correct_voxel_size(page)
    work_for_a_while(page)
    choose_otherwise(page)
    page.page.close(run_before_unload=True)
    page.until(lambda: asked)
    save_to(page, Path("work", "cell"))  # who stays can go on; a name lies beside the scan
    assert page["project_path"] == str(tmp_path / "work" / "cell.rwthsam")
    page.wait("recent_projects.length === 1")
    page.screenshot("project")
    page.load_anew()
    assert asked == ["beforeunload"]
    before = page.at_rest(lambda: everything(page))
    (tmp_path / "elsewhere").mkdir()
    shutil.move(scan, tmp_path / "elsewhere" / "there.nrrd")
    page.app.stop()
    moved = start(tmp_path / "work" / "cell.rwthsam", has_scan=False)
    moved.page.get_by_text("Where is the scan?").wait_for()
    moved.screenshot("project_moved")
    moved.page.get_by_label("Full path of the scan").fill(str(tmp_path / "elsewhere" / "there.nrrd"))
    moved.page.get_by_role("button", name="Use this scan").click()
    moved.wait("has_scan && can_submit && !project_missing && !unsaved_work && project_name === 'cell'")
    wait_for_everything(moved, before)
    for folder in hostile_projects(tmp_path / "work" / "cell.rwthsam", tmp_path / "hostile", a_scan_file):
        said = refused(moved, folder)
        assert 20 < len(said) < 600 and "went wrong" not in said, (folder, said)
    wait_for_everything(moved, before)
    assert moved["project_name"] == "cell"
    assert moved.errors == [] and "Traceback" not in moved.app.log()


def hostile_projects(sound: Path, base: Path, other_scan: Path) -> Iterator[Path]:
    """Folders that are no project, or a damaged one, or one whose scan is not what it was."""
    document = json.loads((sound / "project.json").read_text())
    scan, segmentation = document["scan"], document["segmentation"]
    nowhere = {"relative": None, "absolute": str(base / "nowhere.nrrd")}
    elsewhere = {"relative": None, "absolute": str(base / "other.nrrd")}
    base.mkdir()
    voxels = sitk.ReadImage(str(other_scan))
    sitk.WriteImage(voxels + 1, elsewhere["absolute"])
    (base / "text.nrrd").write_text("no scan")
    changes: list[dict[str, object]] = [
        *({"version": 99}, {"version": "x"}, {"format": "other"}, {"profile": None}, {"saved": 5}, {"more": 1}),
        *({"segmentation": "../../passwd"}, {"segmentation": "segmentation-00000000.seg.nrrd"}, {"view": 5}),
        *({"scan": {**scan, "shape_kji": [1, 2, 3]}}, {"scan": {**scan, "shape_kji": "x"}}, {"scan": []}),
        *({"scan": {**scan, "ijk_to_ras": [0] * 16}}, {"scan": {**scan, **nowhere}}, {"scan": {**scan, **elsewhere}}),
        {"scan": {**scan, "relative": None, "absolute": str(base / "text.nrrd")}},
    ]
    contents = [json.dumps({**document, **each}).encode() for each in changes]
    whole = json.dumps(document).encode()
    contents += [b"", whole[: len(whole) // 2], b"[" * 100_000, b"\xff\x00" + whole]
    for number, content in enumerate(contents):
        shutil.copytree(sound, base / str(number))
        (base / str(number) / "project.json").write_bytes(content)
        yield base / str(number)
    for number, content in enumerate((b"", (sound / segmentation).read_bytes()[:-40])):
        shutil.copytree(sound, base / f"cut {number}")
        (base / f"cut {number}" / segmentation).write_bytes(content)
        yield base / f"cut {number}"
    yield from (base, base / "none", Path("relative"), Path("/" + "long" * 500))


def refused(page: WebPage, folder: Path) -> str:
    """What the page says of a project that it is asked to open, and leaves alone."""
    page.page.evaluate("trame.state.set('notice', '')")
    page.page.evaluate("path => trame.trigger('open_project', [path])", str(folder))
    page.wait("(notice || project_missing || project_changed) && !busy_text")
    said = str(page["notice"] or page["project_missing"] or page["project_changed"])
    if not page["notice"]:
        page.page.get_by_role("button", name="Cancel").click()
        page.wait("!project_missing && !project_changed")
        page.rest()  # the next one may ask, too
    return said


def wait_for_everything(page: WebPage, before: dict[str, object]) -> None:
    """Wait until a page tells the same; what differs is printed."""
    told: list[object] = []

    def is_back() -> bool:
        now = everything(page)
        differing = {key: (before[key], now[key]) for key in before if before[key] != now[key]}
        if differing and differing not in told:
            told.append(differing)
            print("not yet back:", differing)
        return not differing

    page.until(is_back, 300)


def open_own_record(page: WebPage, path: Path) -> None:
    """Take away what was submitted as a prompt file, and open that: it is computed again."""
    path.write_bytes(page.page.context.request.get(f"{page.app.origin}/download/prompts").body())
    page.open_panel("Project")
    with page.page.expect_file_chooser() as waiting:
        page.page.get_by_role("button", name="Open segmentation", exact=True).click()
    waiting.value.set_files(path)
    page.wait(f"notice.startsWith(\"'{path.name}' is open\") && unsaved_work")


def kept_prompts(data: Path) -> bool:
    """Whether the last click is on disk."""
    for file in data.glob("unsaved/*/project/project.json"):
        document = json.loads(file.read_text())
        return bool(document["segmentation"]) and '"point"' in document["choices"].get("pending", "")
    return False


def save_to(page: WebPage, folder: Path) -> None:
    page.open_panel("Project")
    page.page.get_by_label("Folder of the project on this computer").fill(str(folder))
    page.wait(f"project_path === {json.dumps(str(folder))}")
    page.page.get_by_role("button", name="Save project").click()
    page.wait("notice.startsWith('Saved to') && !busy_text && !unsaved_work")


def test_a_segmentation_waits_for_its_scan_and_says_so(
    start, a_scan_file: Path, a_labelmap_file: Path, tmp_path: Path
) -> None:
    page = start("--volume", tmp_path / "moved.nrrd", "--segmentation", a_labelmap_file, has_scan=False)
    page.wait("notice.startsWith(\"'labels.nii.gz' is opened as soon as there is a scan\")")
    page.open_panel("Scan")
    page.page.get_by_role("textbox", name="Full path of a scan on this computer").fill(str(a_scan_file))
    page.press("Enter")
    page.wait(
        "has_scan && notice.includes(\"'labels.nii.gz' is open\") && !notice.includes('as soon as') && !busy_text"
    )
    page.wait("classes[classes.length - 1].name === 'Dust'")
