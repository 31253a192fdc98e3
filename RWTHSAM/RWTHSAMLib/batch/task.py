"""One piece of work, as it travels to whoever does it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..core.system.error_text import one_line
from ..errors import ClusterError
from .pieces import Pieces, is_as_it_was

_THREADS_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RWTHSAM_THREADS")


def threads_environment(threads: int) -> dict[str, str]:
    """What tells the libraries in a process how many threads they may have."""
    return dict.fromkeys(_THREADS_VARIABLES, str(threads))


@dataclass(frozen=True)
class Product:
    """What work gives.

    Attributes
    ----------
    told : dict
        Small, for whoever asked: goes back to the process that drives the job.
    kept : object
        Stays on disk, for tasks that come later; as `json` takes it.
    files : list of dict
        `file_facts` of results that are put into the scan's folder.
    """

    told: dict[str, Any]
    kept: Any = None
    files: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """A piece of work; it is done where its key is not among the finished pieces.

    Attributes
    ----------
    key : str
        See `key_of`.
    kind : str
        A word for progress and dashboards, such as ``"auto"``.
    label : str
        For people: ``"cell-3: auto, slices 0 to 7"``.
    work : callable
        Of a module's top level, so that it can be sent; takes the pieces and the arguments.
    arguments : tuple
    """

    key: str
    kind: str
    label: str
    work: Callable[..., Product]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Attributes
    ----------
    told : dict
        See `Product`; empty after an error.
    seconds : float
        Of work; 0 where the piece was there.
    was_there : bool
    error : str
        In one line; empty if it went well.
    """

    told: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    was_there: bool = False
    error: str = ""


def finished(pieces: Pieces, key: str) -> Outcome | None:
    """The outcome of a piece that is on disk whole, its results among them; else None."""
    piece = pieces.read(key)
    if piece is None or not all(is_as_it_was(each) for each in piece["files"]):
        return None
    return Outcome(piece["told"], was_there=True)


def done(task: Task, pieces: Pieces) -> Outcome:
    """Do a task, unless it is done, and keep what it gave; an error is an outcome, too."""
    try:
        if not pieces.folder.is_dir():
            raise ClusterError(
                f"'{platform.node()}' does not see '{pieces.folder}': name one that all computers share by --pieces."
            )
        there = finished(pieces, task.key)
        if there is not None:
            return there
        begin_s = time.perf_counter()
        product = task.work(pieces, *task.arguments)
        seconds = time.perf_counter() - begin_s
        pieces.write(task.key, {"told": product.told, "kept": product.kept, "files": product.files})
    except Exception as error:  # whatever happens to one scan, the others go on
        return Outcome(error=one_line(error))
    return Outcome(product.told, seconds)


def done_by_worker(task: Task, pieces: Pieces, environment: dict[str, str]) -> Outcome:
    """The same in a process that others started: answers depend on threads and weights, which are those of the job."""
    os.environ.update(environment)
    return done(task, pieces)
