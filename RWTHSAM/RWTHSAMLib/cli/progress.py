"""A progress bar for terminals, and a few plain lines for log files."""

from __future__ import annotations

from types import TracebackType
from typing import TextIO

_WIDTH = 32
_LOG_STEP = 0.1


class ProgressBar:
    """Show how many bytes of how many have come.

    In a terminal one line is drawn again and again; elsewhere a line is printed for every tenth part.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._shown = -1.0
        self._drawn = False

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn and self._is_terminal:
            self._stream.write("\n")
            self._stream.flush()

    def show(self, done: int, total: int | None) -> None:
        """Bytes done, and bytes in all where that is known."""
        share = done / total if total else done / 1e9
        step = 0.002 if self._is_terminal else _LOG_STEP
        if share - self._shown < step and done != total:
            return
        self._shown, self._drawn = share, True
        self._stream.write(f"\r{_bar(done, total)}" if self._is_terminal else f"{_amount(done, total)}\n")
        self._stream.flush()


def _bar(done: int, total: int | None) -> str:
    if not total:
        return _amount(done, total)
    full = _WIDTH * done // total
    return f"[{'#' * full}{' ' * (_WIDTH - full)}] {_amount(done, total)}"


def _amount(done: int, total: int | None) -> str:
    if not total:
        return f"{done / 1e6:.1f} MB"
    return f"{100 * done // total:3d} %  {done / 1e6:.1f} of {total / 1e6:.1f} MB"
