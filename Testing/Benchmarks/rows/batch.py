"""Jobs: two workers of one thread against one, what sending a task costs, and whether cost grows with the scan.

Times are of slices that are looked through, from the first block that each worker has sent back to the last of all.
What sending costs is told in seconds of processors, of all processes together: other work does not count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bench_models import Bench
from distributed import Client
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
    """Remembers when blocks of slices came back, and the most memory a worker had until then."""

    peak_mib = 0.0

    def __init__(self, client: Client, pieces: Pieces) -> None:
        super().__init__(client, pieces)
        self.came_s: list[float] = []
        self.processor_s: list[float] = []

    def next_done(self) -> tuple[Task, Outcome]:
        """Wait for a task."""
        task, outcome = super().next_done()
        assert not outcome.error, outcome.error
        if task.kind == "slices":
            self.came_s.append(time.perf_counter())
            self.processor_s.append(_processor_s(self._client))
        elif task.kind == "link":  # objects are not written yet, for which a worker holds the whole scan
            self.peak_mib = max(self._client.run(_peak_mib).values())
        return task, outcome


def rows(bench: Bench) -> Iterator[Row]:
    short, long = (48, 96) if bench.quick else (48, 400)
    one_s, peak_short, work_s = _slice_s(bench.folder, short, 1)
    two_s, _, _ = _slice_s(bench.folder, short, 2)
    what = f"slices of {SIDE_PX} x {SIDE_PX} pixels, RWTHSAM-Net, a thread a worker"
    yield Row("batch_two_workers", one_s, two_s, LEAST_GAIN, f"one worker, two workers | {what}")
    sending_s = _sending_s(bench.folder) / SLICES_PER_TASK
    note = (
        f"{MOST_SCHEDULING:.0%} of a slice, what sending it costs | processor seconds, {SLICES_PER_TASK} slices a task"
    )
    yield Row("batch_scheduling", MOST_SCHEDULING * work_s, sending_s, 1.0, note)
    longer_s, peak_long, _ = _slice_s(bench.folder, long, 1)
    note = f"a slice of {short}, a slice of {long} | most memory {peak_short:.0f} and {peak_long:.0f} MiB"
    yield Row("batch_longer_scan", one_s, longer_s, 1 / MOST_GROWTH, note, holds=peak_long <= MOST_GROWTH * peak_short)


def _slice_s(folder: Path, slices: int, workers: int) -> tuple[float, float, float]:
    """Seconds of a slice, the most memory that a worker had for slices, in MiB, and processor seconds of a slice."""
    with local_workers(workers) as client:
        timed = _looked_through(folder / f"{slices}-{workers}", slices, client)
    # the first block of each worker pays for loading the network
    first, last = timed.came_s[workers - 1], timed.came_s[-1]
    work_s = timed.processor_s[-1] - timed.processor_s[workers - 1]
    count = slices - SLICES_PER_TASK * workers
    return (last - first) / count, timed.peak_mib, work_s / count


def _looked_through(folder: Path, slices: int, client: Client) -> Timed:
    folder.mkdir()
    write_volume(cylindrical_cell((slices, SIDE_PX, SIDE_PX), seed=7).volume(), folder / "cell.nrrd")
    pieces = Pieces(folder / "pieces")
    pieces.folder.mkdir()
    job = Job(("cell.nrrd",), (JobStep("auto", OPTIONS, "auto"),), slices_per_task=SLICES_PER_TASK, folder=folder)
    timed = Timed(client, pieces)
    run_plan(planned(job), pieces, timed, job.slices_per_task)
    return timed


def _sending_s(folder: Path, tasks: int = 200) -> float:
    """Processor seconds that a task costs beside its work, its piece on disk included."""
    pieces = Pieces(folder / "sent")
    pieces.folder.mkdir()
    with local_workers(1) as client:
        runner = OnCluster(client, pieces)
        begin_s = 0.0
        for number in range(tasks + 1):
            runner.submit(Task(f"{number:064d}", "nothing", "nothing", _nothing))
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
