"""The network in processes of their own that share nothing: what a machine gains by them, without anything of jobs."""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from RWTHSAMLib.batch.job import Job
from RWTHSAMLib.batch.task import threads_environment

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier

_WARMING = 4
"""Slices that pay for what is loaded first."""


@dataclass(frozen=True)
class Alone:
    """What a slice took, of all processes together: by the clock, and of processors."""

    slice_s: float
    processor_s: float


def network_alone(job: Job, processes: int) -> Alone:
    """Have each process find masks in all slices of a job's scan at the same time, read beforehand.

    Parameters
    ----------
    job : Job
        Whose first step is ``auto``.
    processes : int
    """
    spawn = multiprocessing.get_context("spawn")
    together, told = spawn.Barrier(processes), spawn.Queue()
    running = [spawn.Process(target=_find_masks, args=(job, together, told)) for _ in range(processes)]
    for each in running:
        each.start()
    found = [told.get() for _ in running]
    for each in running:
        each.join()
    slices = sum(count for count, _, _ in found)
    return Alone(max(taken_s for _, taken_s, _ in found) / slices, sum(spent_s for _, _, spent_s in found) / slices)


def _find_masks(job: Job, together: Barrier, told: Queue[tuple[int, float, float]]) -> None:
    os.environ.update(threads_environment(1))  # before the network is imported
    from RWTHSAMLib.algorithms.automatic.generator import found_masks
    from RWTHSAMLib.cli.auto_command import check, load_engine
    from RWTHSAMLib.cli.batch.command import planned
    from RWTHSAMLib.core.image import SliceImage
    from RWTHSAMLib.volumes.read import read_volume
    from RWTHSAMLib.volumes.scan import proposed_window

    ((scan, (step, *_)),) = planned(job)
    choices, engine = check(step.given).choices, load_engine(step.given)
    volume = read_volume(scan.path)
    window = proposed_window(volume)
    slices = [SliceImage.of_scan(each, window) for each in volume.array_kji]
    for each in slices[:_WARMING]:
        found_masks(engine, each, choices.generator, choices.mode)
    together.wait()
    begin_s, spent_s = time.perf_counter(), time.process_time()
    for each in slices:
        found_masks(engine, each, choices.generator, choices.mode)
    told.put((len(slices), time.perf_counter() - begin_s, time.process_time() - spent_s))
