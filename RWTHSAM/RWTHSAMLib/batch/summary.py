"""What became of every scan of a job: a table, the same as JSON, and the exit status."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.json_document import Json, to_text
from ..core.system.atomic_file import write_text
from ..core.system.csv_file import write_rows
from .run import ScanResult

ALL_DONE, SOME_FAILED = 0, 3
COLUMNS = ("scan", "state", "path", "tasks_computed", "tasks_found", "work_s", "outputs", "message")


def write_summary(results: Sequence[ScanResult], table: Path, document: Path) -> None:
    """Write both files.

    Raises
    ------
    InputError
        If one of them cannot be written.
    """
    write_rows(table, [COLUMNS, *(_row(each) for each in results)])
    scans: list[Json] = [dict(zip(COLUMNS, _row(each), strict=True)) for each in results]
    failed = sum(bool(each.error) for each in results)
    write_text(document, to_text({"scans": scans, "done": len(results) - failed, "failed": failed}))


def exit_status(results: Sequence[ScanResult]) -> int:
    """Of the process: 0 if everything was done."""
    return SOME_FAILED if any(each.error for each in results) else ALL_DONE


def _row(each: ScanResult) -> list[Json]:
    outputs = [name for told in each.told for name in told.get("outputs", ())]
    return [
        each.name,
        "failed" if each.error else "done",
        each.path,
        each.computed,
        each.found,
        round(each.seconds, 3),
        " ".join(outputs),
        each.error,
    ]
