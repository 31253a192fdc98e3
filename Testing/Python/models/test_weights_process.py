"""A download in a process of its own ends with its host, through a launcher too, and no two write one file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from RWTHSAMLib.core.system.file_lock import locked
from RWTHSAMLib.core.system.lifeline import Lifeline
from RWTHSAMLib.errors import DownloadError
from RWTHSAMLib.models import weights
from RWTHSAMLib.models.catalogue import ModelEntry, model

LIBRARY = Path(weights.__file__).resolve().parents[2]
SIZE_BYTES = 4 << 20
_PIECE = b"w" * (1 << 14)
_PATIENCE_S = 120.0


class SlowServer(ThreadingHTTPServer):
    """Sends weights piece by piece until it is told to hurry, and notices who listens no more."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hurry, self.listening, self.left = threading.Event(), threading.Event(), threading.Event()

    @property
    def entry(self) -> ModelEntry:
        address = f"http://127.0.0.1:{self.server_port}/weights.pt"
        return replace(model("mobile_sam_vit_t"), url=address, size_bytes=SIZE_BYTES, sha256=None)


class _Handler(BaseHTTPRequestHandler):
    server: SlowServer

    def do_GET(self) -> None:
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(SIZE_BYTES - start))
        self.end_headers()
        try:
            while start < SIZE_BYTES:
                self.wfile.write(_PIECE[: SIZE_BYTES - start])
                self.wfile.flush()
                start += len(_PIECE)
                self.server.listening.set()
                self.server.hurry.wait(0.02)
        except OSError:
            self.server.left.set()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def a_server() -> Iterator[SlowServer]:
    with SlowServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.hurry.set()
        server.shutdown()


@pytest.fixture(params=["the interpreter", "a launcher"])
def python(request, tmp_path) -> str:
    """What a host calls to run Python; a launcher's child outlives it."""
    if request.param == "the interpreter" or os.name == "nt":
        return sys.executable
    launcher = tmp_path / "PythonSlicer"
    launcher.write_text(f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n', "utf-8")
    launcher.chmod(0o755)
    return str(launcher)


def begin(python: str, entry: ModelEntry, folder: Path, lifeline: Lifeline) -> subprocess.Popen[bytes]:
    command = [python, "-m", "RWTHSAMLib.models.weights_process", json.dumps(asdict(entry)), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY), **lifeline.environment}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)


def test_a_download_whose_lifeline_is_cut_ends_and_keeps_what_has_come(a_server, python, tmp_path):
    lifeline = Lifeline()
    process = begin(python, a_server.entry, tmp_path, lifeline)
    assert a_server.listening.wait(_PATIENCE_S)
    lifeline.cut()
    assert process.wait(_PATIENCE_S) and a_server.left.wait(_PATIENCE_S)
    assert not (tmp_path / "weights.pt").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_download_ends_when_its_launcher_and_its_host_are_killed(a_server, python, tmp_path):
    script = (
        "import os, subprocess, sys, time\n"
        "from RWTHSAMLib.core.system.lifeline import Lifeline\n"
        "line = Lifeline()\n"
        "child = subprocess.Popen(sys.argv[1:], env={**os.environ, **line.environment}, stdin=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [python, "-m", "RWTHSAMLib.models.weights_process", json.dumps(asdict(a_server.entry)), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY)}
    host = subprocess.Popen([sys.executable, "-c", script, *command], env=environment, stdout=subprocess.PIPE)
    launcher = int(host.stdout.readline())
    assert a_server.listening.wait(_PATIENCE_S)
    host.kill()
    host.wait()
    host.stdout.close()
    if python != sys.executable:
        os.kill(launcher, signal.SIGKILL)
    assert a_server.left.wait(_PATIENCE_S)


def test_a_download_after_a_cancelled_one_is_whole(a_server, python, tmp_path):
    first = Lifeline()
    process = begin(python, a_server.entry, tmp_path, first)
    assert a_server.listening.wait(_PATIENCE_S)
    first.cut()  # nobody waits for its end
    a_server.hurry.set()
    second = Lifeline()
    assert begin(python, a_server.entry, tmp_path, second).wait(_PATIENCE_S) == 0
    second.cut()
    process.wait(_PATIENCE_S)
    assert (tmp_path / "weights.pt").read_bytes() == b"w" * SIZE_BYTES


def test_two_programs_do_not_write_one_file(a_server, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "_LOCK_PATIENCE_S", 0.1)
    lifeline = Lifeline()
    process = begin(sys.executable, a_server.entry, tmp_path, lifeline)
    assert a_server.listening.wait(_PATIENCE_S)
    with pytest.raises(DownloadError, match="fetched by another program"):
        weights.download_weights(a_server.entry, tmp_path)
    a_server.hurry.set()
    assert process.wait(_PATIENCE_S) == 0
    lifeline.cut()
    assert (tmp_path / "weights.pt").stat().st_size == SIZE_BYTES


def test_a_lock_is_free_again_when_its_holder_has_ended(tmp_path):
    path = tmp_path / "lock"
    script = (
        "import os, pathlib, sys\n"
        "from RWTHSAMLib.core.system.file_lock import locked\n"
        "with locked(pathlib.Path(sys.argv[1]), 0):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
        "    os._exit(1)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY)}
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline().strip() == b"held"
    with pytest.raises(BlockingIOError), locked(path, 0.1):
        pass
    holder.communicate()
    end_s = time.monotonic() + _PATIENCE_S
    with locked(path, end_s - time.monotonic()):
        pass
