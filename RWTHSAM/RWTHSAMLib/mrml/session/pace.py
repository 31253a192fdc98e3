"""How much longer something takes, from its pace so far, and how that is said."""

from __future__ import annotations

import math
from collections.abc import Callable

# choices: how fast what is shown follows the pace, and from when on it is better corrected upwards than held
_SETTLES_S = 4.0
_TOO_LOW, _TOO_LOW_S = 1.5, 5.0
_ROUNDED_TO_S = ((10.0, 1), (30.0, 5), (90.0, 10))


class Pace:
    """The pace of something that goes on in shares of a whole.

    What it says is left falls smoothly and does not rise by every hitch: only what was far too low is corrected.

    Parameters
    ----------
    now_s : callable
        A clock.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._started_s, self._share_at_start = 0.0, 0.0
        self._said_s: float | None = None
        self._said_at_s = 0.0

    def begin(self, share: float) -> None:
        """It goes on now, from a share of 0 to 1: what was done before tells nothing of the pace."""
        self._started_s, self._share_at_start = self._now_s(), share
        self._said_s = None

    def remaining_s(self, share: float) -> float | None:
        """What is left takes about as long, or None while nothing was gained."""
        now_s, gained = self._now_s(), share - self._share_at_start
        if gained <= 0:
            return None
        estimate_s = (now_s - self._started_s) / gained * (1 - share)
        self._said_s, self._said_at_s = self._smoothed_s(estimate_s, now_s - self._said_at_s), now_s
        return self._said_s

    def _smoothed_s(self, estimate_s: float, since_s: float) -> float:
        if self._said_s is None or estimate_s > _TOO_LOW * self._said_s + _TOO_LOW_S:
            return estimate_s
        # the clock runs, whatever the pace says
        counted_s = max(0.0, self._said_s - since_s)
        settles_s = min(_SETTLES_S, max(estimate_s / 3, _SETTLES_S / 10))  # near the end it has less time for it
        followed_s = counted_s + (estimate_s - counted_s) * -math.expm1(-since_s / settles_s)
        return min(self._said_s, followed_s)


def remaining_text(remaining_s: float | None) -> str:
    """The end of a sentence, as in ``, about 15 s left``; empty where nothing is known.

    No finer than anybody can know it, so that the number does not flicker.
    """
    if remaining_s is None:
        return ""
    step_s = next((step for below, step in _ROUNDED_TO_S if remaining_s < below), 1)
    return f", about {duration(max(1, math.ceil(remaining_s / step_s)) * step_s)} left"


def duration(seconds: float) -> str:
    """A time span in the words of a person."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
