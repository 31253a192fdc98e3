"""Weights of a job's networks where all workers see them: a worker that has none, or others, takes these."""

from __future__ import annotations

import copy
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ...batch.keys import content_sha256
from ...batch.pieces import Pieces
from ...core.system.atomic_file import replacing
from ...errors import WeightsNotFound
from ...models.catalogue import model
from ...models.weights import WEIGHTS_VARIABLE, default_model, find_weights
from ...record.record_file import read_prompt_file
from ...record.steps import made_by
from .steps import Plan, PlannedStep


def spread_weights(plan: Plan, pieces: Pieces) -> tuple[Plan, dict[str, str]]:
    """Copy the weights that a job's steps use to the folder of its pieces, unless they are there.

    Parameters
    ----------
    plan : list of (JobScan, tuple of PlannedStep)
    pieces : Pieces
        In a folder that all workers see.

    Returns
    -------
    list of (JobScan, tuple of PlannedStep)
        The same plan, whose steps name the copies of files that they named.
    dict of str to str
        Environment in which a worker finds the copies before files of its own.

    Raises
    ------
    InputError
        If there is no room for them.
    """
    steps = [step for _, steps in plan for step in steps if hasattr(step.given, "weights")]
    found = {name: path for name in dict.fromkeys(_networks(steps)) if (path := _found(name)) is not None}
    sums = {path: content_sha256(path) for path in found.values()}
    together = "".join(f"{name}\0{sums[path]}\n" for name, path in sorted(found.items()))
    folder = pieces.folder / "weights" / hashlib.sha256(together.encode()).hexdigest()[:16]
    for name, path in found.items():
        _copy(path, folder / model(name).file_name)
    own = {step.given.weights for step in steps if step.given.weights is not None}
    copies = {path: pieces.folder / "weights" / content_sha256(path)[:16] / path.name for path in own}
    for path, copied in copies.items():
        _copy(path, copied)
    spread = [(scan, tuple(_naming(step, copies) for step in several)) for scan, several in plan]
    return spread, {WEIGHTS_VARIABLE: str(folder)}


def _networks(steps: list[PlannedStep]) -> Iterator[str]:
    """Names of those whose weights are looked for, not named."""
    for step in steps:
        given = step.given
        if given.weights is None:
            yield given.model or default_model()
        if given.model is None and getattr(given, "prompts", None) is not None:
            record = read_prompt_file(given.prompts)
            yield from (name for each in record.steps if (name := made_by(each, record.made_with).model) is not None)


def _found(name: str) -> Path | None:
    try:
        return find_weights(model(name))
    except WeightsNotFound:  # told by the step that needs them
        return None


def _copy(path: Path, copied: Path) -> None:
    if not copied.is_file():
        with replacing(copied) as unfinished:
            shutil.copyfile(path, unfinished)


def _naming(step: PlannedStep, copies: dict[Path, Path]) -> PlannedStep:
    if getattr(step.given, "weights", None) is None:
        return step
    given = copy.copy(step.given)
    given.weights = copies[given.weights]
    return replace(step, given=given)
