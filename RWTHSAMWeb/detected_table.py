"""The table of found objects: which rows, in which order, on which page, as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping

from RWTHSAMLib.core.color import nearest_hex
from RWTHSAMLib.core.profile import SegmentationProfile
from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.mrml.session.detected_columns import COLUMNS
from RWTHSAMLib.mrml.session.parts.reviewed_object import ReviewedObject

Json = dict[str, object]

# a choice: as many as stand below the views
ROWS_PER_PAGE = 50


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

    def sort_as(self, column: str, descending: bool) -> None:
        """Sort by a column of `COLUMNS` in the order that is said."""
        self.sort_by, self.descending, self.page = column, descending, 0

    def sort(self, column: str) -> None:
        """Sort by a column; by the same one again, the other way round.

        Raises
        ------
        SettingsError
            If there is no such column.
        """
        if column not in COLUMNS:
            raise SettingsError(f"The table has no column '{column}'.")
        self.sort_as(column, not self.descending if column == self.sort_by else column != "number")

    def in_order(self, detected: tuple[ReviewedObject, ...]) -> list[ReviewedObject]:
        """All rows in their order."""
        return sorted(detected, key=COLUMNS[self.sort_by].sorted_by, reverse=self.descending)

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
