"""A strip of colours: how far each slice of a propagated object is believed; a click goes to the slice."""

from __future__ import annotations

from types import SimpleNamespace

import qt
from slicer.i18n import tr as _

from ....algorithms.propagation.belief import COLOURS, WORDS, belief_of, least_believed_of_parts
from ....algorithms.propagation.track import TrackedSlice
from ....algorithms.propagation.tracks import PropagatedObject
from ....mrml.session.showing import show_place
from ...app.connections import Connect
from ..form_part import FormPart

_MOST_CELLS = 200
"""A choice: a panel has two pixels and more for each."""
_HEIGHT_PX = 16


class SliceStrip(FormPart):
    """``sliceStrip``, a row of cells between the labels of the object's first and last slice, and what colours mean."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        view = ui.sliceStrip
        self._model = qt.QStandardItemModel(view)  # dies with the view
        view.setModel(self._model)
        self._shown: PropagatedObject | None = None
        self._cells: list[TrackedSlice] = []
        for header in (view.horizontalHeader(), view.verticalHeader()):
            header.setVisible(False)
            header.setMinimumSectionSize(1)
        view.horizontalHeader().setSectionResizeMode(qt.QHeaderView.Stretch)
        view.verticalHeader().setDefaultSectionSize(_HEIGHT_PX)
        view.setShowGrid(False)
        squares = (f'<span style="color: {COLOURS[belief]}">&#9632;</span> {_(text)}' for belief, text in WORDS.items())
        ui.stripLegend.text = " &nbsp; ".join(squares)
        connect(view, "clicked(QModelIndex)", self._on_click)

    def refresh(self) -> None:
        """Show the object's slices; nothing while there is no object."""
        propagation = self._shared.session.propagation
        if propagation.result is not self._shown:
            self._shown = propagation.result
            slices = self._shown.slices if self._shown is not None else ()
            self._cells = least_believed_of_parts(slices, _MOST_CELLS)
            self._show()
        for name in ("sliceStrip", "stripFirst", "stripLast", "stripLegend"):
            getattr(self.ui, name).setVisible(bool(self._cells))

    def _show(self) -> None:
        propagation = self._shared.session.propagation
        self._model.clear()
        self._model.setRowCount(min(1, len(self._cells)))
        self._model.setColumnCount(len(self._cells))
        for column, each in enumerate(self._cells):
            belief = belief_of(each, propagation.keyframe_indices, propagation.settings.rules.doubtful_below)
            index = self._model.index(0, column)
            self._model.setData(index, qt.QColor(COLOURS[belief]), qt.Qt.BackgroundRole)
            self._model.setData(index, _told(each, _(WORDS[belief])), qt.Qt.ToolTipRole)
        ends = (self._shown.slices[0], self._shown.slices[-1]) if self._shown is not None else (None, None)
        for label, end in zip((self.ui.stripFirst, self.ui.stripLast), ends, strict=True):
            label.text = "" if end is None else str(end.index)

    def _on_click(self, index: qt.QModelIndex) -> None:
        slice_index = self._cells[index.column()].index
        self._do(lambda session: show_place(session.workspace, session.propagation.middle_of(slice_index)))


def _told(tracked: TrackedSlice, word: str) -> str:
    told = _("Slice {index}: {word}, score {score}").format(
        index=tracked.index, word=word, score=f"{tracked.score:.2f}"
    )
    return f"{told}. {tracked.remark}" if tracked.remark else told
