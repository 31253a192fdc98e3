"""Measurements as CSV for spreadsheets and as JSON for programs, with the unit of every number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ... import __version__
from ...core.json_document import Json, to_text
from ...core.system.atomic_file import write_text
from ...core.system.csv_file import write_rows
from ...errors import SettingsError
from .along import ALONG, AlongAxis
from .left_out import PartsLeftOut
from .quantities import QUANTITIES, Measured

FORMAT, VERSION = "rwthsam-measurements", 1
ENDINGS = (".csv", ".json")
ALONG_COLUMNS = ("class", "axis", "slice")
"""The first columns of what is known slice by slice."""


@dataclass(frozen=True)
class MeasuredScan:
    """What was measured, and on what.

    Attributes
    ----------
    name : str
        Of the scan or segmentation.
    spacing_mm : tuple of float
        Along i, j and k.
    unit_known : bool
        Whether the size of a voxel is known; if not, lengths are in voxels.
    region : str
        Name of the class that phase fractions are shares of; empty for the whole scan.
    rows : tuple of Measured
    along : tuple of AlongAxis
        Classes slice by slice, if that was measured.
    left_out : tuple of PartsLeftOut
        Of classes that have parts too small for the table.
    """

    name: str
    spacing_mm: tuple[float, float, float]
    unit_known: bool
    rows: tuple[Measured, ...]
    region: str = ""
    along: tuple[AlongAxis, ...] = ()
    left_out: tuple[PartsLeftOut, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what at least one row has."""
        return tuple(name for name in QUANTITIES if any(getattr(each, name) is not None for each in self.rows))

    def unit(self, name: str) -> str:
        """Unit of a quantity, as in ``mm2``; empty for numbers without one."""
        unit = (QUANTITIES.get(name) or ALONG[name])[0]
        return unit if self.unit_known else unit.replace("mm", "voxel")


def write_measurements(measured: MeasuredScan, path: Path) -> None:
    """Write a CSV or JSON file; it is either old or new, never half of each.

    Raises
    ------
    SettingsError
        If the name ends otherwise.
    InputError
        If the file cannot be written.
    """
    if path.name.lower().endswith(".json"):
        write_text(path, json_of(measured))
    elif path.name.lower().endswith(".csv"):
        _write_csv(measured, path)
    else:
        raise SettingsError(f"Measurements end in {' or '.join(ENDINGS)}, but '{path.name}' does not.")


def json_of(measured: MeasuredScan) -> str:
    """JSON text: units and meanings by quantity, and the rows."""
    columns = measured.columns  # asked for once: it looks at all rows
    document: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "program": f"RWTHSAM {__version__}",
        "scan": measured.name,
        "spacing_ijk": list(measured.spacing_mm),
        "spacing_unit": "mm" if measured.unit_known else "unknown",
        "phase_fraction_of": measured.region or "the whole scan",
        "quantities": {name: {"unit": measured.unit(name), "meaning": QUANTITIES[name][1]} for name in columns},
        "rows": [_row_to_dict(each, columns) for each in measured.rows],
    }
    if measured.left_out:
        document["parts_left_out"] = [each.to_dict() for each in measured.left_out]
    if measured.along:
        document["along"] = [_along_to_dict(each) for each in measured.along]
        document["along_quantities"] = {
            name: {"unit": measured.unit(name), "meaning": meaning} for name, (_, meaning) in ALONG.items()
        }
    return to_text(document)


def write_along(measured: MeasuredScan, path: Path) -> None:
    """Write what is known slice by slice as a CSV file: a row for each slice of each class.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    names = [name for name in ALONG if any(name in each.values for each in measured.along)]
    rows: list[list[object]] = [[*ALONG_COLUMNS, *(_heading(name, measured) for name in names)]]
    for each in measured.along:
        for index in range(len(each.values["position"])):
            numbers = (_finite(each.values[name][index]) if name in each.values else None for name in names)
            rows.append([each.class_name, each.axis, index, *map(_text, numbers)])
    write_rows(path, rows)


def _along_to_dict(along: AlongAxis) -> Json:
    values: dict[str, Json] = {name: [_finite(each) for each in numbers] for name, numbers in along.values.items()}
    return {"class": along.class_name, "axis": along.axis, **values}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _heading(name: str, measured: MeasuredScan) -> str:
    return f"{name} ({unit})" if (unit := measured.unit(name)) else name


def _row_to_dict(each: Measured, columns: Sequence[str]) -> Json:
    values = each.values()
    return {
        "class": each.class_name,
        "part": each.number,
        "first_ijk": list(each.first_ijk),
        "last_ijk": list(each.last_ijk),
        **{name: values[name] for name in columns},
    }


def _write_csv(measured: MeasuredScan, path: Path) -> None:
    columns = measured.columns  # asked for once: it looks at all rows, of which a noisy class has millions
    headings = [_heading(name, measured) for name in columns]
    rows: list[list[object]] = [["class", "part", "i_min", "j_min", "k_min", "i_max", "j_max", "k_max", *headings]]
    for each in measured.rows:
        values = each.values()
        place = (*each.first_ijk, *each.last_ijk)
        rows.append([each.class_name, each.number, *place, *(_text(values[name]) for name in columns)])
    write_rows(path, rows)


def _text(value: float | None) -> str:
    return "" if value is None else f"{value + 0.0:.12g}" if isinstance(value, float) else str(value)
