"""The choice of what a submit does to other classes: as on the page, and the Segment Editor's other two modes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import qt
from slicer.i18n import tr as _

from ...core.overwriting import Overwriting
from ...core.word_check import one_of
from ...mrml.session.session import Session

_OF_THE_EDITOR = ("visible", "overlapping")


class OverwriteBox:
    """A combo box that shows and sets it, and a button that tells which classes lose voxels where only some do.

    Without a Segment Editor that is worked in, its own two modes are not offered.

    Parameters
    ----------
    box : QComboBox
    button : QPushButton
        Gets a menu of the classes.
    choose_classes : callable
        Called with the ids of the classes that are to lose voxels; see `take_from`.
    """

    def __init__(
        self, box: qt.QComboBox, button: qt.QPushButton, choose_classes: Callable[[tuple[str, ...]], None]
    ) -> None:
        self._box, self._button, self._choose_classes = box, button, choose_classes
        self._modes: tuple[str, ...] = ()
        self._shown_classes: tuple[tuple[str, str], ...] | None = None
        self._actions: dict[str, qt.QAction] = {}
        self._menu = qt.QMenu(button)  # belongs to the button: it dies with it
        button.setMenu(self._menu)

    def show(self, session: Session | None) -> None:
        """Show what is chosen."""
        has_editor = session is not None and session.workspace.editor_node is not None
        modes = ("none", "all", *(_OF_THE_EDITOR if has_editor else ()), "chosen")
        if modes != self._modes:
            self._modes = modes
            self._box.clear()
            for each in modes:
                self._box.addItem(_texts()[each])
        self._box.enabled = session is not None
        self._box.currentIndex = modes.index(_mode_of(session)) if session is not None else 0
        self._button.setVisible(session is not None and _mode_of(session) == "chosen")
        if session is not None:
            self._show_classes(session)

    def choose(self, session: Session, index: int) -> None:
        """Take what a person has chosen in the box."""
        mode, editor = self._modes[index], session.workspace.editor_node
        if editor is not None:
            own = {"visible": editor.OverwriteVisibleSegments, "overlapping": editor.OverwriteNone}
            editor.SetOverwriteMode(own.get(mode, editor.OverwriteAllSegments))
        class_ids = session.submitting.overwriting.class_ids
        is_ours = mode not in _OF_THE_EDITOR
        session.submitting.set_overwriting(
            Overwriting(one_of("mode", mode, ("none", "all", "chosen")) if is_ours else "none", class_ids)
        )

    @staticmethod
    def take_from(session: Session, class_ids: tuple[str, ...]) -> None:
        """Let some classes lose voxels, and all others keep theirs."""
        session.submitting.set_overwriting(Overwriting("chosen", class_ids))

    def _show_classes(self, session: Session) -> None:
        classes = tuple((each.id, each.name) for each in session.profile.classes)
        if classes != self._shown_classes:
            self._shown_classes = classes
            self._menu.clear()
            self._actions = {class_id: self._action(class_id, name) for class_id, name in classes}
        chosen = session.submitting.overwriting.class_ids
        for class_id, action in self._actions.items():
            blocked = action.blockSignals(True)
            action.checked = class_id in chosen
            action.blockSignals(blocked)
        names = [name for class_id, name in classes if class_id in chosen]
        self._button.text = ", ".join(names) or _("which ones ...")

    def _action(self, class_id: str, name: str) -> qt.QAction:
        action = self._menu.addAction(name)
        action.checkable = True
        action.connect("toggled(bool)", partial(self._on_toggled, class_id))
        return action

    def _on_toggled(self, class_id: str, checked: bool) -> None:
        chosen = [each for each, action in self._actions.items() if action.checked and each != class_id]
        self._choose_classes((*chosen, class_id) if checked else tuple(chosen))


def _texts() -> dict[str, str]:
    return {
        "none": _("keep their voxels"),
        "all": _("lose the voxels"),
        "visible": _("lose them where visible"),
        "overlapping": _("may overlap"),
        "chosen": _("keep them, but for some"),
    }


def _mode_of(session: Session) -> str:
    editor = session.workspace.editor_node
    mode = editor.GetOverwriteMode() if editor is not None else None
    if editor is not None and mode != editor.OverwriteAllSegments:
        return "visible" if mode == editor.OverwriteVisibleSegments else "overlapping"
    return session.submitting.overwriting.mode
