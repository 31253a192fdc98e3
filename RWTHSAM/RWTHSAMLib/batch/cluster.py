"""Has tasks done by the workers of a dask scheduler, on this computer or on others."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import secrets
import time
from collections import deque
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..core.system.error_text import one_line
from ..errors import ClusterError, DependencyMissing
from . import worker_start
from .pieces import Pieces
from .task import Outcome, Task, done_by_worker, threads_environment

if TYPE_CHECKING:
    from distributed import Client, Future

# choices: how long whoever cannot be reached is waited for; how often it is looked whether the scheduler is still there
PATIENCE_S = 60.0
_LOOK_EVERY_S = 1.0
# workers that may end at a task before others are blamed less, and tasks sent ahead to clusters that may grow
_TRIES, AHEAD = 2, 32
_DEVICES = "CUDA_VISIBLE_DEVICES"


class OnCluster:
    """Has tasks done by workers.

    When a worker ends, dask blames every task that it had; each of those is done once more with nothing beside it, so
    that only what really ends its worker is given up. So is a task whose result has gone with its worker.

    Parameters
    ----------
    client : distributed.Client
    pieces : Pieces
        In a folder that all workers see.
    ahead : int
        How many more tasks than workers are sent: none keeps blame small, one for each worker leaves none of them
        waiting for its next, more make clusters grow that grow by need.
    threads : int
        Of the network in each worker.
    environment : mapping of str to str, optional
        What else each worker's environment has to say.
    """

    def __init__(
        self,
        client: Client,
        pieces: Pieces,
        ahead: int = 0,
        threads: int = 1,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._client, self._pieces, self._ahead = client, pieces, ahead
        self._environment = {**threads_environment(threads), **environment}
        self._waiting: deque[Task] = deque()
        self._suspects: deque[Task] = deque()
        self._alone: set[str] = set()
        self._sent: dict[str, tuple[Task, Future]] = {}
        self._ended: Queue[Future] = Queue()
        self._is_lost = False
        self._last_count, self._counted_s = 0, -math.inf

    @property
    def capacity(self) -> int:
        """As many scans as keep all workers busy while some of them wait for a last slice."""
        return 1 + 2 * self.worker_count

    @property
    def worker_count(self) -> int:
        """How many there were a moment ago; of a scheduler that is gone, how many there were."""
        now_s = time.monotonic()
        if now_s - self._counted_s > _LOOK_EVERY_S:  # each time the scheduler is asked takes some of its time
            with suppress(Exception):  # `next_done` tells of it
                self._last_count = len(self._client.scheduler_info(n_workers=-1)["workers"])
                self._counted_s = now_s
        return self._last_count

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._waiting.append(task)
        self._send_some()

    def next_done(self) -> tuple[Task, Outcome]:
        """Wait for a task.

        Raises
        ------
        ClusterError
            If the scheduler is gone.
        """
        while True:
            self._send_some()
            future = self._wait()
            task, _ = self._sent.pop(future.key)
            if _is_blamed(future) and task.key not in self._alone:
                self._suspects.append(task)
                continue
            try:
                return task, self._outcome(future)
            except ClusterError:
                # or not the scheduler is gone, but a worker that had done it, before the result was fetched
                if task.key in self._alone or self._client.status != "running":
                    raise
                self._suspects.append(task)

    def _send_some(self) -> None:
        while self._waiting and len(self._sent) < self._ahead + max(1, self.worker_count):
            self._send(self._waiting.popleft())
        if not self._sent and self._suspects:
            task = self._suspects.popleft()
            self._alone.add(task.key)
            self._send(task)

    def _send(self, task: Task) -> None:
        # dask remembers the error of a name
        name = f"{task.kind}{'-alone' if task.key in self._alone else ''}-{task.key[:24]}"
        try:
            future = self._client.submit(done_by_worker, task, self._pieces, self._environment, key=name, pure=False)
        except Exception:
            if self._client.status == "running":
                raise
            self._is_lost = True
            return
        self._sent[name] = task, future
        future.add_done_callback(self._ended.put)

    def _wait(self) -> Future:
        while True:
            with suppress(Empty):
                return self._ended.get(timeout=_LOOK_EVERY_S)
            if self._is_lost or self._client.status != "running":
                raise _lost()

    def _outcome(self, future: Future) -> Outcome:
        if future.status in ("cancelled", "lost"):
            raise _lost()
        if _is_blamed(future):
            return Outcome(
                error="every worker that began with it ended without a word: it needs more memory than there is, or a "
                "library crashed. Fewer workers (--workers) have more memory each."
            )
        try:
            outcome: Outcome = future.result()
        except OSError as error:  # of the connection to the scheduler, which the client may not have missed yet
            raise _lost() from error
        except Exception as error:  # of the work, or of fetching what it gave
            if self._client.status != "running":
                raise _lost() from error
            return Outcome(error=one_line(error))
        return outcome


def _is_blamed(future: Future) -> bool:
    return future.status == "error" and type(future.exception()).__name__ == "KilledWorker"


def _lost() -> ClusterError:
    return ClusterError(
        "The scheduler is gone, and with it what was in work. Run the job again: finished pieces are kept."
    )


@contextmanager
def local_workers(workers: int, threads: int = 1, gpus: int = 0) -> Iterator[Client]:
    """Workers on this computer, each a process with one model.

    Parameters
    ----------
    workers : int
        How many.
    threads : int
        Of the network in each of them; results of other numbers of threads may differ in their last digits.
    gpus : int
        GPUs that they share.

    Raises
    ------
    DependencyMissing
        If dask.distributed is not installed.
    """
    distributed = distributed_package()
    import dask
    from distributed.deploy.spec import SpecCluster

    options = {
        "nthreads": 1,
        "memory_limit": 0,
        "host": "127.0.0.1",
        "silence_logs": logging.CRITICAL,
        "preload": [worker_start.__name__],
    }
    spec = {
        number: {"cls": distributed.Nanny, "options": {**options, "env": each}}
        for number, each in enumerate(worker_environments(workers, threads, gpus))
    }
    scheduler = {
        "cls": distributed.Scheduler,
        "options": {"host": "127.0.0.1", "port": 0, "dashboard_address": "127.0.0.1:0"},
    }
    with (
        _quiet(),
        dask.config.set({"distributed.scheduler.allowed-failures": _TRIES - 1}),
        SpecCluster(workers=spec, scheduler=scheduler, silence_logs=logging.CRITICAL) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def workers_of(address: str, pieces: Pieces, patience_s: float = PATIENCE_S) -> Iterator[Client]:
    """The workers of a scheduler that somebody has started.

    Parameters
    ----------
    address : str
        Such as ``"tcp://node7:8786"``.
    pieces : Pieces
    patience_s : float
        How long scheduler and first worker are waited for.

    Raises
    ------
    ClusterError
        If there is no scheduler, it has no workers, or they are of other versions or do not see the pieces.
    DependencyMissing
        If dask.distributed is not installed.
    """
    distributed = distributed_package()
    with _quiet():
        _check_versions(address, patience_s)
        with distributed.Client(address, timeout=patience_s) as client:
            _check_workers(client, address, pieces, patience_s)
            yield client


def distributed_package() -> Any:
    """The module ``distributed``.

    Raises
    ------
    DependencyMissing
        If it is not installed.
    """
    try:
        import distributed
    except ImportError as error:
        raise DependencyMissing(
            "Several processes need dask.distributed: pip install 'rwthsam[batch]', or work in one by --in-process."
        ) from error
    return distributed


def worker_environments(
    workers: int, threads: int, gpus: int, environ: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """What each worker's environment says: how many threads it has, and which GPU is the only one that it sees.

    Parameters
    ----------
    workers, threads, gpus : int
        As of `local_workers`; of more workers than GPUs several see the same one.
    environ : mapping of str to str, optional
        Of this process; its ``CUDA_VISIBLE_DEVICES`` may have left some GPUs out, or name them otherwise.
    """
    environ = os.environ if environ is None else environ
    visible = [each.strip() for each in environ.get(_DEVICES, "").split(",") if each.strip()]
    own = threads_environment(threads)
    if not gpus:
        return [own] * workers
    devices = visible or [str(number) for number in range(gpus)]
    return [{**own, _DEVICES: devices[number % min(gpus, len(devices))]} for number in range(workers)]


@contextmanager
def _quiet() -> Iterator[None]:
    """What goes wrong is told once, in one line, and not by every part of dask that notices."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _check_versions(address: str, patience_s: float) -> None:
    """Raise unless a scheduler answers, and has the same versions."""
    try:
        # the client's own limit of time does not hold where something else than a scheduler listens
        theirs = _run_beside(asyncio.wait_for(_versions_at(address), patience_s))
    except Exception as error:  # nobody, another program, or a version that speaks otherwise: each fails in its way
        why = " ".join(str(error).split())[:200]
        raise ClusterError(
            f"There is no scheduler of dask at '{address}' that answers within {patience_s:g} s"
            f"{f' ({why})' if why else ''}: start one by 'dask scheduler'; look at address and version."
        ) from error
    from distributed.versions import get_versions

    ours = get_versions()
    for name, part in (("dask.distributed", "distributed"), ("Python", "python")):
        here, there = (_version(each, part) for each in (ours, theirs))
        if here != there:
            raise ClusterError(
                f"The scheduler at '{address}' has {name} {there}, this computer has {here}: install the same on both."
            )


def _run_beside(asked: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Wait for it in a thread: notebooks have an event loop of their own in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


async def _versions_at(address: str) -> dict[str, Any]:
    from distributed.core import rpc

    async with rpc(address) as scheduler:
        found: dict[str, Any] = await scheduler.versions()
        return found


def _version(facts: dict[str, Any], part: str) -> str:
    if part == "python":
        return ".".join(str(facts["host"]["python"]).split(".")[:2])
    return str(facts["packages"][part])


def _check_workers(client: Client, address: str, pieces: Pieces, patience_s: float) -> None:
    """Raise unless every worker, also one that comes later, has this program and sees the pieces."""
    try:
        client.wait_for_workers(1, timeout=patience_s)
    except (TimeoutError, asyncio.TimeoutError) as error:  # two kinds before Python 3.11
        raise ClusterError(
            f"The scheduler at '{address}' has no worker yet after {patience_s:g} s: start some by 'dask worker "
            f"{address} --nthreads 1'."
        ) from error
    token = secrets.token_hex(8)
    seen = pieces.folder / "seen-by-workers"
    seen.write_text(token)
    try:
        found = client.run(_facts, str(seen), on_error="return")
    finally:
        seen.unlink(missing_ok=True)
    for worker, each in found.items():
        if isinstance(each, BaseException):
            raise ClusterError(f"The worker '{worker}' cannot run RWTHSAM ({one_line(each)}): install it there, too.")
        if each["version"] != __version__:
            raise ClusterError(f"The worker '{worker}' has RWTHSAM {each['version']}, expected {__version__}.")
        if each["token"] != token:
            raise ClusterError(
                f"The worker '{worker}' does not see '{pieces.folder}': name one that all computers share by --pieces."
            )
        if each["threads"] != 1:
            raise ClusterError(
                f"The worker '{worker}' has {each['threads']} threads, expected 1: start workers with --nthreads 1."
            )


def _facts(seen: str, dask_worker: Any = None) -> dict[str, Any]:
    """What is to be known of a worker, asked there."""
    try:
        token = Path(seen).read_text()
    except OSError:
        token = ""
    return {"version": __version__, "token": token, "threads": dask_worker.state.nthreads}
