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
        self._seen: object = None
        self._first_s: float | None = None
        self._last_s = 0.0

    def look(self, stamp: object) -> None:
        """See what there is to keep: only what differs from what was seen last is a change.

        A program that tells of its progress many times a second changes nothing that is kept, and holds nothing up.
        """
        if stamp != self._seen:
            self._seen = stamp
            self._change(self._now_s())

    def begin(self) -> None:
        """What has changed so far is being written."""
        self._first_s = None

    def try_again(self) -> None:
        """It was not written: that is tried again a while later, or with the next change."""
        self._change(self._now_s() + _AT_LATEST_S - _QUIET_S)

    @property
    def wait_s(self) -> float | None:
        """Seconds until it is time, 0 where it is; None where nothing has changed."""
        if self._first_s is None:
            return None
        end_s = min(self._last_s + _QUIET_S, self._first_s + _AT_LATEST_S)
        return max(0.0, end_s - self._now_s())

    def _change(self, at_s: float) -> None:
        self._last_s = at_s
        self._first_s = self._now_s() if self._first_s is None else self._first_s
