"""When to keep unsaved work: soon after hands rest, and never later than a while after the first change."""

from __future__ import annotations

import time
from collections.abc import Callable

_QUIET_S, _AT_LATEST_S = 1.0, 15.0


class AutosavePace:
    """Says when it is time to write.

    Parameters
    ----------
    now_s : callable
        A clock in seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._first_s: float | None = None
        self._last_s = 0.0

    def changed(self) -> None:
        """Something may have changed."""
        self._last_s = self._now_s()
        self._first_s = self._last_s if self._first_s is None else self._first_s

    @property
    def wait_s(self) -> float | None:
        """Seconds until it is time, 0 where it is; None where nothing has changed."""
        if self._first_s is None:
            return None
        end_s = min(self._last_s + _QUIET_S, self._first_s + _AT_LATEST_S)
        return max(0.0, end_s - self._now_s())

    def begin(self) -> None:
        """What has changed so far is being written."""
        self._first_s = None
