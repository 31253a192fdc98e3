"""The tutorial is done literally: every step of it that can be read as something to do, with mouse and keys."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pictures
import pytest
from PIL import Image
from playwright.sync_api import Browser
from web_parts import REPOSITORY, RunningApp, WebPage

TUTORIAL = REPOSITORY / "Docs" / "tutorial.md"
PLACES_IJ = {"the bright ring": (22, 128), "the dark middle": (128, 128), "the windings": (60, 128)}
"""What a person sees there in the phantom's middle slice."""
MIDDLE_K = 48
_LOOKS_S = 10
"""As long a person looks whether a mask is the right one: it is drawn some time after it was computed."""


@pytest.fixture
def page(browser: Browser, own_weights: Path, tmp_path: Path) -> Iterator[WebPage]:
    """The page as `make run` opens it, for a person whose home is the test's folder."""
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    app = RunningApp(RWTHSAM_WEIGHTS="", **home)
    opened = WebPage.open(browser, app)
    opened.wait("engine_phase === 'ready' && model_name === 'rwthsam_net'")
    yield opened
    assert opened.errors == []
    opened.page.context.close()
    app.stop()


def steps_of(text: str) -> list[str]:
    """The numbered lines, each with the lines that belong to it."""
    return [" ".join(each.split()) for each in re.findall(r"^\d+\. (.*(?:\n   .*)*)", text, re.MULTILINE)]


class Reader:
    """A person who does what is written."""

    def __init__(self, page: WebPage, folder: Path) -> None:
        self._page, self._folder = page, folder
        self._doings: dict[str, Callable[..., None]] = {
            r"Press `(.+?)`(?! until)": self._press,
            r"Press `C` until the windings are green and the core is not": self._choose_roll_without_core,
            r"Press \*\*(.+?)\*\*": self._push,
            r"Click on (the .+?) in \*Axial\*": self._click,
            r"Click on the first doubtful slice": self._look_at_doubt,
            r"Unfold \*\*(.+?)\*\*": page.open_panel,
            r"Type `(.+?)` into \*\*(.+?)\*\*": self._type,
            r"Download \*\*(.+?)\*\*": self._download,
            r"Wait until the bar is gone": self._wait_for_object,
            r"The object begins there now": self._wait_for_range,
            r"The status line says \*(.+?)\*": self._read_status,
            r"The class \*(.+?)\* is chosen": self._read_class,
        }

    def do(self, step: str) -> int:
        """Do all that a step says, in its order; returns how much that was."""
        found = [
            (match.start(), do, match.groups())
            for text, do in self._doings.items()
            for match in re.finditer(text, step)
        ]
        for _, do, words in sorted(found, key=lambda each: each[0]):
            do(*words)
        return len(found)

    def _press(self, key: str) -> None:
        self._page.press(key.lower() if len(key) == 1 else key)

    def _push(self, name: str) -> None:
        self._page.rest()
        named = self._page.page.get_by_role("button", name=name, exact=True)
        self._page.page.locator("button:not(.v-expansion-panel-title)").and_(named).first.click()

    def _click(self, place: str) -> None:
        self._page.click(*self._page.place_of("Axial", (*PLACES_IJ[place], MIDDLE_K)))
        self._page.wait("can_submit")

    def _choose_roll_without_core(self) -> None:
        def is_right() -> bool:
            return self._is_green("the windings") and not self._is_green("the dark middle")

        for _ in self._page["candidates"]:
            with suppress(AssertionError):
                self._page.until_seen(is_right, within_s=_LOOKS_S)
                return
            shown = self._page["candidate"]
            self._page.press("c")
            self._page.wait(f"candidate !== {shown} && can_submit")
        raise AssertionError("No mask that the model offers is the roll without the core.")

    def _is_green(self, place: str) -> bool:
        """Whether a place of the large view is green round where a person points."""
        x, y = self._page.place_of("Axial", (*PLACES_IJ[place], MIDDLE_K))
        box = {"x": x - 12, "y": y - 12, "width": 24, "height": 24}
        shot = np.asarray(Image.open(io.BytesIO(self._page.page.screenshot(clip=box))).convert("RGB"), int)
        return bool(np.mean(shot[..., 1] > np.maximum(shot[..., 0], shot[..., 2]) + 15) > 0.5)

    def _look_at_doubt(self) -> None:
        index = self._page["prop_doubtful"][0]["index"]
        self._page.page.locator(".doubtful-list .prompt-row").first.click()
        self._page.wait(f"slice_Axial.index === {index}")
        self._page.screenshot("tutorial-doubt")
        self._page.show_slice("Axial", MIDDLE_K)

    def _type(self, text: str, field: str) -> None:
        found = self._page.page.get_by_label(field, exact=True)
        found.fill(text)
        found.press("Enter")

    def _download(self, name: str) -> None:
        self._page.download(f"Download {name.lower()}", self._folder)

    def _wait_for_object(self) -> None:
        self._page.wait("prop_there && !prop_running")

    def _wait_for_range(self) -> None:
        begin = "prop_text.startsWith(`k = ${prop_values.first.value} to`)"
        self._page.wait(f"prop_there && !prop_running && prop_values.first.value && {begin}")

    def _read_status(self, words: str) -> None:
        self._page.wait(f"status_text.includes({words!r})")

    def _read_class(self, name: str) -> None:
        self._page.wait(f"class_name === {name!r}")


def coloured_share(page: WebPage) -> float:
    """Share of the 3D view that has a class's colour."""
    shot = np.asarray(Image.open(io.BytesIO(page.page.screenshot(clip=page.box("3D")))).convert("RGB"), int)
    return float(np.mean(shot.max(axis=2) - shot.min(axis=2) > 60))


@pytest.mark.picture
def test_the_tutorial_is_done_as_it_is_written(page: WebPage, tmp_path: Path) -> None:
    reader, steps = Reader(page, tmp_path), steps_of(TUTORIAL.read_text(encoding="utf-8"))
    assert len(steps) > 20
    for step in steps:
        assert reader.do(step), f"Nothing in this can be done: {step}"
    page.wait("!unsaved_work && !busy_text")
    page.until_seen(lambda: coloured_share(page) > 0.1)  # the classes fill the 3D view
    page.toggle_panel("Project")  # its folder is this test's
    page.picture("tutorial")
    if pictures.are_taken():
        page.page.evaluate("trame.state.set('panels', ['view3d'])")
        page.page.get_by_label("Volume: see into the classes").click()
        page.wait("render_shown && render_percent < 0 && !has_surfaces")
        page.page.get_by_role("button", name="Quarter").click()
        page.wait("render_cut === 'quarter' && render_percent < 0")
        page.page.wait_for_timeout(20_000)  # nobody tells that the finest picture of the view has come
        shutil.copyfile(page.undisturbed("web-rendering"), pictures.IMAGES / "web-rendering.png")
    assert (tmp_path / "my-first-cell.rwthsam").is_dir()
    with next(tmp_path.glob("*.csv")).open(encoding="utf-8") as file:
        volumes = {row["class"]: float(row["volume (mm3)"]) for row in csv.DictReader(file) if row["part"] == "0"}
    assert 0 < volumes["Core"] < volumes["Can"] < volumes["Jelly roll"]
