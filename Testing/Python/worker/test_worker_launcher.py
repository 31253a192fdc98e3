"""The inference process behind a launcher such as PythonSlicer: it ends with its client, at any moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from RWTHSAMLib.worker.client import EngineSpec
from RWTHSAMLib.worker.process_client import WorkerClient

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="processes are looked at in /proc")

_PATIENCE_S = 120.0


@pytest.fixture
def pid_file(tmp_path, monkeypatch) -> Path:
    """Where a launcher, which is the interpreter now, writes the id of the real one."""
    file, launcher = tmp_path / "pid", tmp_path / "PythonSlicer"
    script = (
        f'#!/bin/sh\n"{sys.executable}" "$@" &\necho $! > "{file}.new"\nmv "{file}.new" "{file}"\nwait $!\nexit $?\n'
    )
    launcher.write_text(script, "utf-8")
    launcher.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(launcher))
    return file


def until(is_so: Callable[[], bool], client: WorkerClient | None = None) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < end_s
        if client is not None:
            client.poll()
        time.sleep(0.01)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("when", ["at once", "when it answers"])
def test_the_real_process_ends_with_its_client(pid_file, tmp_path, when):
    client = WorkerClient()
    client.load(EngineSpec("mobile_sam_vit_t", tmp_path / "none.pt", "cpu"))
    if when == "when it answers":
        until(lambda: client.status.phase == "failed", client)
        assert not has_ended(int(pid_file.read_text()))
    else:
        until(pid_file.is_file)
    client.close()
    until(lambda: has_ended(int(pid_file.read_text())))
