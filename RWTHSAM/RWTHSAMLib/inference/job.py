"""What a long job tells whoever waits for it, and how it learns that nobody does any more.

The worker runs each order inside `running`. Code at any depth may `say` what it is doing and should `check` now and
then; outside a job both do nothing, so the same code serves scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from ..errors import Cancelled


@dataclass(frozen=True)
class Job:
    """Ears and mouth of whoever waits.

    Attributes
    ----------
    say : callable
        Takes a short text in plain words.
    interrupted : callable
        Whether the job should stop now; cheap, it is asked often.
    progress : callable
        Takes how much is done, and of how much.
    give_way : callable
        Lets others use the engine for a moment.
    """

    say: Callable[[str], None]
    interrupted: Callable[[], bool]
    progress: Callable[[int, int], None] = field(default=lambda done, total: None)
    give_way: Callable[[], None] = field(default=lambda: None)


_current: ContextVar[Job | None] = ContextVar("current_job", default=None)


@contextmanager
def running(job: Job) -> Iterator[None]:
    """Make `job` the one that `say` and `check` speak to."""
    token = _current.set(job)
    try:
        yield
    finally:
        _current.reset(token)


def say(text: str) -> None:
    """Tell what is being done, as in "Converting the encoder for OpenVINO"."""
    job = _current.get()
    if job is not None:
        job.say(text)


def is_interrupted() -> bool:
    """Whether the present job should stop."""
    job = _current.get()
    return job is not None and job.interrupted()


def check() -> None:
    """Raise `Cancelled` if the present job should stop."""
    if is_interrupted():
        raise Cancelled("The request was withdrawn.")


def progress(done: int, total: int) -> None:
    """Tell how far the present job is."""
    job = _current.get()
    if job is not None:
        job.progress(done, total)


def give_way() -> None:
    """Let whoever is in a greater hurry use the engine now; the present job goes on afterwards."""
    job = _current.get()
    if job is not None:
        job.give_way()
