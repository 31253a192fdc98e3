"""The quality of a cell as a table of the report."""

from __future__ import annotations

from ..algorithms.quality.cell import CellQuality
from .content import Table
from .quantities import LengthUnit, significant

_NAMES = {
    "core_diameter": "Core, diameter",
    "core_roundness": "Core, roundness (short axis by long axis)",
    "core_eccentricity": "Core, eccentricity",
    "core_deviation": "Core, deviation from its circle, peak to valley",
    "core_dent": "Core, deepest dent",
    "can_diameter": "Can, outer diameter",
    "can_roundness": "Can, roundness (short axis by long axis)",
    "can_eccentricity": "Can, eccentricity",
    "can_deviation": "Can, deviation from its circle, peak to valley",
    "core_offset": "Offset of the core from the can",
    "roll_thickness_min": "Roll, thickness, thinnest on a slice",
    "roll_thickness_mean": "Roll, thickness, mean of a slice",
    "roll_thickness_max": "Roll, thickness, thickest on a slice",
    "gap_min": "Gap between roll and can, narrowest on a slice",
    "gap_mean": "Gap between roll and can, mean of a slice",
    "gap_max": "Gap between roll and can, widest on a slice",
}
_OVERHANGS = {"low": "Anode over cathode, end of the first slice", "high": "Anode over cathode, end of the last slice"}


def quality_table(quality: CellQuality, unit: LengthUnit) -> Table:
    """What was measured, over the slices that have it, and what is missing."""
    symbol = unit.symbol()
    rows: list[tuple[str, ...]] = []
    for each in quality.summary:
        if each.name not in _NAMES:
            continue
        is_length = bool(quality.unit(each.name))
        numbers = (_text(value, unit, is_length) for value in (each.least, each.mean, each.most))
        name = f"{_NAMES[each.name]} ({symbol})" if is_length else _NAMES[each.name]
        rows.append((name, f"{each.slices:,}", *numbers, str(each.slice_of_most)))
    for end, name in _OVERHANGS.items():
        if f"overhang_{end}_mean" in quality.overhang:
            values = (quality.overhang[f"overhang_{end}_{which}"] for which in ("min", "mean", "max"))
            rows.append((f"{name} ({symbol})", "", *(_text(value, unit, True) for value in values), ""))
    parts = ", ".join(f"{role}: {' and '.join(names)}" for role, names in quality.roles.items())
    caption = f"Quality of the cell on the slices along {quality.axis} ({parts}). {' '.join(quality.notes)}".strip()
    return Table(caption, ("Quantity", "Slices", "Least", "Mean", "Most", "Slice of the most"), tuple(rows))


def _text(value: float, unit: LengthUnit, is_length: bool) -> str:
    return significant(value / unit.mm) if is_length else significant(value)
