"""All tasks of a scan, step by step, as they can be done."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ...batch.keys import content_sha256, input_facts, key_of
from ...batch.pieces import Pieces
from ...batch.run import Work
from ...batch.scans import JobScan
from ...batch.task import Task, finished
from ...core.json_document import Json
from ...core.slices import Axis
from ...models.catalogue import model
from ...models.weights import default_model, find_weights
from ..auto_command import check
from . import auto_blocks
from .step_running import finish_auto, quietly, run_step
from .step_words import SCAN
from .steps import PlannedStep

# choices: a slice takes a tenth of a second at least, a task some thousandths beside its work
_SLICES_PER_TASK = 8
_BYTES_PER_TASK = 1 << 30
"""Not what memory there is: blocks are the same on every computer, or they would not be found again."""
_PARTS_PER_LINK = 16
_NOT_OF_A_RESULT = {"run", "output", "csv"}
_OF_A_SLICE = ("axis", "model", "weights", "device", "backend", "precision", "voxel_size")

Linked = list[Any]
"""Ends and links of a part of a scan, see `auto_blocks.link_blocks`."""
Answers = Generator[Sequence[Task], list[dict[str, Any]], Any]


def work_of(scan: JobScan, steps: Sequence[PlannedStep], pieces: Pieces, slices_per_task: int | None) -> Work:
    """The tasks of all steps; a step whose results are there as it left them has none but itself."""
    made: dict[str, str] = {}
    facts = input_facts(scan.path)
    for step in steps:
        key = _key_of(step, facts, made)
        task = Task(key, step.name, step.name, run_step, (step,))
        if step.name == "auto" and finished(pieces, key) is None:
            task = yield from _auto(step, facts, key, slices_per_task)
        yield [task]
        _remember(step, key, made)


def _auto(step: PlannedStep, scan_facts: Json, key: str, slices_per_task: int | None) -> Answers:
    """Tasks before the last one of automatic masks, which is returned."""
    given, asked = step.given, check(step.given)
    facts = _facts_of(step, scan_facts, _OF_A_SLICE)
    window: Json = None if given.window is None else list(given.window)
    if window is None and asked.profile is not None and asked.profile.window is not None:
        window = [asked.profile.window.lower, asked.profile.window.upper]
    before = key_of("auto scan", [facts, window, given.range and list(given.range)])
    (prepared,) = yield [Task(before, "open", "opening the scan", auto_blocks.prepare, (given, asked, str(scan_facts)))]
    looking = [facts, prepared["shape_kji"], prepared["window"], asked.choices.generator.to_dict(), asked.choices.mode]
    least = asked.linking.least_overlap
    blocks = [
        Task(
            key_of("auto block", [looking, least, list(block)]),
            "slices",
            f"auto, slices {given.axis} = {block[0]} to {block[1]}",
            quietly(auto_blocks.look_through_block),
            (given, asked, prepared, block),
        )
        for block in blocks_of(
            prepared["first"],
            prepared["last"],
            prepared["slice_bytes"],
            prepared["slices_of_chunk"],
            slices_per_task,
        )
    ]
    yield blocks
    parts: list[Linked] = [[[[each.key, each.arguments[-1]]] * 2, []] for each in blocks]
    joined = yield from _linked(given.axis, least, parts, [looking, least])
    keys = [each.key for each in blocks]
    return Task(key, "auto", "auto, writing objects", finish_auto, (step, prepared, keys, joined))


def _linked(axis: Axis, least_overlap: float, parts: list[Linked], facts: Json) -> Answers:
    """Link parts to fewer and fewer parts, until they are one."""
    while len(parts) > 1:
        groups = [parts[start : start + _PARTS_PER_LINK] for start in range(0, len(parts), _PARTS_PER_LINK)]
        tasks = [
            Task(
                key_of("auto link", [facts, [[each[0][0][0], each[0][1][0]] for each in group]]),
                "link",
                "auto, linking slices",
                auto_blocks.link_blocks,
                (axis, least_overlap, group),
            )
            for group in groups
        ]
        told = yield tasks
        parts = [[[group[0][0][0], group[-1][0][1]], each["joined"]] for group, each in zip(groups, told, strict=True)]
    return parts[0][1]


def blocks_of(
    first: int, last: int, slice_bytes: int, slices_of_chunk: int, slices_per_task: int | None
) -> list[tuple[int, int]]:
    """First and last slices of every block; chunks of a store are not parted as long as they fit.

    Parameters
    ----------
    first, last : int
        Slices that are looked through.
    slice_bytes : int
        What a slice takes in memory.
    slices_of_chunk : int
        How many slices lie in the same chunks.
    slices_per_task : int, optional
        What somebody wants instead.
    """
    fitting = max(1, _BYTES_PER_TASK // max(1, slice_bytes))
    whole_chunks = -(-_SLICES_PER_TASK // slices_of_chunk) * slices_of_chunk
    count = slices_per_task or min(whole_chunks, fitting)
    starts = [first, *(start for start in range(first // count * count, last + 1, count) if start > first)]
    return [(start, min((start // count + 1) * count - 1, last)) for start in starts]


def link_count(parts: int) -> int:
    """How many tasks link so many parts."""
    return 0 if parts < 2 else (fewer := -(-parts // _PARTS_PER_LINK)) + link_count(fewer)


def is_finished(step: PlannedStep, scan_facts: Json, made: dict[str, str], pieces: Pieces) -> bool:
    """Whether a step's results are there; what it makes is remembered for the steps after it."""
    key = _key_of(step, scan_facts, made)
    _remember(step, key, made)
    return finished(pieces, key) is not None


def _remember(step: PlannedStep, key: str, made: dict[str, str]) -> None:
    for name in step.outputs:
        if (path := getattr(step.given, name)) is not None:
            made[str(path)] = key


def _key_of(step: PlannedStep, scan_facts: Json, made: dict[str, str]) -> str:
    """Of all that a step's results depend on: its settings, its inputs, the network, and the steps before."""
    names = [name for name in vars(step.given) if name not in _NOT_OF_A_RESULT]
    outputs: list[Json] = [str(getattr(step.given, name)) for name in step.outputs]
    return key_of(step.name, [_facts_of(step, scan_facts, names, made), outputs])


def _facts_of(step: PlannedStep, scan_facts: Json, names: Iterable[str], made: dict[str, str] | None = None) -> Json:
    facts: dict[str, Json] = {SCAN: [str(getattr(step.given, SCAN, "")), scan_facts]}
    for name in names:
        value = getattr(step.given, name)
        if name == SCAN:
            continue
        if name in step.inputs:
            facts[name] = _facts_of_input(value, made or {})
        else:
            facts[name] = _plain(value)
    if hasattr(step.given, "weights"):
        facts["weights"] = _weights_sha256(step.given.model, step.given.weights)
    return facts


def _facts_of_input(path: Path | None, made: dict[str, str]) -> Json:
    if path is None:
        return None
    if str(path) in made:
        return made[str(path)]
    return content_sha256(path) if path.is_file() else input_facts(path)


def _plain(value: object) -> Json:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


@cache
def _weights_sha256(name: str | None, weights: Path | None) -> str:
    return content_sha256(find_weights(model(name or default_model(weights)), weights))
