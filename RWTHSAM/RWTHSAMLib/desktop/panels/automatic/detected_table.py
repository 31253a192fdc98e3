"""The table of objects that were found: a row each, sorted by numbers, its selection that of the session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import qt
from slicer.i18n import tr as _

from ....core.color import Color
from ....mrml.session.detected_columns import COLUMNS, DetectedColumn
from ....mrml.session.parts.reviewed_object import ReviewedObject
from ....mrml.session.session import Session
from ....mrml.session.showing import show_place
from ...app.connections import Connect
from ...app.shared_session import SharedSession
from ..form_part import Do

_SORT_ROLE = qt.Qt.UserRole
_RIGHT = int(qt.Qt.AlignRight) | int(qt.Qt.AlignVCenter)
_CLASS = "class"
_ORDER = (
    "number",
    "volume",
    "area",
    "slices",
    "grey",
    "state",
    _CLASS,
    "roundness",
    "iou",
    "stability",
    "box",
    "neighbours",
)
NUMBER, VOLUME, STATE = (_ORDER.index(key) for key in ("number", "volume", "state"))


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and the number by which it is sorted."""

    text: str
    sorted_by: float
    is_number: bool = True
    color: Color | None = None


class DetectedTable:
    """A table view with a model that Qt sorts by numbers; rows are changed, not made anew.

    Parameters
    ----------
    view : qt.QTableView
    shared : SharedSession
    do : callable
        Does something with the session, see `SessionPanel.do`.
    connect : callable
        See `Connections.connect`.
    """

    def __init__(self, view: qt.QTableView, shared: SharedSession, do: Do, connect: Connect) -> None:
        self._view, self._shared, self._do = view, shared, do
        self._model = qt.QStandardItemModel(view)  # dies with the view
        self._model.setSortRole(_SORT_ROLE)
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self._shown: tuple[ReviewedObject, ...] = ()
        self._numbers: list[int] | None = []
        view.setModel(self._model)
        self._selection = view.selectionModel()
        self._set_up_columns()
        connect(self._selection, "selectionChanged(QItemSelection,QItemSelection)", self._on_selection)
        connect(view, "doubleClicked(QModelIndex)", self._on_double_click)
        connect(view.horizontalHeader(), "sortIndicatorChanged(int,Qt::SortOrder)", self._on_sorting)

    @property
    def numbers(self) -> list[int]:
        """Numbers of the objects, row by row."""
        if self._numbers is None:
            rows = range(self._model.rowCount())
            self._numbers = [int(self._model.data(self._model.index(row, NUMBER), _SORT_ROLE)) for row in rows]
        return self._numbers

    def refresh(self) -> None:
        """Show what was detected, and what of it is selected."""
        automatic = self._shared.session.automatic
        if automatic.detected is not self._shown:
            self._shown = automatic.detected
            self._show(self._shown)
        self._show_selection(automatic.selection)

    def _set_up_columns(self) -> None:
        headings = _headings()
        self._model.setHorizontalHeaderLabels(list(headings))
        for column, text in enumerate(headings.values()):
            self._model.setHeaderData(column, qt.Qt.Horizontal, text, qt.Qt.ToolTipRole)
        self._view.verticalHeader().setVisible(False)
        self._view.verticalHeader().setDefaultSectionSize(22)
        self._view.resizeColumnsToContents()
        self._view.sortByColumn(VOLUME, qt.Qt.DescendingOrder)

    def _show(self, detected: tuple[ReviewedObject, ...]) -> None:
        profile = self._shared.session.profile
        names = {each.id: each.name for each in profile.classes}
        wanted = {each.object.number: _cells_of(each, names) for each in detected}
        was_empty = not self._cells
        numbers = self._without_those_gone(wanted)
        added = [number for number in wanted if number not in self._cells]
        self._model.setRowCount(len(wanted))
        for row, number in enumerate([*numbers, *added]):
            if wanted[number] != self._cells.get(number):
                self._write(row, wanted[number], self._cells.get(number))
        if wanted != self._cells:
            header = self._view.horizontalHeader()
            self._model.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
            self._numbers = None
        self._cells = wanted
        if was_empty and wanted:
            self._view.resizeColumnsToContents()
            self._view.setColumnWidth(STATE, self._view.columnWidth(STATE) * 3 // 2)  # all are open at first

    def _without_those_gone(self, wanted: Iterable[int]) -> list[int]:
        """Remove rows of other objects; the numbers that are left, row by row."""
        numbers, kept = self.numbers, set(wanted)
        for row in range(len(numbers) - 1, -1, -1):
            if numbers[row] not in kept:
                self._model.removeRow(row)
        return [number for number in numbers if number in kept]

    def _write(self, row: int, cells: tuple[Cell, ...], before: tuple[Cell, ...] | None) -> None:
        model = self._model
        for column, cell in enumerate(cells):
            if before is not None and before[column] == cell:
                continue
            index = model.index(row, column)
            if cell.text or before is not None:
                model.setData(index, cell.text, qt.Qt.DisplayRole)
            model.setData(index, cell.sorted_by, _SORT_ROLE)
            if cell.color is not None:
                model.setData(index, qt.QColor.fromRgbF(*cell.color), qt.Qt.DecorationRole)
            if before is None and cell.is_number:
                model.setData(index, _RIGHT, qt.Qt.TextAlignmentRole)

    # selecting

    def _show_selection(self, selected: tuple[int, ...]) -> None:
        numbers, chosen = self.numbers, set(selected)
        wanted = [row for row, number in enumerate(numbers) if number in chosen]
        if wanted == sorted(index.row() for index in self._selection.selectedRows()):
            return
        rows = qt.QItemSelection()
        for row in wanted:
            index = self._model.index(row, NUMBER)
            rows.select(index, index)
        flags = int(qt.QItemSelectionModel.ClearAndSelect) | int(qt.QItemSelectionModel.Rows)
        self._selection.select(rows, flags)
        if wanted:
            newest = numbers.index(selected[-1]) if selected[-1] in numbers else wanted[0]
            self._view.scrollTo(self._model.index(newest, NUMBER))

    def _on_selection(self) -> None:
        def select(session: Session) -> None:
            numbers = self.numbers
            chosen = [numbers[index.row()] for index in self._selection.selectedRows()]
            if set(chosen) != set(session.automatic.selection):
                session.automatic.select(chosen)

        self._do(select)

    def _on_sorting(self) -> None:
        self._numbers = None

    def _on_double_click(self, index: qt.QModelIndex) -> None:
        number = self.numbers[index.row()]
        self._do(lambda session: show_place(session.workspace, session.automatic.middle_of(number)))


def _headings() -> dict[str, str]:
    """Short headings and what they mean."""
    headings = {}
    for key in _ORDER:
        each = COLUMNS.get(key)
        if each is None:
            headings[_("Class")] = _("The class that it was submitted to, else the one that the rules give it")
        else:
            headings[each.unit or _(each.title)] = _(each.help)
    return headings


def _cells_of(reviewed: ReviewedObject, class_names: dict[str, str]) -> tuple[Cell, ...]:
    return tuple(
        _class_cell(reviewed, class_names) if key == _CLASS else _cell(COLUMNS[key], reviewed) for key in _ORDER
    )


def _cell(column: DetectedColumn, reviewed: ReviewedObject) -> Cell:
    text = column.text(reviewed)
    is_colored = column is COLUMNS["number"]
    return Cell(
        text if column.is_number else _(text),
        float(column.sorted_by(reviewed)),
        column.is_number,
        reviewed.color if is_colored else None,
    )


def _class_cell(reviewed: ReviewedObject, class_names: dict[str, str]) -> Cell:
    """Classes in the order of the profile, and behind them what has none."""
    ids = list(class_names)
    place = ids.index(reviewed.class_id) if reviewed.class_id in class_names else len(ids)
    return Cell(class_names.get(reviewed.class_id or "", ""), float(place), False)
