"""The web app as a person meets it: a process, a browser, a page with slice views."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pictures
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Download, Locator, Page, TimeoutError, expect
from run_folder import share_graphs

REPOSITORY = Path(__file__).resolve().parents[3]
CORE_IJK = (93, 92, 25)
"""A voxel in the middle of the core of the cell that `cell_scan` shows."""
OUTPUT = REPOSITORY / "Testing" / "output" / "web"
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
_PATIENCE_S = int(os.environ.get("RWTHSAM_TEST_PATIENCE_S", 300))
"""How long anything may take before it is believed that it never comes; a loaded machine is slow, not wrong.

Fewer seconds in the environment let somebody who tries things out wait less.
"""
expect.set_options(timeout=1000 * _PATIENCE_S)
_LOOK_AGAIN_MS = 30
_SHOOT_AGAIN_MS = 300
"""A picture of the page costs what the app needs to draw the next one."""
_PROBES_AT_REST = 2
"""So many answers that are the same in a row show that a view has come to rest."""
_LOOKS_AT_REST = 4
"""So many looks that find the same in a row show that nothing is on its way any more."""
_LOOKS_AT_CONTROLS = 2000
"""After so many looks the controls of a picture are believed to be others than those that it shows."""
_SLICE_VIEWS = ("Axial", "Sagittal", "Coronal")
_NOTE_CLICKS = """
    const named = (target) => {
        const hit = (target.closest && target.closest('a, button, [aria-label]')) || target;
        return hit.ariaLabel || (hit.innerText || '').slice(0, 40).replace(/\\s+/g, ' ') || String(hit.className);
    };
    window.hands = [];
    for (const each of ['pointerdown', 'pointerup', 'click', 'keydown']) document.addEventListener(each, (event) => {
        if (each === 'click') window.hitLast = named(event.target);
        window.hands.push([each, event.key || `${event.clientX}, ${event.clientY}`, named(event.target)].join(' '));
        window.hands = window.hands.slice(-8);
    }, true);
"""
_HANDS = """() => ({
    hands: window.hands, focus: document.activeElement.outerHTML.slice(0, 120),
    hovered: [...document.querySelectorAll(':hover')].at(-1)?.outerHTML.slice(0, 120),
})"""
_TELLING = (
    *("notice", "busy_text", "engine_phase", "mode", "tool", "native_tool", "prompted_slices", "prompts", "can_submit"),
    *("undo_text", "status_text", "prop_there", "prop_running", "prop_text", "run_running", "stopping"),
)
"""Values of the page that tell what it is at."""
_IS_AT_REST = """() => {
    const moves = (each) => each.playState === 'running' && each.effect.getTiming().iterations !== Infinity;
    const begins = "[class*='-enter-from'], [class*='-enter-active'], [class*='-leave-active']";
    return !document.querySelector(begins) && !document.getAnimations().some(moves);
}"""
"""Nothing is on its way to another place or size; what turns for ever, such as a wheel of progress, does not count."""
_CONTROLS = """() => {
    const titled = '.v-expansion-panel-title .font-weight-medium';
    const title = (each) => each.parentElement.querySelector(`:scope > ${titled}`)?.innerText;
    const label = (each) => each.labels && each.labels.length && each.labels[0].innerText;
    const name = (each) => String(title(each) || each.ariaLabel || label(each) || each.innerText);
    const places = ':is(.top-bar, .work-drawer, .views) :is(button, a, input, [role=slider], [role=combobox])';
    const inSight = (each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return at && (each.contains(at) || each.parentElement.contains(at) || at.contains(each));
    };
    const stays = (each) => each.checkVisibility() && inSight(each) && !each.closest('.v-pagination');
    const shown = [...document.querySelectorAll(places)].filter(stays);
    return [...new Set(shown.map((each) => name(each).replace(/\\s+/g, ' ').trim()).filter(Boolean))].sort();
}"""
"""The names of all controls in sight, but for the status line's and those that come with long tables."""
IS_LOADED = "window.trame && trame.state && trame.state.get('keys') && trame.utils && trame.utils.rwthsam"
"""The page's own script may come after its state; until then nobody listens to keys."""
_MOUSE_ON_LEAVING = "RPC call trame.rca.event unsuccessful: connection not open"
"""What the mouse did in a view just before the page was left: its connection is closed, and nobody misses it."""
_FAR_SLICES = 5
"""From there on it is quicker to click on the slider first."""


def chromium_path() -> str | None:
    """An installed Chromium or Chrome."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for path in map(shutil.which, names) if path), None)


class RunningApp:
    """``python -m RWTHSAMWeb`` in a process of its own.

    Parameters
    ----------
    *options : str
        Command line options.
    **environment : str
        Changes to the environment.
    """

    def __init__(self, *options: object, **environment: str) -> None:
        self._log = tempfile.TemporaryFile(encoding="utf-8", mode="w+")  # noqa: SIM115 (open as long as the process runs)
        self._cache = tempfile.TemporaryDirectory(prefix="rwthsam-cache-", ignore_cleanup_errors=True)
        share_graphs(Path(self._cache.name))
        paths = [str(REPOSITORY / "RWTHSAM"), str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "RWTHSAMWeb", "--no-browser", *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **self._own_places(), "PYTHONPATH": os.pathsep.join(paths), **environment},
        )
        self.address = self._read_address()

    def _own_places(self) -> dict[str, str]:
        """Folders of its own, so that no app offers what another one left."""
        return {"RWTHSAM_CACHE": self._cache.name, "RWTHSAM_DATA": str(Path(self._cache.name) / "data")}

    @property
    def origin(self) -> str:
        """The address without its token."""
        return self.address.partition("/?")[0]

    def log(self) -> str:
        """What the process wrote to its error output."""
        self._log.seek(0)
        return self._log.read()

    @contextmanager
    def frozen(self, module: str) -> Iterator[None]:
        """Let its child process that runs a module stand still, as where the machine is at something else."""
        pid = self._child(module)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):  # another one may have taken its place
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let the app itself stand still: whatever the page does meanwhile, it does alone."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def _child(self, module: str) -> int:
        """Process id of a child, once it is there."""
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            listed = subprocess.check_output(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], text=True).splitlines()
            for pid, parent, command in (line.split(None, 2) for line in listed if len(line.split(None, 2)) == 3):
                if int(parent) == self._process.pid and f"-m {module}" in command:
                    return int(pid)
            time.sleep(_LOOK_AGAIN_MS / 1000)
        raise RuntimeError(f"The app has no process that runs {module}.")

    def stop(self) -> int:
        """End it as Ctrl+C does; returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._process.stdout.close()
            self._log.close()
            self._cache.cleanup()

    @property
    def is_running(self) -> bool:
        """Whether nobody has ended it."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.wait(_PATIENCE_S)
        self._process.stdout.close()
        self._log.close()
        self._cache.cleanup()

    def _read_address(self) -> str:
        for line in self._process.stdout:
            if found := re.search(r"http://\S+token=\S+", line):
                return found.group()
        raise RuntimeError(f"The app ended before it printed its address:\n{self.log()}")


_Seen = TypeVar("_Seen")

LATE_VARIABLE = "RWTHSAM_TEST_LATE_MS"
"""Set to milliseconds, it lets the page hear everything from its server up to so much later, in the same order."""
SLOW_VARIABLE = "RWTHSAM_TEST_SLOW_MS"
"""Set to milliseconds, it lets all that the browser calls by itself come up to so much later: timers, frames, observers
of sizes and of what is in sight, ends of loading. Throttled by the browser a page would burn the processor instead."""
FAR_VARIABLE = "RWTHSAM_TEST_FAR_MS"
"""Set to milliseconds, it lets every answer to a request come so much later: scripts, fonts, downloads, uploads."""
_HEAR_LATE = """
(() => {
  let before = Promise.resolve();
  window.WebSocket = class extends WebSocket {
    #hear = null;
    get onmessage() { return this.#hear; }
    set onmessage(hear) {
      this.#hear = hear;
      super.onmessage = event => {
        const late = new Promise(done => setTimeout(done, %d * Math.random()));
        before = before.then(() => late).then(() => hear(event)).catch(error => console.error(error));
      };
    }
  };
})();
"""


_CALL_LATE = """
(() => {
  const { setTimeout, requestAnimationFrame } = window;
  const late = call => (...given) => setTimeout(() => call(...given), %d * Math.random());
  window.setTimeout = (call, ms = 0, ...given) => setTimeout(call, ms + %d * Math.random(), ...given);
  window.requestAnimationFrame = call => requestAnimationFrame(late(call));
  for (const name of ['ResizeObserver', 'IntersectionObserver']) {
    window[name] = class extends window[name] { constructor(call, ...given) { super(late(call), ...given); } };
  }
  const { addEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, call, ...given) {
    addEventListener.call(this, type, type === 'load' && typeof call === 'function' ? late(call) : call, ...given);
  };
})();
"""


def let_all_be_late(page: Page) -> None:
    """Make a page, which has no address yet, as late as the environment says."""
    late_ms, slow_ms, far_ms = (int(os.environ.get(each, 0)) for each in (LATE_VARIABLE, SLOW_VARIABLE, FAR_VARIABLE))
    if late_ms:
        page.add_init_script(_HEAR_LATE % late_ms)
    if slow_ms:
        page.add_init_script(_CALL_LATE % (slow_ms, slow_ms))
    if far_ms:
        far = page.context.new_cdp_session(page)
        far.send("Network.enable")
        unlimited = {"downloadThroughput": -1, "uploadThroughput": -1}
        far.send("Network.emulateNetworkConditions", {"offline": False, "latency": far_ms, **unlimited})


@dataclass
class WebPage:
    """The page in a browser, with what tests ask of it."""

    page: Page
    app: RunningApp
    errors: list[str] = field(default_factory=list)
    _places: dict[tuple[str, tuple[int, int, int]], tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def open(cls, browser: Browser, app: RunningApp, *, has_scan: bool = True, **options: object) -> WebPage:
        """Open the printed address, maybe with other options of the browser's context, and wait for what it shows.

        As for whoever asks the system for less motion, what unfolds and fades is at its end at once.
        """
        usual = {"viewport": {"width": 1500, "height": 900}, "reduced_motion": "reduce", "color_scheme": "dark"}
        context = browser.new_context(accept_downloads=True, **{**usual, **options})
        opened = cls(context.new_page(), app)
        opened.page.set_default_timeout(1000 * _PATIENCE_S)
        opened.page.add_init_script(_NOTE_CLICKS)
        let_all_be_late(opened.page)
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.on("console", opened._read_console)
        opened.page.goto(app.address)
        opened.wait_for_scan() if has_scan else opened._wait_for_state()
        opened.page.evaluate("trame.state.set('notices_stay', true)")  # or else a slow machine would read them too late
        return opened

    def load_anew(self) -> None:
        """Reload the page, as F5 does."""
        self.page.reload()
        self.wait_for_scan()

    def _wait_for_state(self) -> None:
        self.page.wait_for_function(IS_LOADED, polling=_LOOK_AGAIN_MS)

    def wait_for_scan(self) -> None:
        self._wait_for_state()
        self.wait("has_scan && slice_Axial.axis")
        self.wait("!busy_text")

    def _read_console(self, message: ConsoleMessage) -> None:
        # what a handler in a template throws, Vue only writes to the console; trame's first question gets a 405
        is_known = message.text.startswith("Failed to load resource") or _MOUSE_ON_LEAVING in message.text
        if message.type == "error" and not is_known:
            self.errors.append(message.text)

    # state

    def __getitem__(self, key: str) -> object:
        return self.page.evaluate("key => trame.state.get(key)", key)

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript condition over the page's state holds.

        What Vue draws shows the same: that is done before the browser comes to anything else.
        """
        # not at every frame, as is the default: a page without a GPU has no time to spare
        try:
            self.page.wait_for_function(
                "condition => { with (trame.state.state) { return Boolean(eval(condition)) } }",
                arg=condition,
                polling=_LOOK_AGAIN_MS,
            )
        except TimeoutError as error:
            raise AssertionError(f"It does not come to {condition!r}; the page shows {self._looks()}.") from error

    def _looks(self) -> dict[str, object]:
        """What tells, of a page that does not come to what was waited for, what became of it instead."""
        self.screenshot("never")
        shown: dict[str, object] = {each: self[each] for each in _TELLING}
        return {**shown, **self.page.evaluate(_HANDS)}

    def until(self, holds: Callable[[], object], again_ms: int = _LOOK_AGAIN_MS, within_s: float = _PATIENCE_S) -> None:
        """Look again and again until something holds that is no state of the page."""
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, "What was waited for does not come."
            self.page.wait_for_timeout(again_ms)

    def until_seen(self, holds: Callable[[], object], within_s: float = _PATIENCE_S) -> None:
        """Look at pictures of the page until something holds of them: they arrive some time after the state."""
        self.until(holds, _SHOOT_AGAIN_MS, within_s)

    def at_rest(self, look: Callable[[], _Seen], again_ms: int = _LOOK_AGAIN_MS) -> _Seen:
        """What is seen once several looks in a row have found the same: nothing of it is on its way any more."""
        looks: list[_Seen] = []

        def is_the_same() -> bool:
            looks.append(look())
            return len(looks) >= _LOOKS_AT_REST and all(each == looks[-1] for each in looks[-_LOOKS_AT_REST:])

        self.until(is_the_same, again_ms)
        return looks[-1]

    def at_rest_seen(self, look: Callable[[], _Seen]) -> _Seen:
        """The same for what is seen in pictures of the page."""
        return self.at_rest(look, _SHOOT_AGAIN_MS)

    # views

    def box(self, view: str) -> dict[str, float]:
        """Place of a view on the page."""
        try:
            found = self._view(view).bounding_box()
        except TimeoutError as error:
            views = self.page.evaluate("document.querySelector('.layout-grid-container')?.innerText")
            raise AssertionError(f"There is no view {view} among {views!r}; the page: {self._looks()}.") from error
        assert found is not None
        return found

    def _view(self, view: str) -> Locator:
        return self.page.locator(".layout-grid-item", has=self.page.get_by_text(view, exact=True))

    def probe(self, x: float, y: float) -> tuple[int, int, int]:
        """Voxel (i, j, k) that the status line names for a place on the page, once its view has come to rest."""
        answers: list[str] = []

        def is_at_rest() -> bool:
            answers.append(self._probed(x, y))  # a view may still be finding its size
            return len(answers) >= _PROBES_AT_REST and len(set(answers[-_PROBES_AT_REST:])) == 1

        self.until(is_at_rest)
        return _voxel_in(answers[-1])

    def _probed(self, x: float, y: float) -> str:
        """The status line's text for a place that the mouse comes to in one move, out of another view.

        Both texts begin with the name of their view, so that none is taken for the answer to another move.
        """
        view = next(each for each in _SLICE_VIEWS if self._is_in(each, x, y))
        other = next(each for each in _SLICE_VIEWS if each != view and self._view(each).is_visible())
        for name, place in ((other, self._middle(other)), (view, (x, y))):
            self.page.mouse.move(*place)
            self.wait(f"probe.startsWith('{name} ')")
        return str(self["probe"])

    def _middle(self, view: str) -> tuple[float, float]:
        box = self.box(view)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def _is_in(self, view: str, x: float, y: float) -> bool:
        box = self._view(view).bounding_box()
        return box is not None and 0 <= x - box["x"] < box["width"] and 0 <= y - box["y"] < box["height"]

    def place_of(self, view: str, ijk: tuple[int, int, int]) -> tuple[float, float]:
        """Place on the page of a voxel of the slice that a view shows: where it was last, if it still is there."""
        known = self._places.get((view, ijk))
        if known is None or self.probe(*known) != ijk:
            self._places[view, ijk] = known = self._looked_for(view, ijk)
        return known

    def _looked_for(self, view: str, ijk: tuple[int, int, int]) -> tuple[float, float]:
        """Place on the page of a voxel, found by pointing at three others and at it."""
        box, wanted = self.box(view), np.array(ijk, float)
        centre = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
        steps = np.array([[0, 0], [60, 0], [0, 40]])
        at, right, down = (np.array(self.probe(*(centre + step)), float) for step in steps)
        per_pixel = np.column_stack([(right - at) / 60, (down - at) / 40])
        place = centre + np.linalg.lstsq(per_pixel, wanted - at, rcond=None)[0]
        # whole voxels over so few pixels tell the scale to a twentieth: what is far from the centre is looked at
        off = wanted - np.array(self.probe(*place), float)
        x, y = place + np.linalg.lstsq(per_pixel, off, rcond=None)[0]
        return float(x), float(y)

    def show_slice(self, view: str, index: int) -> None:
        """Go near a slice with a click on the view's slider, and to it with the arrow keys."""
        box = self.box(view)
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self._click_on_slider(view, index)
        self._thumb(view).focus()
        while (now := int(self[f"slice_{view}"]["index"])) != index:
            self.page.keyboard.press("ArrowRight" if index > now else "ArrowLeft")
            self.wait(f"slice_{view}.index !== {now}")

    def _thumb(self, view: str) -> Locator:
        name = f"[aria-label='{view} slice']"
        return self.page.locator(f"{name} [role=slider], {name}[role=slider]").first

    def _click_on_slider(self, view: str, index: int) -> None:
        shown = dict(self[f"slice_{view}"])
        if abs(int(shown["index"]) - index) < _FAR_SLICES:
            return
        track = self._view(view).locator(".view-slider .v-slider-track").bounding_box()
        assert track is not None
        x = track["x"] + track["width"] * index / int(shown["last"])
        thumb = self._thumb(view).bounding_box()
        if thumb is not None and thumb["x"] <= x <= thumb["x"] + thumb["width"]:
            return  # a press there takes hold of the thumb and moves nothing
        self.page.mouse.click(x, track["y"] + track["height"] / 2)
        self.wait(f"slice_{view}.index !== {shown['index']}")

    def click(self, x: float, y: float, button: str = "left", key: str | None = None) -> None:
        """Click at a place, maybe with a key held down."""
        if key:
            self.page.keyboard.down(key)
        self.page.mouse.click(x, y, button=button)
        if key:
            self.page.keyboard.up(key)

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: str = "left", key: str = "") -> None:
        """Press, move and release, maybe with a key held down."""
        if key:
            self.page.keyboard.down(key)
        self.page.mouse.move(*start)
        self.page.mouse.down(button=button)
        self.page.mouse.move(*((a + b) / 2 for a, b in zip(start, end, strict=True)), steps=4)
        self.page.mouse.move(*end, steps=4)
        self.page.mouse.up(button=button)
        if key:
            self.page.keyboard.up(key)

    def press(self, key: str) -> None:
        """Press a key combination such as ``Control+z``."""
        self.page.keyboard.press(key)

    def named(self, label: str):
        """The widget with an accessible name."""
        return self.page.locator(f"[aria-label='{label}']").first

    def open_panel(self, name: str) -> None:
        """Unfold a panel of the drawer unless it is."""
        title = self.page.locator(".v-expansion-panel-title", has_text=name)
        if title.get_attribute("aria-expanded") != "true":
            self.toggle_panel(name)

    def toggle_panel(self, name: str, within: str = "") -> None:
        """Unfold or fold a panel, maybe one within another part of the page."""
        title = self.page.locator(f"{within} .v-expansion-panel-title", has_text=name)
        before = title.get_attribute("aria-expanded")
        title.click()
        self.until(lambda: title.get_attribute("aria-expanded") != before)
        self.rest()

    def rest(self) -> None:
        """Wait until nothing moves any more: what is pressed while it moves may be somewhere else at the release."""
        self.page.wait_for_function(_IS_AT_REST, polling=_LOOK_AGAIN_MS)

    def download(self, label: str, folder: Path) -> Path:
        """Click on what downloads a file, once nothing else is being written, and keep the file."""
        with self.downloading(label, folder) as path:
            pass
        return path()

    @contextmanager
    def downloading(self, label: str, folder: Path) -> Iterator[Callable[[], Path]]:
        """Click on what downloads a file, and do something meanwhile; gives what returns the file afterwards.

        What the server refuses, and a click that did not hit, fail at once with what there is to know.
        """
        self.wait("!busy_text")
        self.rest()
        begun: list[Download] = []
        self.page.once("download", lambda download: begun.append(download))
        self.page.evaluate("window.hitLast = ''")
        self.named(label).click()
        hit = self.page.evaluate("window.hitLast")
        assert hit == label, f"The click on '{label}' hit '{hit}'."
        yield lambda: self._kept(begun[0], folder)
        self.until(lambda: begun)

    def _kept(self, download: Download, folder: Path) -> Path:
        if failure := download.failure():
            raise AssertionError(f"Nothing was downloaded ({failure}); the page says: '{self['notice']}'")
        path = folder / download.suggested_filename
        download.save_as(path)
        return path

    def clear(self) -> None:
        """Take back every submitted mask, delete all prompts and give the mouse back to them."""
        self.press("Escape")
        self.until(self._is_undone)
        self.wait("!native_tool")
        self.press("Control+Shift+K")
        self.wait("prompted_slices === 0")

    def _is_undone(self) -> bool:
        """Whether nothing is left to undo; else one step is."""
        if self["undo_text"]:
            self.press("Control+z")
        return not self["undo_text"]

    # pictures

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the page as an artefact of the test run."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        path = OUTPUT / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def picture(self, name: str) -> None:
        """Take a picture of the documentation, and hold it to the controls in it."""
        self.hold_controls(name, self.undisturbed(name))

    def hold_controls(self, name: str, picture: Path | None = None) -> None:
        """Hold a picture of the documentation to the controls in sight, some of which may still be on their way."""
        for _ in range(_LOOKS_AT_CONTROLS):
            controls = self.controls()
            if pictures.are_shown(controls, name):
                break
            self.page.wait_for_timeout(_LOOK_AGAIN_MS)
        pictures.hold(picture, controls, name)

    def scroll_up(self) -> None:
        """Show the panels from the first one on, wherever the page was used before."""
        self.page.evaluate("for (const each of document.querySelectorAll('.work-drawer *')) each.scrollTop = 0")

    def bring_into_sight(self, name: str) -> None:
        """Let an unfolded panel lie in the drawer as it does when it was just unfolded."""
        self.scroll_up()
        title = self.page.locator(".v-expansion-panel-title", has_text=name)
        title.evaluate("title => title.parentElement.scrollIntoView({ block: 'nearest' })")
        self.rest()

    def controls(self) -> list[str]:
        """The names of all controls in sight, but for the status line's."""
        names: list[str] = self.page.evaluate(_CONTROLS)
        return names

    def undisturbed(self, name: str) -> Path:
        """A screenshot in which no message and no tooltip lies over anything."""
        self.page.evaluate("trame.state.set('notice', '')")
        self.until(lambda: not self.page.locator(".notice .v-snackbar__wrapper").count())
        size = self.page.viewport_size
        assert size is not None
        self.page.mouse.move(600, size["height"] - 12)  # on the status line
        self.rest()
        return self.screenshot(name)

    def green_pixels(self, view: str) -> int:
        """Number of pixels of a view that the temporary mask tints green."""
        shot = self.page.screenshot(clip=self.box(view))
        red, green, blue = np.moveaxis(np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), int), 2, 0)
        return int(np.count_nonzero((green > red + 25) & (green > blue + 25)))


def _voxel_in(probe: str) -> tuple[int, int, int]:
    """Voxel (i, j, k) in the status line's text."""
    i, j, k = (int(number) for number in re.findall(r" [ijk] (-?\d+)", probe))
    return i, j, k
