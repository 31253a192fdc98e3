"""``rwthsam batch``: what a job says is done with many scans; a run again does what is missing."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...batch.cluster import AHEAD, PATIENCE_S, OnCluster, local_workers, workers_of
from ...batch.job import Job, read_job
from ...batch.pieces import Pieces
from ...batch.run import InProcess, Runner, ScanResult, drive
from ...batch.scans import scans_of
from ...batch.summary import ALL_DONE, SOME_FAILED, exit_status, write_summary
from ...batch.task import threads_environment
from ...errors import SettingsError
from ...inference.devices import gpu_count
from ...models.catalogue import model
from ...models.weights import default_model
from ...volumes.memory import usable_bytes
from ..options import Commands, note
from .dry_run import dry_run
from .progress import TaskProgress
from .scan_work import work_of
from .spread_weights import spread_weights
from .steps import Plan, check_steps, planned_steps

if TYPE_CHECKING:
    from distributed import Client

# measured: a process with the project's own network takes half of it; and what works on a scan holds it some times
_BYTES_OF_WORKER, _COPIES = 1 << 30, 4


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("batch", help="many scans, or one in parts, as a job file says; also on a cluster")
    parser.add_argument("job", type=Path, metavar="JOB.yaml", help="YAML or JSON; see Docs/batch.md")
    parser.add_argument("--pieces", type=Path, metavar="FOLDER", help="of finished pieces; default: JOB-pieces")
    where = parser.add_argument_group("where it is done").add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, metavar="N", help="default: one for each GPU, else as memory allows")
    where.add_argument("--scheduler", metavar="ADDRESS", help="of dask, such as tcp://node7:8786; its workers do it")
    where.add_argument("--in-process", action="store_true", help="without other processes, one task after the other")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and about how long; do nothing")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the network in a process; default: 1")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_S,
        metavar="S",
        help="how long scheduler and first worker are waited for; default: %(default)g",
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Check, do, sum up; what can be wrong with the job is said before work begins."""
    job = read_job(given.job)
    pieces = Pieces((given.pieces or given.job.with_name(f"{given.job.stem}-pieces")).absolute())
    summary = given.job.with_name(f"{given.job.stem}-summary.csv")
    _check_counts(given)
    plan = planned(job)
    if given.dry_run:
        with _with_environment(threads_environment(given.threads)):
            found = dry_run(plan, pieces, job.slices_per_task)
        print(*found.text(_worker_count(given, plan)), sep="\n")
        return ALL_DONE if found.is_complete else SOME_FAILED
    with pieces.held(), _runner(given, plan, pieces) as (runner, spread), TaskProgress(sys.stderr) as bar:
        results = run_plan(spread, pieces, runner, job.slices_per_task, bar)
    write_summary(results, summary, summary.with_suffix(".json"))
    for each in results:
        if each.error:
            print(f"{each.name}: {each.error}")
    failed = sum(bool(each.error) for each in results)
    print(f"{len(results) - failed} of {len(results)} scans done, {failed} failed")
    print(summary)
    return exit_status(results)


def _check_counts(given: argparse.Namespace) -> None:
    for name in ("workers", "threads"):
        if (count := getattr(given, name)) is not None and count < 1:
            raise SettingsError(f"--{name}: expected 1 or more, got {count}.")


@contextmanager
def _runner(given: argparse.Namespace, plan: Plan, pieces: Pieces) -> Iterator[tuple[Runner, Plan]]:
    """Who does the tasks, and the plan as those see its files."""
    if given.in_process:
        with _with_environment(threads_environment(given.threads)):
            yield InProcess(pieces), plan
        return
    clients = workers_of(given.scheduler, pieces, given.patience) if given.scheduler else _local_workers(given, plan)
    with clients as client:
        plan, environment = spread_weights(plan, pieces) if given.scheduler else (plan, {})
        ahead = AHEAD if given.scheduler else _worker_count(given, plan)
        runner = OnCluster(client, pieces, ahead, given.threads, environment)
        note(f"{runner.worker_count} workers; what they do: {client.dashboard_link}")
        yield runner, plan


@contextmanager
def _with_environment(own: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(own)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _local_workers(given: argparse.Namespace, plan: Plan) -> AbstractContextManager[Client]:
    return local_workers(_worker_count(given, plan), given.threads, _gpus_of(plan))


def _worker_count(given: argparse.Namespace, plan: Plan) -> int:
    if given.in_process:
        return 1
    most = max((_size_of(scan.path) for scan, _ in plan), default=0)
    return int(given.workers or _gpus_of(plan) or _fitting(most, given.threads))


def _fitting(scan_bytes: int, threads: int) -> int:
    """How many workers the cores are for, and the memory, if each of them holds a scan."""
    usable = usable_bytes()
    cores = max(1, (os.cpu_count() or 1) // threads)
    return cores if usable is None else max(1, min(cores, usable // (_BYTES_OF_WORKER + _COPIES * scan_bytes)))


def _size_of(path: Path) -> int:
    if path.is_dir():
        return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    return path.stat().st_size


def _gpus_of(plan: Plan) -> int:
    """GPUs that some step would use; asked for only where one could be, for PyTorch takes seconds to say it."""
    asked = [step.given for _, steps in plan for step in steps if hasattr(step.given, "device")]
    wanted = [each.device == "cuda" or (each.device == "auto" and not model(_model_of(each)).is_own) for each in asked]
    return gpu_count() if any(wanted) else 0


def _model_of(given: argparse.Namespace) -> str:
    return str(given.model or default_model(given.weights))


def planned(job: Job) -> Plan:
    """Every scan with its steps.

    Raises
    ------
    JobError
        If anything about the job is wrong that can be seen before work begins.
    """
    check_steps(job)
    return [(scan, planned_steps(job, scan)) for scan in scans_of(job)]


def run_plan(
    plan: Plan, pieces: Pieces, runner: Runner, slices_per_task: int | None = None, bar: TaskProgress | None = None
) -> list[ScanResult]:
    """Do a job, within `Pieces.held`.

    Parameters
    ----------
    plan : list of (JobScan, tuple of PlannedStep)
        See `planned`.
    pieces : Pieces
        Where finished pieces are, and are put.
    runner : Runner
        Who does it, with the same pieces.
    slices_per_task : int, optional
        See `Job`.
    bar : TaskProgress, optional
        Shows how far it is.

    Returns
    -------
    list of ScanResult
        One for each scan, whether it failed or not.
    """
    works = [
        (ScanResult(scan.name, str(scan.path)), work_of(scan, steps, pieces, slices_per_task)) for scan, steps in plan
    ]
    drive(works, runner, (lambda _: None) if bar is None else bar.show)
    return [result for result, _ in works]
