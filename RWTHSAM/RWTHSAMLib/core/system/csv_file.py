"""Tables as CSV files for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from .atomic_file import replacing


def write_rows(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """Write a table as UTF-8, its headings first; the file is either old or new, never half of each.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    with replacing(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
