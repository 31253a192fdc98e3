"""Print what scans of several sizes take: the page, a propagation and measurements, in memory and time, of one run.

    python Testing/Benchmarks/scan_sizes.py [SHAPE ...]

A shape is ``KxJxI``; by default four of them are done, the largest of which needs some gigabytes of memory and of the
disk. Each is a made-up cell. On the page the process that shows and the one that computes count together.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / each) for each in ("Python", "Python/web")]

from run_folder import RUN_VARIABLE  # type: ignore[import-not-found]  # noqa: E402
from web_parts import (  # type: ignore[import-not-found]  # noqa: E402
    CHROMIUM_OPTIONS,
    RunningApp,
    WebPage,
    chromium_path,
)

SHAPES_KJI = ("96x256x256", "256x256x256", "512x512x512", "768x768x768")
PROPAGATED = 40
"""So many slices from the middle on."""
_GB, _MB = 1e9, 1e6


@dataclass(frozen=True)
class Taken:
    """Seconds, and the most memory at once in bytes."""

    seconds: float
    memory_bytes: float

    def text(self, per: int = 1) -> str:
        """A cell of the table."""
        return f"{self.seconds / per:.3g} s, {self.memory_bytes / _GB:.1f} GB"


def run(*arguments: object) -> Taken:
    """Run a command of RWTHSAM to its end."""
    start = time.monotonic()
    command = [sys.executable, "-m", "RWTHSAMLib.cli.main", *map(str, arguments)]
    quiet = [(os.POSIX_SPAWN_OPEN, each, os.devnull, os.O_WRONLY, 0) for each in (1, 2)]
    pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"rwthsam {' '.join(map(str, arguments))} failed")
    return Taken(time.monotonic() - start, used.ru_maxrss * 1024)


def on_the_page(browser: Browser, scan: Path, shape_kji: tuple[int, ...]) -> tuple[Taken, float]:
    """From the command to the views; and the seconds from a click to its mask, on a slice that was not prepared."""
    start = time.monotonic()
    app = RunningApp("--volume", scan)
    page = WebPage.open(browser, app)
    opened_s = time.monotonic() - start
    page.wait("engine_phase === 'ready'")
    k, j, i = (each // 2 for each in shape_kji)
    k += k // 2
    page.named("Number of the axial slice").fill(str(k))
    page.press("Enter")
    page.wait(f"slice_Axial.index === {k}")
    place = page.place_of("Axial", (i, j, k))
    clicked = time.monotonic()
    page.click(*place)
    page.wait("can_submit")
    mask_s = time.monotonic() - clicked
    page.press("Enter")
    page.wait("said && has_surfaces")
    memory = sum(most_memory(each) for each in family(app._process.pid))
    page.page.context.close()
    app.stop()
    return Taken(opened_s, memory), mask_s


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def most_memory(pid: int) -> float:
    """The most that a process has held at once, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return float(found[1]) * 1024 if found else 0.0


def row(browser: Browser, shape: str, folder: Path) -> str:
    """A line of the table."""
    shape_kji = tuple(map(int, shape.split("x")))
    scan, labels, prompts = folder / "scan.nrrd", folder / "labels.seg.nrrd", folder / "prompts.json"
    run("phantom", scan, "--shape", *shape_kji, "--labels", labels)
    k, j, i = (each // 2 for each in shape_kji)
    step = {"class": "core", "axis": "k", "index": k, "prompts": [{"point": [i, j, k], "label": 1}]}
    prompts.write_text(json.dumps({"format": "rwthsam-prompts", "version": 2, "steps": [{"kind": "prompts", **step}]}))
    page, mask_s = on_the_page(browser, scan, shape_kji)
    out = folder / "out.seg.nrrd"
    propagated = run("propagate", scan, prompts, "-o", out, "--range", k, min(k + PROPAGATED, shape_kji[0]) - 1)
    measured = run("measure", labels, scan, "-o", folder / "classes.csv")
    voxels_mb = 2 * np.prod(shape_kji) / _MB
    return (
        f"| {' x '.join(map(str, shape_kji[::-1]))} ({voxels_mb:,.0f} MB) | {page.text()} | {mask_s:.1f} s | "
        f"{propagated.text(PROPAGATED)} | {measured.text()} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", default=SHAPES_KJI, metavar="SHAPE")
    given = parser.parse_args()
    print("| voxels (16 bit) | page: until the views are there | first click | `propagate`, a slice | `measure` |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as converted, sync_playwright() as playwright:
        os.environ[RUN_VARIABLE] = converted
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_OPTIONS)
        for shape in given.shapes:
            with tempfile.TemporaryDirectory() as folder:
                print(row(browser, shape, Path(folder)), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
