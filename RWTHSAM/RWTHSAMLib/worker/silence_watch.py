"""Tells a worker that stands still, or computes without end, from one that is merely slow.

A process may be halted, starved of memory, or caught in a library. None of that ends its connection, so a host that
only waits would wait for ever. What is found is a doubt, never an end: a person decides whether to go on waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_ASK_AFTER = 0.25
"""Share of the patience after which a worker that has said nothing is asked: a choice, so that one that talks anyway is
never asked."""
_WHAT_TO_DO = "Wait, or start it anew; prompts and classes are kept."


@dataclass(frozen=True)
class Patience:
    """How long a worker may leave its host without a word; choices, far beyond what was ever seen to be needed.

    Attributes
    ----------
    answer_s : float
        Until it answers whether it is there, which its receiving thread does at once while it computes.
    news_s : float
        Until it tells anything of what it was asked for: that it has begun, how far it is, the result.
    """

    answer_s: float = 20.0
    news_s: float = 300.0


class SilenceWatch:
    """Judge a worker by what is heard of it.

    Parameters
    ----------
    patience : Patience
    now_s : callable
        The time in seconds, from any beginning; never goes back.

    Attributes
    ----------
    doubt : str
        Why the worker may never answer, and what to do, as sentences; empty while there is no reason to think so.
    """

    def __init__(self, patience: Patience, now_s: Callable[[], float]) -> None:
        self._patience, self._now_s = patience, now_s
        self.begin()

    def begin(self) -> None:
        """Count from now on: there is another worker, or nobody waits for this one."""
        self.doubt = ""
        self._heard_s = self._news_s = self._now_s()
        self._asked_s: float | None = None

    def heard(self, is_news: bool) -> None:
        """It is there; `is_news` where it told something of what it was asked for."""
        self._heard_s, self._asked_s = self._now_s(), None
        if is_news:
            self._news_s = self._heard_s

    def look(self, is_awaited: bool) -> bool:
        """Judge anew, after what has come was taken; True where the worker is to be asked whether it is there."""
        if not is_awaited:
            self.begin()
            return False
        now_s = self._now_s()
        self.doubt = self._judged(now_s)
        if self._asked_s is not None or now_s - self._heard_s <= _ASK_AFTER * self._patience.answer_s:
            return False
        self._asked_s = now_s
        return True

    def _judged(self, now_s: float) -> str:
        if self._asked_s is not None and now_s - self._asked_s > self._patience.answer_s:
            return (
                "The inference process has not answered for a while: it may have been halted, or the computer is short "
                f"of memory. {_WHAT_TO_DO}"
            )
        if now_s - self._news_s > self._patience.news_s:
            minutes = self._patience.news_s / 60
            return f"The inference process has computed for over {minutes:.0f} minutes without a result. {_WHAT_TO_DO}"
        return ""
