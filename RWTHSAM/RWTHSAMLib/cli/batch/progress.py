"""How far a job is: one line in a terminal, a line for every tenth part in a log file."""

from __future__ import annotations

from types import TracebackType
from typing import TextIO

from ...batch.run import Progress

_WIDTH = 32


class TaskProgress:
    """Show scans and tasks that are done."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._tenths = -1
        self._drawn = False

    def __enter__(self) -> TaskProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn and self._is_terminal:
            self._stream.write("\n")
            self._stream.flush()

    def show(self, progress: Progress) -> None:
        """Draw the line anew."""
        share = progress.scans_done / progress.scans
        if progress.scans_done < progress.scans and progress.tasks:
            share += progress.tasks_done / progress.tasks / progress.scans if progress.scans == 1 else 0
        share = min(share, 1.0)
        if not self._is_terminal and int(share * 10) <= self._tenths:
            return
        self._tenths, self._drawn = int(share * 10), True
        text = _text(progress)
        if self._is_terminal:
            full = int(_WIDTH * share)
            self._stream.write(f"\r[{'#' * full}{' ' * (_WIDTH - full)}] {text} ")
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()


def _text(progress: Progress) -> str:
    failed = f", {progress.scans_failed} failed" if progress.scans_failed else ""
    return (
        f"{progress.scans_done} of {progress.scans} scans{failed}, "
        f"{progress.tasks_done} of {progress.tasks} tasks so far"
    )
