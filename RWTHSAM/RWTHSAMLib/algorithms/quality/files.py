"""The quality of a cell as CSV for spreadsheets and as JSON for programs, with the unit of every number."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ... import __version__
from ...core.json_document import Json, to_text
from ...core.system.atomic_file import write_text
from ...core.system.csv_file import write_rows
from .cell import CellQuality
from .on_slice import QUANTITIES

FORMAT, VERSION = "rwthsam-cell-quality", 1
ENDINGS = (".csv", ".json")
COLUMNS = ("quantity", "unit", "slices", "min", "mean", "max", "slice of max")
ALONG_COLUMNS = ("axis", "slice", "position")
"""The first columns of the table of slices."""


def write_quality(quality: CellQuality, path: Path) -> None:
    """Write the summary as CSV, or everything as JSON; a file is either old or new, never half of each.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if path.name.lower().endswith(".json"):
        write_text(path, json_of(quality))
        return
    rows: list[list[object]] = [[*COLUMNS]]
    for each in quality.summary:
        numbers = (_text(each.least), _text(each.mean), _text(each.most))
        rows.append([each.name, quality.unit(each.name), each.slices, *numbers, each.slice_of_most])
    for end in ("low", "high"):
        if f"overhang_{end}_mean" in quality.overhang:
            values = (quality.overhang[f"overhang_{end}_{which}"] for which in ("min", "mean", "max"))
            rows.append([f"overhang_{end}", quality.unit("overhang"), "", *map(_text, values), ""])
    write_rows(path, rows)


def write_quality_along(quality: CellQuality, path: Path) -> None:
    """Write a row for each slice as CSV.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    units = {name: quality.unit(name) for name in quality.along}
    length = "mm" if quality.unit_known else "voxel"
    first = [*ALONG_COLUMNS[:2], f"{ALONG_COLUMNS[2]} ({length})"]
    rows: list[list[object]] = [[*first, *(f"{name} ({unit})" if unit else name for name, unit in units.items())]]
    for index in range(_slice_count(quality)):
        values = (_text(each[index]) for each in quality.along.values())
        rows.append([quality.axis, index, _text(index * quality.step_mm), *values])
    write_rows(path, rows)


def json_of(quality: CellQuality) -> str:
    """JSON text: units and meanings, the summary, every slice, and what is missing."""
    along: dict[str, Json] = {
        name: [float(each) if np.isfinite(each) else None for each in values] for name, values in quality.along.items()
    }
    document: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "program": f"RWTHSAM {__version__}",
        "scan": quality.name,
        "axis": quality.axis,
        "slice_distance": quality.step_mm,
        "length_unit": "mm" if quality.unit_known else "voxel",
        "parts": {role: list(names) for role, names in quality.roles.items()},
        "notes": list(quality.notes),
        "quantities": {name: {"unit": quality.unit(name), "meaning": QUANTITIES[name][1]} for name in quality.along},
        "summary": {
            each.name: {
                "slices": each.slices,
                "min": each.least,
                "mean": each.mean,
                "max": each.most,
                "slice_of_max": each.slice_of_most,
            }
            for each in quality.summary
        },
        "overhang": dict(quality.overhang),
        "along": along,
    }
    return to_text(document)


def _slice_count(quality: CellQuality) -> int:
    return max((len(each) for each in quality.along.values()), default=0)


def _text(value: float) -> str:
    return f"{value + 0.0:.12g}" if np.isfinite(value) else ""
