"""The table of found objects: which rows, in which order, on which page, as plain values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from RWTHSAMLib.core.color import nearest_hex
from RWTHSAMLib.core.profile import SegmentationProfile
from RWTHSAMLib.core.settings.class_rules import QUANTITIES
from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.mrml.session.parts.automatic_masks import ReviewedObject

Json = dict[str, object]

# a choice: as many as stand below the views
ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class Column:
    """One column: its title, what it sorts by, and what it shows."""

    title: str
    explanation: str
    sort_key: Callable[[ReviewedObject], float | str]
    text: Callable[[ReviewedObject], str]


def _quantity(title: str, name: str, form: str) -> Column:
    return Column(title, QUANTITIES[name].help, lambda each: _value(each, name), lambda each: form % _value(each, name))


def _value(each: ReviewedObject, name: str) -> float:
    return each.object.measured[name]


COLUMNS: dict[str, Column] = {
    "number": Column("No.", "Number", lambda each: each.object.number, lambda each: str(each.object.number)),
    "volume": _quantity("Volume", "volume_mm3", "%.4g"),
    "area": _quantity("Area", "area_mm2", "%.4g"),
    "slices": _quantity("Slices", "slice_count", "%d"),
    "grey": _quantity("Grey", "mean_grey", "%.4g"),
    "roundness": _quantity("Round", "roundness", "%.2f"),
    "iou": Column(
        "IoU",
        QUANTITIES["predicted_iou"].help,
        lambda each: _value(each, "predicted_iou"),
        lambda each: f"{min(1.0, _value(each, 'predicted_iou')):.2f}",
    ),
    "stability": _quantity("Stable", "stability_score", "%.2f"),
    "box": Column("Box i, j, k", "Bounding box in voxels", lambda each: each.object.extent[0], lambda each: _box(each)),
    "neighbours": Column(
        "Beside",
        "Objects beside or in it",
        lambda each: len(each.neighbours),
        lambda each: ", ".join(map(str, sorted(each.neighbours)[:4])) + (" ..." if len(each.neighbours) > 4 else ""),
    ),
    "state": Column("State", "What was done with it", lambda each: each.state, lambda each: each.state),
}


class DetectedTable:
    """What a person sees of the table.

    Attributes
    ----------
    sort_by : str
        Key of `COLUMNS`.
    descending : bool
    page : int
        From 0.
    """

    def __init__(self) -> None:
        self.sort_by, self.descending, self.page = "volume", True, 0

    def sort(self, column: str) -> None:
        """Sort by a column; by the same one again, the other way round.

        Raises
        ------
        SettingsError
            If there is no such column.
        """
        if column not in COLUMNS:
            raise SettingsError(f"The table has no column '{column}'.")
        self.descending = not self.descending if column == self.sort_by else column != "number"
        self.sort_by, self.page = column, 0

    def in_order(self, detected: tuple[ReviewedObject, ...]) -> list[ReviewedObject]:
        """All rows in their order."""
        return sorted(detected, key=COLUMNS[self.sort_by].sort_key, reverse=self.descending)

    def turn_to(self, number: int, detected: tuple[ReviewedObject, ...]) -> None:
        """Show the page with an object."""
        numbers = [each.object.number for each in self.in_order(detected)]
        if number in numbers:
            self.page = numbers.index(number) // ROWS_PER_PAGE

    def shown(self, detected: tuple[ReviewedObject, ...], profile: SegmentationProfile) -> Json:
        """The page's part of the state."""
        pages = max(1, math.ceil(len(detected) / ROWS_PER_PAGE))
        self.page = max(0, min(self.page, pages - 1))
        rows = self.in_order(detected)[self.page * ROWS_PER_PAGE : (self.page + 1) * ROWS_PER_PAGE]
        names = {each.id: each.name for each in profile.classes}
        return {
            "detected_rows": [_row(each, names, nearest_hex(each.color)) for each in rows],
            "detected_sort": self.sort_by,
            "detected_descending": self.descending,
            "detected_page": self.page + 1,
            "detected_pages": pages,
            "detected_count": len(detected),
            "detected_selected": sum(each.is_selected for each in detected),
            "detected_accepted": sum(each.state == "accepted" for each in detected),
        }


def _row(each: ReviewedObject, class_names: Mapping[str, str], color: str) -> Json:
    return {
        "number": each.object.number,
        "color": color,
        "selected": each.is_selected,
        "state": each.state,
        "doubtful": each.object.is_doubtful,
        "cells": [column.text(each) for column in COLUMNS.values()],
        "class": class_names.get(each.class_id or "", ""),
    }


def _box(each: ReviewedObject) -> str:
    i0, i1, j0, j1, k0, k1 = each.object.extent
    return f"{i0}-{i1}, {j0}-{j1}, {k0}-{k1}"
