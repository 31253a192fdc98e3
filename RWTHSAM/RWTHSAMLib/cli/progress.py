"""Progress for terminals, where one line is drawn again and again, and a few plain lines for log files."""

from __future__ import annotations

from types import TracebackType
from typing import TextIO, TypeVar

_WIDTH = 32
_TERMINAL_STEP, _LOG_STEP = 0.002, 0.1
_Self = TypeVar("_Self", bound="ProgressLine")


class ProgressLine:
    """Shows how far something is, with a bar in a terminal; elsewhere a line is printed for every tenth part.

    Parameters
    ----------
    stream : TextIO
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._shown: float | None = None

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown is not None and self._is_terminal:
            self._stream.write("\n")
            self._stream.flush()

    def draw(self, share: float, text: str, *, has_bar: bool = True, is_news: bool = False) -> None:
        """Draw the line anew where there is enough to tell.

        Parameters
        ----------
        share : float
            How much is done, 0 to 1; or any number that grows.
        text : str
        has_bar : bool
            Whether `share` is one of a whole.
        is_news : bool
            Whether it is drawn however little has changed.
        """
        step = _TERMINAL_STEP if self._is_terminal else _LOG_STEP
        if not is_news and self._shown is not None and share - self._shown < step:
            return
        self._shown = share
        self._stream.write(f"\r{_bar(share) if has_bar else ''}{text} " if self._is_terminal else f"{text}\n")
        self._stream.flush()


class ProgressBar(ProgressLine):
    """Show how many bytes of how many have come."""

    def show(self, done: int, total: int | None) -> None:
        """Bytes done, and bytes in all where that is known."""
        share = done / total if total else done / 1e9
        self.draw(share, _amount(done, total), has_bar=bool(total), is_news=done == total)


def _bar(share: float) -> str:
    full = int(_WIDTH * min(1.0, share))
    return f"[{'#' * full}{' ' * (_WIDTH - full)}] "


def _amount(done: int, total: int | None) -> str:
    if not total:
        return f"{done / 1e6:.1f} MB"
    return f"{100 * done // total:3d} %  {done / 1e6:.1f} of {total / 1e6:.1f} MB"
