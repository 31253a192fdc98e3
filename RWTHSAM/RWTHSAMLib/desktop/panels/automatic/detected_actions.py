"""What a person does with the objects that are selected: accept, reject, put into classes, save their table."""

from __future__ import annotations

from types import SimpleNamespace

from slicer.i18n import tr as _

from ....core.profile import ProfileClass
from ....mrml.session.parts.automatic_masks import AutomaticMasks
from ....mrml.session.session import Session
from ....mrml.session.status import SessionStatus
from ...app.connections import Connect
from ...app.icons import color_icon
from ...saving import ask_where
from ..form_part import FormPart
from ..overwrite_box import OverwriteBox


class DetectedActions(FormPart):
    """The label above the table and everything between it and the rules."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        self._overwrite_box = OverwriteBox(ui.overwriteBox, ui.overwriteClassesButton, self._on_overwrite_classes)
        self._shown_classes: tuple[ProfileClass, ...] = ()
        connect(ui.acceptButton, "clicked(bool)", self._on_accept)
        connect(ui.rejectButton, "clicked(bool)", self._on_reject)
        connect(ui.saveTableButton, "clicked(bool)", self._on_save_table)
        connect(ui.objectClassBox, "currentIndexChanged(int)", self._on_class)
        connect(ui.submitObjectsButton, "clicked(bool)", self._on_submit)
        connect(ui.submitApartButton, "clicked(bool)", self._on_submit_apart)
        connect(ui.overwriteBox, "currentIndexChanged(int)", self._on_overwrite)
        connect(ui.undoObjectsButton, "clicked(bool)", self._on_undo)
        connect(ui.redoObjectsButton, "clicked(bool)", self._on_redo)

    def refresh(self, status: SessionStatus) -> None:
        """Show what can be done at present."""
        ui, session = self.ui, self._shared.session
        automatic = session.automatic
        states = {each.object.number: each.state for each in automatic.detected}
        selected = [states[number] for number in automatic.selection if number in states]
        is_open = bool(selected) and "submitted" not in selected
        ui.countLabel.text = _count_text(automatic, len(selected))
        ui.acceptButton.enabled, ui.rejectButton.enabled = is_open, is_open
        ui.saveTableButton.enabled = bool(states)
        self._overwrite_box.show(session)
        can = automatic.can_submit
        chosen = session.profile.require_class(session.class_id)
        text = _("'{name}' is locked") if chosen.locked else _("Submit to '{name}'")
        ui.submitObjectsButton.text = text.format(name=chosen.name)
        ui.submitObjectsButton.enabled, ui.submitApartButton.enabled = can and not chosen.locked, can
        undo, redo = status.undo_text, status.redo_text
        ui.undoObjectsButton.enabled, ui.redoObjectsButton.enabled = undo is not None, redo is not None
        ui.undoObjectsButton.toolTip = _("Undo: {what} (Ctrl+Z)").format(what=undo) if undo else _("Undo")
        ui.redoObjectsButton.toolTip = _("Redo: {what} (Ctrl+Y)").format(what=redo) if redo else _("Redo")
        self._show_classes(session)

    def _show_classes(self, session: Session) -> None:
        classes, box = session.profile.classes, self.ui.objectClassBox
        if classes != self._shown_classes:
            self._shown_classes = classes
            box.clear()
            for each in classes:
                box.addItem(color_icon(each.color), each.name)
        box.currentIndex = [each.id for each in classes].index(session.class_id)

    def _on_accept(self) -> None:
        self._do(lambda session: session.automatic.review("accepted"))

    def _on_reject(self) -> None:
        self._do(lambda session: session.automatic.review("rejected"))

    def _on_class(self, row: int) -> None:
        if row >= 0:
            self._do(lambda session: session.select_class(session.profile.classes[row].id))

    def _on_submit(self) -> None:
        self._do(lambda session: session.automatic.submit())

    def _on_submit_apart(self) -> None:
        self._do(lambda session: session.automatic.submit_apart())

    def _on_overwrite(self, index: int) -> None:
        if index >= 0:
            self._do(lambda session: self._overwrite_box.choose(session, index))

    def _on_overwrite_classes(self, class_ids: tuple[str, ...]) -> None:
        self._do(lambda session: OverwriteBox.take_from(session, class_ids))

    def _on_undo(self) -> None:
        self._do(lambda session: session.undo())

    def _on_redo(self) -> None:
        self._do(lambda session: session.redo())

    def _on_save_table(self) -> None:
        button, filters = self.ui.saveTableButton, _("Table (*.csv)")
        path = ask_where(button, _("Save table"), self._shared.session, "objects.csv", filters)
        if path is not None:
            self._do(lambda session: session.automatic.save_table(path))


def _count_text(automatic: AutomaticMasks, selected: int) -> str:
    offered = len(automatic.detected)
    left_out = automatic.unfiltered_count - offered
    words = [_("1 object") if offered == 1 else _("{count} objects").format(count=offered)]
    if left_out:
        words.append(_("{count} more left out by the filters").format(count=left_out))
    if selected:
        words.append(_("{count} selected").format(count=selected))
    return ", ".join(words)
