"""Rows of the benchmark, and times of two ways of doing the same work, taken in turn on the same machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes
    ----------
    name : str
    baseline_s, ours_s : float, optional
        Best of several; None where nothing was measured.
    target : float
        `ratio` to reach.
    floor_s : float, optional
        The forward's FLOPs over the machine's measured matrix rate: no f32 implementation can be faster.
    note : str
        What baseline and ours are.
    holds : bool
        Whether all else that the row asks for is given, such as memory.
    """

    name: str
    baseline_s: float | None
    ours_s: float | None
    target: float
    note: str
    floor_s: float | None = None
    holds: bool = True

    @property
    def ratio(self) -> float | None:
        """How many times faster than the baseline."""
        return self.baseline_s / self.ours_s if self.baseline_s and self.ours_s else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where nothing was measured."""
        return self.ratio >= self.target and self.holds if self.ratio is not None else None

    def as_json(self) -> dict[str, object]:
        """All fields, with what follows from them."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def in_turn(baseline: Work, ours: Work, repeats: int) -> tuple[float, float]:
    """Least seconds of both, because other programs can only add to them; each runs once beforehand, unmeasured."""
    best = [float("inf"), float("inf")]
    for number in range(repeats + 1):
        for which, work in enumerate((baseline, ours)):
            taken = seconds_of(work)
            best[which] = min(best[which], taken) if number else best[which]
    return best[0], best[1]


def seconds_of(work: Work) -> float:
    """How long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
