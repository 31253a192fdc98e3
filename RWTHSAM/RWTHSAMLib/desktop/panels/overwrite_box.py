"""The choice of what a submit does to other classes: our own default, and the Segment Editor's three modes."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from ...core.overwriting import Overwriting
from ...mrml.session.session import Session


class OverwriteBox:
    """A combo box that shows and sets it.

    Without a Segment Editor that is worked in, there are only the first two.

    Parameters
    ----------
    box : QComboBox
    """

    def __init__(self, box: qt.QComboBox) -> None:
        self._box = box
        self._has_editor: bool | None = None

    def show(self, session: Session | None) -> None:
        """Show what is chosen."""
        has_editor = session is not None and session.workspace.editor_node is not None
        if has_editor != self._has_editor:
            self._has_editor = has_editor
            self._box.clear()
            for text in _texts()[: 4 if has_editor else 2]:
                self._box.addItem(text)
        self._box.enabled = session is not None
        self._box.currentIndex = _index(session) if session is not None else 0

    @staticmethod
    def choose(session: Session, index: int) -> None:
        """Take what a person has chosen."""
        editor = session.workspace.editor_node
        if editor is not None:
            modes = (editor.OverwriteAllSegments, editor.OverwriteVisibleSegments, editor.OverwriteNone)
            editor.SetOverwriteMode(modes[max(0, index - 1)])
        session.submitting.set_overwriting(Overwriting("all" if index == 1 else "none"))


def _texts() -> tuple[str, ...]:
    return (_("keep their voxels"), _("lose the voxels"), _("lose them where visible"), _("may overlap"))


def _index(session: Session) -> int:
    editor = session.workspace.editor_node
    mode = editor.GetOverwriteMode() if editor is not None else None
    if editor is not None and mode != editor.OverwriteAllSegments:
        return 2 if mode == editor.OverwriteVisibleSegments else 3
    return 1 if session.submitting.overwriting.mode == "all" else 0
