"""What a job would do: tasks, memory, and how long it may take, from one slice that is looked through for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ...algorithms.automatic.detected_objects import DetectedObjects
from ...batch.keys import input_facts
from ...batch.pieces import Pieces
from ...batch.scans import JobScan
from ...core.slices import ARRAY_AXIS, SliceKey
from ...core.system.error_text import one_line
from ...core.window import propose_window
from ...errors import RwthSamError
from ...record.fitting import check_record_fits
from ...volumes.formats.kinds import is_ome_zarr
from ...volumes.lazy_volume import LazyVolume
from ...volumes.memory import size_text
from ..auto_command import check, known_window, look_through, slice_keys
from .auto_blocks import engine_for
from .scan_parts import opened, slices_of, slices_of_chunk
from .scan_work import blocks_of, is_finished, link_count
from .step_running import listening
from .step_words import SCAN
from .steps import PlannedStep, recorded_of


@dataclass
class DryRun:
    """What would be done.

    Attributes
    ----------
    lines : list of str
        For people, one for each scan.
    tasks, finished_steps : int
    slices : int
        To be looked through.
    most_bytes : int
        Of one scan in memory.
    seconds_per_slice : float, optional
        Measured on one slice; None if none is to be looked through.
    is_complete : bool
        Whether every scan could be opened.
    """

    lines: list[str]
    tasks: int = 0
    finished_steps: int = 0
    slices: int = 0
    most_bytes: int = 0
    seconds_per_slice: float | None = None
    is_complete: bool = True

    def text(self, workers: int) -> list[str]:
        """The sum of it, for so many workers."""
        said = [*self.lines, f"{self.tasks:,} tasks; {self.finished_steps:,} steps are finished already"]
        said.append(f"the largest scan takes {size_text(self.most_bytes)} of memory where a step works on all of it")
        if self.seconds_per_slice is not None:
            hours = self.slices * self.seconds_per_slice / workers / 3600
            said.append(
                f"{self.slices:,} slices of {self.seconds_per_slice:.2f} s each (measured on one of them): about "
                f"{_time_text(hours)} with {workers} workers; other steps are not in it"
            )
        return said


def dry_run(
    plan: Sequence[tuple[JobScan, Sequence[PlannedStep]]], pieces: Pieces, slices_per_task: int | None
) -> DryRun:
    """Open every scan and count; nothing is written. A scan that cannot be opened has a line that says why."""
    found = DryRun([])
    for scan, steps in plan:
        try:
            _add(found, scan, steps, pieces, slices_per_task)
        except (RwthSamError, OSError) as error:
            found.lines.append(f"{scan.name}: {one_line(error)}")
            found.is_complete = False
    return found


def _add(
    found: DryRun, scan: JobScan, steps: Sequence[PlannedStep], pieces: Pieces, slices_per_task: int | None
) -> None:
    facts, words = input_facts(scan.path), []
    made: dict[str, str] = {}
    tasks = 0
    for step in steps:
        tasks += 1
        if is_finished(step, facts, made, pieces):
            found.finished_steps += 1
            words.append(f"{step.name} (finished)")
            continue
        volume = opened(step.given, str(facts)) if hasattr(step.given, SCAN) else None
        if volume is not None:
            found.most_bytes = max(found.most_bytes, volume.byte_count)
            _check_record(step, scan, volume)
        if step.name != "auto" or volume is None:
            words.append(step.name)
            continue
        keys = slice_keys(step.given, volume.array_kji.shape)
        chunk = slices_of_chunk(volume, step.given.axis)
        slice_bytes = volume.byte_count // volume.array_kji.shape[ARRAY_AXIS[step.given.axis]]
        blocks = blocks_of(keys[0].index, keys[-1].index, slice_bytes, chunk, slices_per_task)
        tasks += 1 + len(blocks) + link_count(len(blocks))
        found.slices += len(keys)
        words.append(f"auto of {len(keys):,} slices in {len(blocks):,} tasks")
        if found.seconds_per_slice is None:
            found.seconds_per_slice = _measured(step, volume, keys)
    found.tasks += tasks
    found.lines.append(f"{scan.name}: {', '.join(words)} -> {scan.results}")


def _check_record(step: PlannedStep, scan: JobScan, volume: LazyVolume) -> None:
    """Raise `RwthSamError` for a record that the scan is too small for; one of another level is brought to this one."""
    record = recorded_of(step)
    if record is not None and not (is_ome_zarr(scan.path) and record.scan.shape_kji != volume.grid.shape_kji):
        check_record_fits(record, volume.grid.shape_kji, record.class_ids)


def _measured(step: PlannedStep, volume: LazyVolume, keys: Sequence[SliceKey]) -> float:
    """Seconds of a slice, after one beside it: the first one pays for what is loaded then."""
    given, asked, engine = step.given, check(step.given), engine_for(step.given)
    middle, seconds = len(keys) // 2, 0.0
    for each in keys[max(0, middle - 1) : middle + 1]:
        ((key, values),) = slices_of(volume, given.axis, each.index, each.index)
        window = known_window(given, asked.profile) or propose_window(values)
        begin_s = time.perf_counter()
        with listening():
            look_through(DetectedObjects(given.axis, volume.spacing_mm), engine, key, values, window, asked)
        seconds = time.perf_counter() - begin_s
    return seconds


def _time_text(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{max(1, round(hours * 60))} min"
