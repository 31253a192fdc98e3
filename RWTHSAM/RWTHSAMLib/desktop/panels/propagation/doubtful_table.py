"""The doubtful slices of a propagated object, where a correction helps most first: a click goes there."""

from __future__ import annotations

from types import SimpleNamespace

import qt
from slicer.i18n import tr as _

from ....algorithms.propagation.tracks import PropagatedObject
from ....core.slices import SliceKey
from ....mrml.session.session import Session
from ....mrml.session.showing import show_place
from ...app.connections import Connect
from ...saving import ask_where
from ..form_part import FormPart

_INDEX, _SCORE, _REMARK = 0, 1, 2


class DoubtfulTable(FormPart):
    """``doubtfulTable`` and the buttons below it."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        view = ui.doubtfulTable
        self._model = qt.QStandardItemModel(view)  # dies with the view
        view.setModel(self._model)
        self._selection = view.selectionModel()
        self._shown: PropagatedObject | None = None
        self._indices: tuple[int, ...] = ()
        view.verticalHeader().setVisible(False)
        view.verticalHeader().setDefaultSectionSize(22)
        view.horizontalHeader().setStretchLastSection(True)
        connect(view, "clicked(QModelIndex)", self._on_click)
        connect(self._selection, "selectionChanged(QItemSelection,QItemSelection)", self._on_selection)
        connect(ui.confirmSliceButton, "clicked(bool)", self._on_confirm)
        connect(ui.saveSlicesButton, "clicked(bool)", self._on_save)

    def refresh(self) -> None:
        """Show the object's doubtful slices; nothing while there is no object."""
        result = self._shared.session.propagation.result
        if result is not self._shown:
            self._shown = result
            self._show(result)
        for each in (self.ui.doubtfulTable, self.ui.confirmSliceButton):
            each.setVisible(bool(self._indices))
        self.ui.saveSlicesButton.setVisible(result is not None)
        self.ui.confirmSliceButton.enabled = self._chosen() is not None

    def _show(self, result: PropagatedObject | None) -> None:
        doubtful = result.doubtful if result is not None else ()
        self._indices = tuple(each.index for each in doubtful)
        self._model.clear()
        self._model.setHorizontalHeaderLabels([_("Slice"), _("Score"), _("Why")])
        self._model.setRowCount(len(doubtful))
        for row, each in enumerate(doubtful):
            for column, text in ((_INDEX, str(each.index)), (_SCORE, f"{each.score:.2f}"), (_REMARK, each.remark)):
                self._model.setData(self._model.index(row, column), text, qt.Qt.DisplayRole)
            self._model.setData(self._model.index(row, _REMARK), each.remark, qt.Qt.ToolTipRole)
        self.ui.doubtfulTable.resizeColumnsToContents()

    def _chosen(self) -> int | None:
        rows = [each.row() for each in self._selection.selectedRows()]
        return self._indices[rows[0]] if rows and rows[0] < len(self._indices) else None

    def _on_selection(self) -> None:
        self._do(lambda session: None)

    def _on_click(self, index: qt.QModelIndex) -> None:
        slice_index = self._indices[index.row()]
        self._do(lambda session: show_place(session.workspace, session.propagation.middle_of(slice_index)))

    def _on_confirm(self) -> None:
        index = self._chosen()

        def confirm(session: Session) -> None:
            if index is not None and session.propagation.axis is not None:
                session.propagation.confirm(SliceKey(session.propagation.axis, index))

        self._do(confirm)

    def _on_save(self) -> None:
        button, filters = self.ui.saveSlicesButton, _("Table (*.csv)")
        path = ask_where(button, _("Save table"), self._shared.session, "slices.csv", filters)
        if path is not None:
            self._do(lambda session: session.propagation.save_table(path))
