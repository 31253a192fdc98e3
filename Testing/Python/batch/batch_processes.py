"""What tests of jobs in processes of their own share: studies, waiting, and who works on them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from batch_parts import EASY, write_job, write_scan

psutil = pytest.importorskip("psutil")

# a slow machine is no failure
GENEROUS_S = 300.0


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition, for a very long time at most."""
    end_s = time.monotonic() + GENEROUS_S
    while not condition():
        assert time.monotonic() < end_s, f"waited in vain for {what}"
        time.sleep(0.02)


def finished_blocks(study: Path) -> list[Path]:
    return [each for each in (study / "job-pieces").glob("*/*.json") if b'"found"' in each.read_bytes()]


def workers_of(process: subprocess.Popen) -> list[psutil.Process]:
    """Worker processes of a command: those that dask has spawned, without what watches over shared resources."""
    return [each for each in psutil.Process(process.pid).children() if "spawn_main" in words_of(each)]


def words_of(process: psutil.Process) -> str:
    """What a process was started with; nothing if it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen]:
    """A process; it ends with the block."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def in_work(*words: str) -> AbstractContextManager[subprocess.Popen]:
    """A command in a process of its own."""
    return started(sys.executable, "-m", "RWTHSAMLib.cli", *words)


def long_study(folder: Path, weights: Path, slices: int) -> Path:
    """A study with one scan of some slices, and a job that looks through them one by one and measures."""
    write_scan(folder / "scans/long.nrrd", slices=slices)
    write_job(folder, [{"auto": {**EASY, "weights": str(weights)}}, "measure"])
    return folder
