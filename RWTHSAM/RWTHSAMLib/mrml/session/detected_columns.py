"""What the fronts' tables say of an object that was found: headings, texts, and the numbers to sort by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...core.settings.class_rules import QUANTITIES
from .parts.automatic_kept import STATES
from .parts.reviewed_object import ReviewedObject

_MOST_NEIGHBOURS = 4
"""A choice: so many numbers are read at a glance; the saved table has all."""


@dataclass(frozen=True)
class DetectedColumn:
    """A column.

    Attributes
    ----------
    title, unit : str
        Its heading, and what its numbers count; a narrow table may show the unit alone.
    help : str
        What it means, in a line.
    sorted_by : callable
        The number of an object by which rows are sorted.
    text : callable
        What the object's cell shows.
    is_number : bool
        Whether that is a number, which lies to the right.
    """

    title: str
    help: str
    sorted_by: Callable[[ReviewedObject], float]
    text: Callable[[ReviewedObject], str]
    unit: str = ""
    is_number: bool = True


def _measured(title: str, name: str, unit: str = "") -> DetectedColumn:
    """A quantity with four significant digits, whole where it is large."""
    value = _value_of(name)
    return DetectedColumn(title, QUANTITIES[name].help, value, lambda each: _short(value(each)), unit)


def _rated(title: str, name: str, decimals: int) -> DetectedColumn:
    """A share; what a model predicts may be somewhat more than can be."""
    value = _value_of(name)
    return DetectedColumn(title, QUANTITIES[name].help, value, lambda each: f"{min(1.0, value(each)):.{decimals}f}")


def _value_of(name: str) -> Callable[[ReviewedObject], float]:
    return lambda each: float(each.object.measured[name])


def _short(number: float) -> str:
    if number == int(number) and abs(number) < 10**9:
        return str(int(number))
    return f"{number:.4g}" if abs(number) < 10**4 else str(round(number))


def _neighbours(each: ReviewedObject) -> str:
    numbers = ", ".join(map(str, sorted(each.neighbours)[:_MOST_NEIGHBOURS]))
    return f"{numbers} ..." if len(each.neighbours) > _MOST_NEIGHBOURS else numbers


def _box(each: ReviewedObject) -> str:
    i0, i1, j0, j1, k0, k1 = each.object.extent
    return f"{i0}–{i1}, {j0}–{j1}, {k0}–{k1}"


def _order_of_box(each: ReviewedObject) -> float:
    """By the first voxel along i, then j, then k."""
    i, j, k = each.object.extent.first_ijk
    return float((i << 32) + (j << 16) + k)


COLUMNS: dict[str, DetectedColumn] = {
    "number": DetectedColumn(
        "No.", "Number, and colour on the slices", lambda each: each.object.number, lambda each: str(each.object.number)
    ),
    "volume": _measured("Volume", "volume_mm3", "mm³"),
    "area": _measured("Area", "area_mm2", "mm²"),
    "slices": _measured("Slices", "slice_count"),
    "grey": _measured("Grey", "mean_grey"),
    "roundness": _rated("Round", "roundness", 2),
    "iou": _rated("IoU", "predicted_iou", 3),
    "stability": _rated("Stability", "stability_score", 3),
    "box": DetectedColumn(
        "Bounding box", "First and last voxel along i, j and k", _order_of_box, _box, is_number=False
    ),
    "neighbours": DetectedColumn(
        "Neighbours",
        "Numbers of the objects beside or in it",
        lambda each: len(each.neighbours),
        _neighbours,
        is_number=False,
    ),
    "state": DetectedColumn(
        "State",
        "What was done with the object",
        lambda each: STATES.index(each.state),
        lambda each: each.state,
        is_number=False,
    ),
}
