"""The table of a profile's classes: colour, name, lock, terminology."""

from __future__ import annotations

from collections.abc import Callable

import qt
from slicer.i18n import tr as _

from RWTHSAMLib.core.color import Color
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.desktop.app.connections import Connections

from .terminology import meaning_of

COLOR, NAME, LOCKED, TERMINOLOGY = range(4)
_SWATCH_PIXELS = 16


class ClassTable:
    """Shows classes and tells which one is chosen; it changes nothing itself.

    Parameters
    ----------
    table : qt.QTableWidget
    connections : Connections
    on_select : callable
        Called with the class id that a person chose.
    on_lock : callable
        Called with a class id and whether its box is checked.
    on_activate : callable
        Called with the column that was double-clicked.
    """

    def __init__(
        self,
        table: qt.QTableWidget,
        connections: Connections,
        on_select: Callable[[str], None],
        on_lock: Callable[[str, bool], None],
        on_activate: Callable[[int], None],
    ) -> None:
        self._table = table
        self._ids: list[str] = []
        self._on_select, self._on_lock, self._on_activate = on_select, on_lock, on_activate
        self._set_up_columns()
        connections.connect(table, "itemSelectionChanged()", self._selection_changed)
        connections.connect(table, "itemChanged(QTableWidgetItem*)", self._item_changed)
        connections.connect(table, "cellDoubleClicked(int,int)", self._double_clicked)

    def refresh(self, profile: SegmentationProfile | None, class_id: str | None) -> None:
        """Show a profile's classes, one of them chosen."""
        classes = profile.classes if profile is not None else ()
        self._ids = [entry.id for entry in classes]
        was_blocked = self._table.blockSignals(True)
        self._table.setRowCount(len(classes))
        for row, entry in enumerate(classes):
            self._show(row, entry)
        if class_id in self._ids:
            self._table.selectRow(self._ids.index(class_id))
        else:
            self._table.clearSelection()
        self._table.blockSignals(was_blocked)

    def _set_up_columns(self) -> None:
        self._table.setColumnCount(4)
        self._table.setHorizontalHeaderLabels([_("Color"), _("Name"), _("Lock"), _("Terminology")])
        header = self._table.horizontalHeader()
        for column, mode in {
            COLOR: qt.QHeaderView.ResizeToContents,
            NAME: qt.QHeaderView.Stretch,
            LOCKED: qt.QHeaderView.ResizeToContents,
            TERMINOLOGY: qt.QHeaderView.ResizeToContents,
        }.items():
            header.setSectionResizeMode(column, mode)

    def _show(self, row: int, entry: ProfileClass) -> None:
        # items are kept and filled anew: this runs within their own signals, where deleting them would be fatal
        self._item(row, COLOR).setIcon(_swatch(entry.color))
        self._item(row, NAME).setText(entry.name)
        self._item(row, LOCKED).setCheckState(qt.Qt.Checked if entry.locked else qt.Qt.Unchecked)
        self._item(row, TERMINOLOGY).setText(meaning_of(entry.terminology))

    def _item(self, row: int, column: int) -> qt.QTableWidgetItem:
        item = self._table.item(row, column)
        if item is None:
            item = qt.QTableWidgetItem()
            flags = qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable
            item.setFlags(flags | qt.Qt.ItemIsUserCheckable if column == LOCKED else flags)
            self._table.setItem(row, column, item)
        return item

    def _selection_changed(self) -> None:
        row = self._table.currentRow()
        if 0 <= row < len(self._ids):
            self._on_select(self._ids[row])

    def _item_changed(self, item: qt.QTableWidgetItem) -> None:
        if item.column() == LOCKED:
            self._on_lock(self._ids[item.row()], item.checkState() == qt.Qt.Checked)

    def _double_clicked(self, _row: int, column: int) -> None:
        self._on_activate(column)


def qt_color(color: Color) -> qt.QColor:
    """A colour of a class for Qt."""
    return qt.QColor(*(round(part * 255) for part in color))


def _swatch(color: Color) -> qt.QIcon:
    pixmap = qt.QPixmap(_SWATCH_PIXELS, _SWATCH_PIXELS)
    pixmap.fill(qt_color(color))
    icon = qt.QIcon(pixmap)
    # else Qt tints the color of the chosen row
    icon.addPixmap(pixmap, qt.QIcon.Selected)
    return icon
