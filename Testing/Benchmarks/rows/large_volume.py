"""A click must not depend on the size of the volume: 1024 slices of 1024 x 1024 against 16 of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from bench_models import Bench, new_slices, session_on
from timing import Row, in_turn

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.inference.engine import SamEngine

SIDE = 1024
THIN, THICK = 16, 1024
MOST_MORE_MB = 64.0
SLICE = SliceKey("k", 8)


def rows(bench: Bench) -> Iterator[Row]:
    image, engine = next(new_slices(seed=3, side=SIDE)), bench.engine()
    steps = itertools.count()  # one for both: the engine remembers answers, so no pixel may be clicked on twice
    thin, thick = (clicking(image.pixels, count, engine, steps) for count in (THIN, THICK))
    thin(), thick()
    more_mb = peak_more_mb(thick) - peak_more_mb(thin)
    times = in_turn(thin, thick, bench.repeats(40))
    memory = f"at most {MOST_MORE_MB:.0f} MB more memory: {max(more_mb, 0):.1f} MB"
    note = f"a warm click on 1024 x 1024 x 16 | on 1024 x 1024 x 1024; {memory}"
    yield Row("click on a large volume", *times, 1 / 1.2, note, holds=more_mb < MOST_MORE_MB)


def clicking(pixels: np.ndarray, count: int, engine: SamEngine, steps: Iterator[int]) -> Callable[[], None]:
    """A function that clicks on another pixel each time."""
    volume = np.empty((count, *pixels.shape), np.uint8)
    volume[:] = pixels
    session = session_on(volume, engine)

    def click() -> None:
        step = next(steps)
        session.add_point(SLICE, 400 + step % 200, 500 + step // 200)
        session.poll()
        assert session.status.has_mask
        session.undo()

    click()
    return click


def peak_more_mb(work: Callable[[], None]) -> float:
    """By how much the process's peak memory exceeds what it held before; Linux tells, elsewhere 0."""
    status, peak = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not status.exists():
        return 0.0
    peak.write_text("5", encoding="utf-8")
    before = _kilobytes(status, "VmRSS")
    work()
    return (_kilobytes(status, "VmHWM") - before) / 1024


def _kilobytes(status: Path, field: str) -> int:
    line = next(each for each in status.read_text(encoding="utf-8").splitlines() if each.startswith(field))
    return int(line.split()[1])
