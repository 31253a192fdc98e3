"""How much longer something takes, from its pace so far, and how that is said."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """The pace of something that goes on in shares of a whole.

    Parameters
    ----------
    now_s : callable
        A clock.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._started_s, self._share_at_start = 0.0, 0.0

    def begin(self, share: float) -> None:
        """It goes on now, from a share of 0 to 1: what was done before tells nothing of the pace."""
        self._started_s, self._share_at_start = self._now_s(), share

    def remaining_s(self, share: float) -> float | None:
        """What is left takes about as long, or None while nothing was gained."""
        gained = share - self._share_at_start
        return (self._now_s() - self._started_s) / gained * (1 - share) if gained > 0 else None


def remaining_text(remaining_s: float | None) -> str:
    """The end of a sentence, as in ``, about 12 s left``; empty where nothing is known."""
    return "" if remaining_s is None else f", about {duration(remaining_s)} left"


def duration(seconds: float) -> str:
    """A time span in the words of a person."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
