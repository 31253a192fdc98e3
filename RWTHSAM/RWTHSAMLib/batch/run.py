"""Drives a job: asks each scan's work for its next tasks, has them done, and goes on with the others if one fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..core.system.error_text import one_line
from ..errors import ClusterError
from .pieces import Pieces
from .task import Outcome, Task, done

Work = Generator[Sequence[Task], list[dict[str, Any]], None]
"""Yields tasks that do not depend on each other, and is sent what they told, in their order."""


class Runner(Protocol):
    """Whoever does tasks."""

    @property
    def capacity(self) -> int:
        """Scans that should be in work at the same time."""

    def submit(self, task: Task) -> None:
        """Take a task."""

    def next_done(self) -> tuple[Task, Outcome]:
        """Wait for any task that was taken; each comes once."""


class InProcess:
    """Does tasks here, one after the other."""

    capacity = 1

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._waiting: deque[Task] = deque()

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._waiting.append(task)

    def next_done(self) -> tuple[Task, Outcome]:
        """Do the next task."""
        task = self._waiting.popleft()
        return task, done(task, self._pieces)


@dataclass
class ScanResult:
    """What became of a scan.

    Attributes
    ----------
    name, path : str
    error : str
        In one line; empty if all of it was done.
    computed, found : int
        Tasks that were done now, and that had been done before.
    seconds : float
        Of work, on all processes together.
    told : list of dict
        What its tasks told.
    """

    name: str
    path: str
    error: str = ""
    computed: int = 0
    found: int = 0
    seconds: float = 0.0
    told: list[dict[str, Any]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count a task."""
        self.seconds += outcome.seconds
        self.found += outcome.was_there
        self.computed += not outcome.was_there and not outcome.error
        self.told.append(outcome.told)


@dataclass
class Progress:
    """How far a job is.

    Attributes
    ----------
    scans, scans_done, scans_failed : int
    tasks, tasks_done : int
        Of the scans that are in work or done; how many others will have is not known yet.
    """

    scans: int
    scans_done: int = 0
    scans_failed: int = 0
    tasks: int = 0
    tasks_done: int = 0


@dataclass
class _Scan:
    """A scan in work."""

    work: Work
    result: ScanResult
    wanted: list[str] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def is_answered(self) -> bool:
        return len(self.outcomes) == len(set(self.wanted))


def drive(
    works: Sequence[tuple[ScanResult, Work]], runner: Runner, report: Callable[[Progress], None] = lambda _: None
) -> None:
    """Do everything for all scans; what became of them is written into their results.

    Parameters
    ----------
    works : sequence of (ScanResult, Work)
    runner : Runner
    report : callable
        Hears of every task that is done.
    """
    _Driver(works, runner, report).run()


class _Driver:
    def __init__(
        self, works: Sequence[tuple[ScanResult, Work]], runner: Runner, report: Callable[[Progress], None]
    ) -> None:
        self._waiting = deque(_Scan(work, result) for result, work in works)
        self._runner, self._report = runner, report
        self._progress = Progress(len(works))
        self._in_work: list[_Scan] = []
        self._submitted: set[str] = set()

    def run(self) -> None:
        self._begin_some()
        while self._in_work:
            try:
                task, outcome = self._runner.next_done()
            except ClusterError as error:
                self._give_up(str(error))
                return
            self._submitted.discard(task.key)
            self._progress.tasks_done += 1
            # two scans may want the same piece
            for scan in [each for each in self._in_work if task.key in each.wanted]:
                self._take(scan, task, outcome)
            self._begin_some()
            self._report(self._progress)

    def _begin_some(self) -> None:
        while self._waiting and len(self._in_work) < self._runner.capacity:
            scan = self._waiting.popleft()
            self._in_work.append(scan)
            self._go_on(scan, None)

    def _take(self, scan: _Scan, task: Task, outcome: Outcome) -> None:
        scan.outcomes[task.key] = outcome
        scan.result.add(outcome)
        if outcome.error and not scan.result.error:
            scan.result.error = f"{task.label}: {outcome.error}"
        if not scan.is_answered:
            return
        if scan.result.error:
            self._end(scan)
        else:
            self._go_on(scan, [scan.outcomes[key].told for key in scan.wanted])

    def _go_on(self, scan: _Scan, told: list[dict[str, Any]] | None) -> None:
        try:
            tasks = next(scan.work) if told is None else scan.work.send(told)
            while not tasks:
                tasks = scan.work.send([])
        except StopIteration:
            self._end(scan)
            return
        except Exception as error:  # a scan's own work; the others go on
            scan.result.error = one_line(error)
            self._end(scan)
            return
        scan.wanted, scan.outcomes = [each.key for each in tasks], {}
        for each in tasks:
            if each.key not in self._submitted:
                self._submitted.add(each.key)
                self._progress.tasks += 1
                self._runner.submit(each)

    def _give_up(self, why: str) -> None:
        """Nobody is left to do anything."""
        for scan in (*self._in_work, *self._waiting):
            scan.result.error = scan.result.error or why
            scan.work.close()

    def _end(self, scan: _Scan) -> None:
        scan.work.close()
        self._in_work.remove(scan)
        self._progress.scans_done += 1
        self._progress.scans_failed += bool(scan.result.error)
