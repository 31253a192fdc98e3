"""What tests of worker processes share."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.worker.client import Reply
from RWTHSAMLib.worker.process_client import WorkerClient

PATIENCE_S = 240.0
CENTRE = Prompts((PointPrompt(48, 32),))
needs_signals = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


def until(client: WorkerClient, condition: Callable[[list[Reply]], object]) -> list[Reply]:
    """Poll as a front does, until something holds of the replies so far."""
    replies: list[Reply] = []
    deadline = time.monotonic() + PATIENCE_S
    while not condition(replies):
        assert time.monotonic() < deadline, (client.status, replies)
        client.wait(0.02)
        replies += client.poll()
    return replies


def loaded(client: WorkerClient) -> Callable[[list[Reply]], bool]:
    return lambda replies: client.status.phase in ("ready", "failed")


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        return stat.exists() and stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    return subprocess.run(["ps", "-p", str(pid)], stdout=subprocess.DEVNULL).returncode == 0


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.05)


def kill(client: WorkerClient) -> list[Reply]:
    """As the system does where memory has run out; what was answered meanwhile."""
    pid = client.process_id
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return until(client, lambda replies: client.process_id != pid)
