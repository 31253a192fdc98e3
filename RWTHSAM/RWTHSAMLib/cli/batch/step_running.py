"""A step as the command does it: into a new folder, whose files are put into the scan's results when all are whole."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from ...batch.pieces import Pieces, file_facts
from ...batch.task import Product
from ...core.system.atomic_file import filling
from ...errors import StateError
from . import auto_blocks
from .steps import PlannedStep


def run_step(pieces: Pieces, step: PlannedStep) -> Product:
    """Run the command."""
    return _written(step, lambda folder: step.module.run(step.writing_to(folder)))


def finish_auto(
    pieces: Pieces, step: PlannedStep, prepared: dict[str, Any], keys: list[str], joined: list[Any]
) -> Product:
    """Write what was found in blocks, as ``rwthsam auto`` writes it."""
    return _written(step, lambda folder: auto_blocks.finish(pieces, step.writing_to(folder), prepared, keys, joined))


def quietly(work: Callable[..., Product]) -> Callable[..., Product]:
    """The same work, what it says kept to itself: many processes would say it at the same time."""
    return _Quiet(work)


class _Quiet:
    def __init__(self, work: Callable[..., Product]) -> None:
        self._work = work

    def __call__(self, *arguments: Any) -> Product:
        with listening():
            return self._work(*arguments)


def _written(step: PlannedStep, write: Callable[[Path], object]) -> Product:
    results = step.given.output.parent
    with listening() as said, filling(results) as folder:
        write(folder)
        names = sorted(each.name for each in folder.iterdir())
        if not names:
            raise StateError(f"Nothing was written: {' '.join(said.getvalue().split())}")
    files = [facts for name in names for facts in file_facts(results / name)]
    outputs = [str(results / name) for name in names]
    return Product({"outputs": outputs, "said": said.getvalue().splitlines()}, files=files)


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """What a command says on its way."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        yield said
