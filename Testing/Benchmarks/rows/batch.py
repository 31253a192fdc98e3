"""Jobs: two workers of one thread against one, what sending a task costs, and whether cost grows with the scan.

Times are of slices that are looked through, from the first block that is sent to the last that comes back; all workers
have loaded the network before. Cores that share memory, or are threads of one, cannot do twice the work: what two
processes of the network alone gain, each on the same slices and with nobody to ask, is measured in the same run.
What sending costs is told in seconds of processors, of all processes together: other work does not count.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench_models import Bench
from distributed import Client
from network_alone import network_alone
from timing import Row

from RWTHSAMLib.batch.cluster import OnCluster, local_workers
from RWTHSAMLib.batch.job import Job, JobStep
from RWTHSAMLib.batch.pieces import Pieces
from RWTHSAMLib.batch.task import Outcome, Product, Task
from RWTHSAMLib.cli.batch.command import planned, run_plan
from RWTHSAMLib.core.json_document import Json
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell
from RWTHSAMLib.volumes.write import write_volume

LEAST_GAIN = 1.8
MOST_SCHEDULING = 0.02
MOST_GROWTH = 1.1
SLICES_PER_TASK = 8
SIDE_PX = 182
OPTIONS: dict[str, Json] = {"points-per-side": 8, "model": "rwthsam_net"}


class Timed(OnCluster):
    """Remembers when blocks of slices were sent and came back, and the most memory a worker had until then."""

    def __init__(self, client: Client, pieces: Pieces, workers: int) -> None:
        super().__init__(client, pieces, ahead=workers)
        self.peak_mib = self.begin_s = 0.0
        self.came_s: list[float] = []
        self.processor_s: list[float] = []

    def submit(self, task: Task) -> None:
        """Take a task."""
        if task.kind == "slices" and not self.begin_s:
            self.processor_s.append(_processor_s(self._client))
            self.begin_s = time.perf_counter()
        super().submit(task)

    def next_done(self) -> tuple[Task, Outcome]:
        """Wait for a task."""
        task, outcome = super().next_done()
        assert not outcome.error, outcome.error
        if task.kind == "slices":
            self.came_s.append(time.perf_counter())
        elif task.kind == "link":  # objects are not written yet, for which a worker holds the whole scan
            self.processor_s.append(_processor_s(self._client))
            self.peak_mib = max(self._client.run(_peak_mib).values())
        return task, outcome


def rows(bench: Bench) -> Iterator[Row]:
    short, long = (48, 96) if bench.quick else (48, 400)
    folders = _numbered(bench.folder)
    one, two, alone_one, alone_two = [], [], [], []
    for _ in range(bench.repeats(3) - 1):  # in turn: other programs can only add to the least of each
        alone_one.append(network_alone(_job(next(folders), short), processes=1))
        one.append(_looked_through(next(folders), short, 1))
        alone_two.append(network_alone(_job(next(folders), short), processes=2))
        two.append(_looked_through(next(folders), short, 2))
    one_s, two_s = (min(each.slice_s for each in runs) for runs in (one, two))
    alone_s, alone_two_s = (min(each.slice_s for each in runs) for runs in (alone_one, alone_two))
    what = f"slices of {SIDE_PX} x {SIDE_PX} pixels, RWTHSAM-Net, a thread a worker"
    note = f"one worker, two workers | {what}; two processes of the network alone gain {alone_s / alone_two_s:.2f}"
    yield Row("batch_two_workers", one_s, two_s, LEAST_GAIN, note)
    spent = " and ".join(f"{min(each.processor_s for each in runs):.3f}" for runs in (alone_two, two))
    note = f"two processes of the network alone, two workers | processor seconds of a slice: {spent}"
    yield Row("batch_network_alone", alone_two_s, two_s, LEAST_GAIN / 2, note)
    sending_s = _sending_s(bench.folder) / SLICES_PER_TASK
    note = (
        f"{MOST_SCHEDULING:.0%} of a slice, what sending it costs | processor seconds, {SLICES_PER_TASK} slices a task"
    )
    work_s = min(each.processor_s for each in one)
    yield Row("batch_scheduling", MOST_SCHEDULING * work_s, sending_s, 1.0, note)
    longer, peak_mib = _looked_through(next(folders), long, 1), max(each.peak_mib for each in one)
    note = f"a slice of {short}, a slice of {long} | most memory {peak_mib:.0f} and {longer.peak_mib:.0f} MiB"
    holds = longer.peak_mib <= MOST_GROWTH * peak_mib
    yield Row("batch_longer_scan", one_s, longer.slice_s, 1 / MOST_GROWTH, note, holds=holds)


@dataclass(frozen=True)
class Looked:
    """What a slice took of a scan that workers looked through, by the clock and of processors, and their memory."""

    slice_s: float
    processor_s: float
    peak_mib: float


def _looked_through(folder: Path, slices: int, workers: int) -> Looked:
    """Look through all slices of a scan, after a block for each worker that pays for loading the network."""
    job = _job(folder, slices)
    pieces = Pieces(folder / "pieces")
    pieces.folder.mkdir()
    with local_workers(workers) as client:
        first = JobStep("auto", {**OPTIONS, "range": [0, SLICES_PER_TASK * workers - 1], "points-per-side": 7}, "auto")
        warming = replace(job, steps=(first,), results="warm/{name}")
        run_plan(planned(warming), pieces, Timed(client, pieces, workers), SLICES_PER_TASK)
        timed = Timed(client, pieces, workers)
        run_plan(planned(job), pieces, timed, SLICES_PER_TASK)
    taken_s = timed.came_s[-1] - timed.begin_s
    return Looked(taken_s / slices, (timed.processor_s[-1] - timed.processor_s[0]) / slices, timed.peak_mib)


def _job(folder: Path, slices: int) -> Job:
    folder.mkdir()
    write_volume(cylindrical_cell((slices, SIDE_PX, SIDE_PX), seed=7).volume(), folder / "cell.nrrd")
    return Job(("cell.nrrd",), (JobStep("auto", OPTIONS, "auto"),), slices_per_task=SLICES_PER_TASK, folder=folder)


def _numbered(folder: Path) -> Iterator[Path]:
    return (folder / f"scan-{number}" for number in itertools.count())


def _sending_s(folder: Path, tasks: int = 200) -> float:
    """Processor seconds that a task costs beside its work, its piece on disk included."""
    pieces = Pieces(folder / "sent")
    pieces.folder.mkdir()
    with local_workers(1) as client:
        runner = OnCluster(client, pieces, ahead=1)
        begin_s = 0.0
        for number in range(tasks + 1):
            runner.submit(Task(f"{number:08d}".ljust(64, "0"), "nothing", "nothing", _nothing))
            if not number:  # the first one pays for imports
                runner.next_done()
                begin_s = _processor_s(client)
        for _ in range(tasks):
            runner.next_done()
        return (_processor_s(client) - begin_s) / tasks


def _processor_s(client: Client) -> float:
    """Of this process, in which the scheduler is, and of all workers since they began."""
    of_workers: dict[str, float] = client.run(time.process_time)
    return time.process_time() + sum(of_workers.values())


def _nothing(pieces: Pieces) -> Product:
    return Product({})


def _peak_mib() -> float:
    # what getrusage says counts the process that started this one, too
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("the system does not say how much memory a process has had")
