"""The lines of the table of rules: class, quantity, from, to, and how many objects a rule takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt
from slicer.i18n import tr as _

from ....core.profile import SegmentationProfile
from ....core.settings.class_rules import QUANTITIES, Rule
from ....core.settings.typed import text_of
from ...app.connections import Connect
from ...app.icons import color_icon
from .rule_editing import Place, places_of

_RIGHT = int(qt.Qt.AlignRight) | int(qt.Qt.AlignVCenter)
_COLUMNS = 5


class RulesTable:
    """Shows rules and tells which line is chosen; it changes nothing itself.

    Parameters
    ----------
    table : qt.QTableWidget
    connect : callable
        See `Connections.connect`.
    on_line : callable
        Called with the `Place` that a person chose, or None.
    """

    def __init__(self, table: qt.QTableWidget, connect: Connect, on_line: Callable[[Place | None], None]) -> None:
        self._table, self._on_line = table, on_line
        self._lines: list[Place] = []
        self._is_showing = False
        table.setColumnCount(_COLUMNS)
        table.setHorizontalHeaderLabels([_("Class"), _("Quantity"), _("From"), _("To"), _("Objects")])
        header = table.horizontalHeader()
        for column in range(_COLUMNS):
            mode = qt.QHeaderView.Stretch if column < 2 else qt.QHeaderView.ResizeToContents
            header.setSectionResizeMode(column, mode)
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setDefaultSectionSize(22)
        connect(table, "itemSelectionChanged()", self._on_selection)

    def show(
        self, rules: Sequence[Rule], counts: Sequence[int], profile: SegmentationProfile, at: Place | None
    ) -> None:
        """Show rules, how many objects each takes, and which line is chosen."""
        self._is_showing = True
        try:
            self._lines = places_of(tuple(rules))
            self._table.setRowCount(len(self._lines))
            for row, place in enumerate(self._lines):
                self._show_line(row, place, rules[place.rule], counts[place.rule], profile)
            if at is None:
                self._table.clearSelection()
            elif self._table.currentRow() != self._lines.index(at) or not self._table.selectedItems():
                self._table.selectRow(self._lines.index(at))
        finally:
            self._is_showing = False

    def _show_line(self, row: int, place: Place, rule: Rule, count: int, profile: SegmentationProfile) -> None:
        is_first = not place.condition
        entry = profile.require_class(rule.class_id)
        name, span = rule.ranges[place.condition] if place.condition is not None else ("", None)
        texts = (
            entry.name if is_first else _("and"),
            QUANTITIES[name].label if name else _("any object"),
            text_of(span.lower) if span is not None else "",
            text_of(span.upper) if span is not None else "",
            str(count) if is_first else "",
        )
        # items are kept and filled anew: this may run within their own signals
        for column, text in enumerate(texts):
            self._item(row, column).setText(text)
        self._item(row, 0).setIcon(color_icon(entry.color) if is_first else qt.QIcon())
        self._item(row, 1).setToolTip(QUANTITIES[name].help if name else "")

    def _item(self, row: int, column: int) -> qt.QTableWidgetItem:
        item = self._table.item(row, column)
        if item is None:
            item = qt.QTableWidgetItem()
            if column > 1:
                item.setData(qt.Qt.TextAlignmentRole, _RIGHT)
            self._table.setItem(row, column, item)
        return item

    def _on_selection(self) -> None:
        row = self._table.currentRow()
        if not self._is_showing and 0 <= row < len(self._lines):
            self._on_line(self._lines[row])
