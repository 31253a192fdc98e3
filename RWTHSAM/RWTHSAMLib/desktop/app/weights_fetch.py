"""Fetching weights without making anybody wait: a child process downloads, the file's growth is the progress."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import qt

from ...core.system.lifeline import Lifeline
from ...errors import DownloadError
from ...models.catalogue import ModelEntry
from ...models.weights import weights_folder
from ...worker.process import child_environment, own_python

# a choice: as often as an eye follows a progress bar
_POLL_INTERVAL_MS = 200
_CHILD = "RWTHSAMLib.models.weights_process"
_END_TIMEOUT_S = 5.0


class WeightsFetch:
    """One download at a time; what has come when it is cancelled is kept, and the next one goes on from there.

    Parameters
    ----------
    progressed : callable
        Called with bytes done and bytes in all (None: unknown).
    ended : callable
        Called with None when the weights are there, else with the error.
    """

    def __init__(
        self, progressed: Callable[[int, int | None], None], ended: Callable[[DownloadError | None], None]
    ) -> None:
        self._progressed, self._ended = progressed, ended
        self._process: subprocess.Popen[bytes] | None = None
        self._entry: ModelEntry | None = None
        self._folder = Path()
        self._timer = qt.QTimer()
        self._timer.setInterval(_POLL_INTERVAL_MS)
        self._timer.connect("timeout()", self.poll)

    @property
    def is_running(self) -> bool:
        """Whether a download is under way."""
        return self._process is not None

    def start(self, entry: ModelEntry, folder: Path | None = None) -> None:
        """Begin to fetch the weights of a model into a folder (default: the cache folder)."""
        self.cancel()
        self._entry, self._folder = entry, folder or weights_folder()
        try:
            self._process = self._start_process(entry)
        except OSError as error:  # no interpreter, no memory, no room for a temporary file, no local connections
            self._ended(DownloadError(f"The download could not be started: {error}. Restart Slicer and try again."))
            return
        self._timer.start()

    def _start_process(self, entry: ModelEntry) -> subprocess.Popen[bytes]:
        with ExitStack() as undone:
            self._errors = undone.enter_context(tempfile.TemporaryFile())
            self._lifeline = Lifeline()
            undone.callback(self._lifeline.cut)
            process = subprocess.Popen(
                [str(own_python()), "-X", "utf8", "-m", _CHILD, json.dumps(asdict(entry)), str(self._folder)],
                env={**child_environment(None, None), **self._lifeline.environment},
                stdin=subprocess.DEVNULL,
                stderr=self._errors,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            undone.pop_all()  # both stay open as long as the process runs
        return process

    def poll(self) -> None:
        """Report progress and the end; the timer calls this."""
        if self._process is None or self._entry is None:
            return
        code = self._process.poll()
        if code is None:
            self._progressed(self._bytes_done(), self._entry.size_bytes)
            return
        error = self._last_words() if code else None
        self._release()
        self._ended(DownloadError(error) if error is not None else None)

    def cancel(self) -> None:
        """End the download, if there is one; nothing is reported."""
        if self._process is None:
            return
        self._lifeline.cut()  # the process that was started may be a launcher of the one that downloads
        try:
            self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._release()

    def close(self) -> None:
        """Leave no process and no timer behind."""
        self.cancel()
        self._timer.disconnect("timeout()", self.poll)
        self._timer.deleteLater()

    def _bytes_done(self) -> int:
        unfinished = self._folder / f"{self._entry.file_name}.part" if self._entry else Path()
        return unfinished.stat().st_size if unfinished.is_file() else 0

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()[-2000:] or "The download ended unexpectedly."

    def _release(self) -> None:
        self._timer.stop()
        self._lifeline.cut()
        self._errors.close()
        self._process = None
