"""Where the worker is: a child process of this host, or a running one at an address.

Both kinds are an endpoint: something that, polled, yields a `Link` once there is one, and says when it has ended.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..errors import SettingsError
from ..inference.cache.embedding_cache import CacheSettings
from .link import Link

HOST_VARIABLE = "RWTHSAM_WORKER_HOST"
"""Environment variable that tells a child process the port and the key of its host."""
_LIBRARY_FOLDER = Path(__file__).resolve().parents[2]
# choices: importing PyTorch from a slow disk may take long; an end takes a moment, then it is killed
_START_TIMEOUT_S = 60.0
_LOG_TAIL_BYTES = 4000
_STOP_TIMEOUT_S = 0.3
_KILLED = 9
_OF_ANOTHER_PYTHON = ("PYTHONHOME", "PYTHONPATH", "PYTHONNOUSERSITE", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True)
class WorkerSettings:
    """How the inference process is started or reached.

    Attributes
    ----------
    python : Path, optional
        Interpreter of the child process; default: the one that runs this.
    environment : mapping, optional
        The child's whole environment; default: this process's, less what ties it to another Python than its own.
    address : str, optional
        ``"host:port"`` of a worker that is already running (usually the near end of a tunnel); no child is started.
    key : str, optional
        The running worker's key; needed with `address`.
    cache : CacheSettings
        Limits of the embedding cache.
    """

    python: Path | None = None
    environment: Mapping[str, str] | None = None
    address: str | None = None
    key: str | None = field(default=None, repr=False)
    cache: CacheSettings = field(default_factory=CacheSettings)

    def __post_init__(self) -> None:
        if self.address is not None:
            host_and_port(self.address)
            if not self.key:
                raise SettingsError("A worker at an address needs its key: it prints one when it is started.")


class Endpoint(Protocol):
    """Where a worker is."""

    @property
    def process_id(self) -> int | None:
        """Of the child process, if it is one."""

    def connect(self) -> Link | None:
        """The connection, once there is one; to be called again and again."""

    def ended(self) -> str | None:
        """Why it has ended; None while it lasts."""

    def log_tail(self) -> str:
        """The last lines that the worker wrote, once it has been stopped."""

    def stop(self) -> None:
        """End it, within a second."""


def open_endpoint(settings: WorkerSettings) -> Endpoint:
    """Start a child process, or begin to connect to a running worker.

    Raises
    ------
    SettingsError
        If the interpreter cannot be started.
    """
    if settings.address is not None:
        return RemoteWorker(settings.address, (settings.key or "").encode())
    return ChildWorker(settings.python, settings.environment)


class ChildWorker:
    """A worker as a child process, which connects back to a port of this host.

    The port and the key travel in the child's environment, which other users cannot read. The child ends itself when
    the connection does, so none outlives its host, however that ends.
    """

    def __init__(self, python: Path | None, environment: Mapping[str, str] | None) -> None:
        self._key = secrets.token_bytes(32)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process runs)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._deadline = time.monotonic() + _START_TIMEOUT_S
        self._pending: list[Link] = []
        self._last_words = ""
        try:
            self._process = self._start(str(python or own_python()), child_environment(python, environment))
        except OSError as error:
            self._listener.close()
            self._log.close()
            raise SettingsError(
                f"The inference process cannot be started with {python or own_python()}: {error}."
            ) from error

    @property
    def process_id(self) -> int | None:
        """Of the child process."""
        return self._process.pid

    def connect(self) -> Link | None:
        """The authenticated connection, once the child has made it."""
        with contextlib.suppress(OSError):  # nobody is knocking
            self._pending.append(Link(self._listener.accept()[0], self._key))
        for link in self._pending:
            link.pump()
        self._pending = [link for link in self._pending if link.failure is None]
        found = next((link for link in self._pending if link.is_open), None)
        if found is not None:
            self._listener.close()
            self._pending.remove(found)
            for stranger in self._pending:
                stranger.close()
        return found

    def ended(self) -> str | None:
        """Exit of the child, or its silence at the start."""
        code = self._process.poll()
        if code is not None:
            return f"The inference process ended ({_exit_text(code)})."
        if self._listener.fileno() != -1 and time.monotonic() > self._deadline:
            return f"The inference process did not answer within {_START_TIMEOUT_S:.0f} s."
        return None

    def log_tail(self) -> str:
        """The last lines of the child's output, once it has been stopped."""
        return self._last_words

    def stop(self) -> None:
        """End the child: it holds nothing that could be lost."""
        self._listener.close()
        for link in self._pending:
            link.close()
        try:
            self._process.wait(_STOP_TIMEOUT_S)  # its connection is closed, so it ends by itself
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if not self._log.closed:
            self._last_words = self._read_log_tail()
            self._log.close()

    def _read_log_tail(self) -> str:
        # the child has ended: as long as it wrote, both shared the file's position
        size = os.fstat(self._log.fileno()).st_size
        self._log.seek(max(0, size - _LOG_TAIL_BYTES))
        return self._log.read().decode(errors="replace").strip()

    def _start(self, python: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        port = self._listener.getsockname()[1]
        return subprocess.Popen(
            # libraries set the locale to "C" in there, and text and names of files are UTF-8 all the same
            [python, "-X", "faulthandler", "-X", "utf8", "-m", "RWTHSAMLib.worker.__main__"],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={**environment, HOST_VARIABLE: f"{port}:{self._key.hex()}"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )


class RemoteWorker:
    """A worker that somebody else has started, reached at ``host:port``."""

    process_id = None

    def __init__(self, address: str, key: bytes) -> None:
        self._address = address
        self._why: str | None = None
        self._link = Link(_begin_to_connect(*host_and_port(address)), key)

    def connect(self) -> Link | None:
        """The authenticated connection, once the worker has accepted it."""
        if not self._link.is_open:
            self._link.pump()
        return self._link if self._link.is_open else None

    def ended(self) -> str | None:
        """Why the connection has ended."""
        failure = self._link.failure
        return failure and f"The inference process at {self._address} is lost: {failure}"

    def log_tail(self) -> str:
        """Nothing: a worker elsewhere keeps its own log."""
        return ""

    def stop(self) -> None:
        """Close the connection; the worker goes on and waits for the next host."""
        self._link.close()


def host_and_port(address: str) -> tuple[str, int]:
    """Parts of ``"host:port"``; raises `SettingsError` if it is something else."""
    host, separator, port = address.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsError(f"A worker's address is 'host:port', as in 'localhost:7440', not {address!r}.")
    return host.strip("[]"), int(port)


def own_python() -> Path:
    """The interpreter that runs this, also where ``sys.executable`` is the application that embeds it."""
    executable = Path(sys.executable or sys.prefix)
    if "python" in executable.name.lower():
        return executable
    names = ("PythonSlicer", "python3", "python") if os.name != "nt" else ("PythonSlicer.exe", "python.exe")
    folders = (executable.parent, Path(sys.prefix) / "bin", Path(sys.prefix))
    places = [folder / name for folder in folders for name in names]
    return next((place for place in places if place.is_file()), Path(names[-1]))


def child_environment(python: Path | None, environment: Mapping[str, str] | None) -> dict[str, str]:
    """Environment in which the child finds this library, and only what belongs to its own interpreter."""
    result = dict(os.environ if environment is None else environment)
    if environment is None and python is not None and Path(python) != own_python():
        for name in _OF_ANOTHER_PYTHON:
            result.pop(name, None)
    inherited = result.get("PYTHONPATH")
    result["PYTHONPATH"] = os.pathsep.join([str(_LIBRARY_FOLDER), *([inherited] if inherited else [])])
    result["PYTHONSAFEPATH"] = "1"  # from 3.11: the working folder's files do not shadow modules
    result["PYTHONUNBUFFERED"] = "1"
    return result


def _begin_to_connect(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        connection = socket.socket(family, kind, protocol)
        connection.setblocking(False)
        connection.connect_ex(where)
    except OSError as error:
        raise SettingsError(f"The address {host}:{port} cannot be used: {error}.") from error
    return connection


def _exit_text(code: int) -> str:
    if code == -_KILLED:
        return f"signal {_KILLED}: it was killed, most often because the computer's memory ran out"
    return f"signal {-code}" if code < 0 else f"exit code {code}"
