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
from ...models.catalogue import model
from ...models.weights import default_model, find_weights
from ...volumes.lazy_volume import block_bytes
from ..auto_command import check
from . import auto_blocks
from .step_running import finish_auto, quietly, run_step
from .steps import SCAN, PlannedStep

# choices: a slice takes a tenth of a second at least, a task some thousandths beside its work
_SLICES_PER_TASK = 8
_PARTS_PER_LINK = 16
_NOT_OF_A_RESULT = {"run", "output", "csv"}
_OF_A_SLICE = ("axis", "model", "weights", "device", "backend", "precision", "voxel_size")

Linked = list[Any]
"""Ends and links of a part of a scan, see `auto_blocks.link_blocks`."""
Answers = Generator[Sequence[Task], list[dict[str, Any]], Any]


def work_of(scan: JobScan, steps: Sequence[PlannedStep], pieces: Pieces, slices_per_task: int | None) -> Work:
    """The tasks of all steps; a step whose results are there as it left them has none but itself."""
    made: dict[str, str] = {}
    for step in steps:
        key = _key_of(step, made)
        task = Task(key, step.name, f"{step.name}", run_step, (step,))
        if step.name == "auto" and finished(pieces, key) is None:
            task = yield from _auto(scan, step, key, slices_per_task)
        yield [task]
        for name in step.outputs:
            if (path := getattr(step.given, name)) is not None:
                made[str(path)] = key


def _auto(scan: JobScan, step: PlannedStep, key: str, slices_per_task: int | None) -> Answers:
    """Tasks before the last one of automatic masks, which is returned."""
    given, asked = step.given, check(step.given)
    facts = _facts_of(step, _OF_A_SLICE)
    window: Json = None if given.window is None else list(given.window)
    if window is None and asked.profile is not None and asked.profile.window is not None:
        window = [asked.profile.window.lower, asked.profile.window.upper]
    before = key_of("auto scan", [facts, window, given.range and list(given.range)])
    (prepared,) = yield [Task(before, "open", "opening the scan", auto_blocks.prepare, (given,))]
    looking = [facts, prepared["shape_kji"], prepared["window"], asked.choices.generator.to_dict(), asked.choices.mode]
    least = asked.linking.least_overlap
    blocks = [
        Task(
            key_of("auto block", [looking, least, list(block)]),
            "slices",
            f"auto, slices {given.axis} = {block[0]} to {block[1]}",
            quietly(auto_blocks.look_through_block),
            (given, prepared, block),
        )
        for block in _blocks(prepared, slices_per_task)
    ]
    yield blocks
    parts: list[Linked] = [[[[each.key, each.arguments[2]]] * 2, []] for each in blocks]
    joined = yield from _linked(given, parts, [looking, least])
    keys = [each.key for each in blocks]
    return Task(key, "auto", "auto, writing objects", finish_auto, (step, prepared, keys, joined))


def _linked(given: Any, parts: list[Linked], facts: Json) -> Answers:
    """Link parts to fewer and fewer parts, until they are one."""
    while len(parts) > 1:
        groups = [parts[start : start + _PARTS_PER_LINK] for start in range(0, len(parts), _PARTS_PER_LINK)]
        tasks = [
            Task(
                key_of("auto link", [facts, [[each[0][0][0], each[0][1][0]] for each in group]]),
                "link",
                "auto, linking slices",
                auto_blocks.link_blocks,
                (given, group),
            )
            for group in groups
        ]
        told = yield tasks
        parts = [[[group[0][0][0], group[-1][0][1]], each["joined"]] for group, each in zip(groups, told, strict=True)]
    return parts[0][1]


def _blocks(prepared: dict[str, Any], slices_per_task: int | None) -> Iterable[tuple[int, int]]:
    fitting = max(1, block_bytes() // max(1, prepared["slice_bytes"]))
    count = slices_per_task or min(_SLICES_PER_TASK, fitting)
    first, last = prepared["first"], prepared["last"]
    return [(start, min(start + count - 1, last)) for start in range(first, last + 1, count)]


def _key_of(step: PlannedStep, made: dict[str, str]) -> str:
    """Of all that a step's results depend on: its settings, its inputs, the network, and the steps before."""
    names = [name for name in vars(step.given) if name not in _NOT_OF_A_RESULT]
    outputs: list[Json] = [str(getattr(step.given, name)) for name in step.outputs]
    return key_of(step.name, [_facts_of(step, names, made), outputs])


def _facts_of(step: PlannedStep, names: Iterable[str], made: dict[str, str] | None = None) -> Json:
    facts: dict[str, Json] = {SCAN: _facts_of_scan(step.given)}
    for name in names:
        value = getattr(step.given, name)
        if name in step.inputs:
            facts[name] = _facts_of_input(value, made or {})
        else:
            facts[name] = _plain(value)
    if hasattr(step.given, "weights"):
        facts["weights"] = _weights_sha256(step.given.model, step.given.weights)
    return facts


def _facts_of_scan(given: Any) -> Json:
    path = getattr(given, SCAN, None)
    return None if path is None else [str(path), input_facts(path)]


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
