"""``rwthsam batch``: what a job says is done with many scans; a run again does what is missing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...batch.job import Job, read_job
from ...batch.pieces import Pieces
from ...batch.run import InProcess, Runner, ScanResult, drive
from ...batch.scans import JobScan, scans_of
from ...batch.summary import exit_status, write_summary
from ...core.system.file_lock import try_lock
from ...errors import JobError
from ..options import Commands
from .progress import TaskProgress
from .scan_work import work_of
from .steps import PlannedStep, check_steps, planned_steps


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("batch", help="many scans, or one in parts, as a job file says; also on a cluster")
    parser.add_argument("job", type=Path, metavar="JOB.yaml", help="YAML or JSON; see Docs/batch.md")
    parser.add_argument("--pieces", type=Path, metavar="FOLDER", help="of finished pieces; default: JOB-pieces")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Check, do, sum up; what can be wrong with the job is said before work begins."""
    job = read_job(given.job)
    pieces = Pieces((given.pieces or given.job.with_name(f"{given.job.stem}-pieces")).absolute())
    summary = given.job.with_name(f"{given.job.stem}-summary.csv")
    results = run_job(job, pieces, InProcess(pieces))
    write_summary(results, summary, summary.with_suffix(".json"))
    for each in results:
        if each.error:
            print(f"{each.name}: {each.error}")
    failed = sum(bool(each.error) for each in results)
    print(f"{len(results) - failed} of {len(results)} scans done, {failed} failed")
    print(summary)
    return exit_status(results)


def planned(job: Job) -> list[tuple[JobScan, tuple[PlannedStep, ...]]]:
    """Every scan with its steps.

    Raises
    ------
    JobError
        If anything about the job is wrong that can be seen before work begins.
    """
    check_steps(job)
    return [(scan, planned_steps(job, scan)) for scan in scans_of(job)]


def run_job(job: Job, pieces: Pieces, runner: Runner) -> list[ScanResult]:
    """Do a job.

    Parameters
    ----------
    job : Job
    pieces : Pieces
        Where finished pieces are, and are put.
    runner : Runner
        Who does it, with the same pieces.

    Returns
    -------
    list of ScanResult
        One for each scan, whether it failed or not.

    Raises
    ------
    JobError
        If anything about the job is wrong that can be seen before work begins, or another process is at it.
    """
    plan = planned(job)
    pieces.folder.mkdir(parents=True, exist_ok=True)
    lock = try_lock(pieces.folder / "lock")
    if lock is None:
        raise JobError(f"Another process is at this job: '{pieces.folder}' is in use. Wait for it, or end it.")
    with lock, TaskProgress(sys.stderr) as bar:
        works = [
            (ScanResult(scan.name, str(scan.path)), work_of(scan, steps, pieces, job.slices_per_task))
            for scan, steps in plan
        ]
        drive(works, runner, bar.show)
    return [result for result, _ in works]
