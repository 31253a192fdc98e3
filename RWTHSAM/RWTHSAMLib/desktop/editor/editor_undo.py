"""One undo on the desktop: prompts are taken back by the session, voxels by the Segment Editor.

The Segment Editor keeps whole states of the segmentation, saved before every change by any tool, and a submit saves
one like the others. So its own Undo takes back submits and brush strokes in the order in which they were made. The
session's undo goes the same way: where its newest step is a submit, it asks the Segment Editor for one step back. If
that took the submit's voxels away, the prompts come back with them; if it took back a stroke that was newer, the
submit stays the next step. Without a Segment Editor, or where its states are used up, the submit is taken back voxel
by voxel.

The Segment Editor's own buttons bring voxels back but no prompts. They cannot confuse this history, because taking out
voxels that are out already, or putting back those that are there, changes nothing; and the list of what was submitted
asks the voxels themselves, see `RWTHSAMLib.mrml.session.edits.Submission.is_there`.
"""

from __future__ import annotations

from typing import Protocol

from ...core.undo_history import Edit, UndoHistory
from ...mrml.session.edits import SubmitEdit


class EditorStates(Protocol):
    """The Segment Editor's own undo: whole states of the segmentation."""

    def save_state(self) -> None:
        """Remember the voxels as they are now."""

    def undo(self) -> bool:
        """One step back; False if that changed nothing."""

    def redo(self) -> bool:
        """One step forth; False if that changed nothing."""


class EditorUndoHistory(UndoHistory):
    """The session's undo history in an application with a Segment Editor.

    Attributes
    ----------
    editor : EditorStates, optional
        Set by the link to the Segment Editor.
    """

    editor: EditorStates | None = None

    def undo(self) -> None:
        """Take the newest step back: a prompt, or one change of voxels."""
        edit = self._done[-1] if self._done else None
        if self.editor is not None and _is_in_voxels(edit):
            changed = self.editor.undo()
            if changed and _is_in_voxels(edit):
                return  # a newer stroke of another tool was taken back
        super().undo()

    def redo(self) -> None:
        """Do the last step again that was taken back."""
        edit = self._undone[-1] if self._undone else None
        if isinstance(edit, SubmitEdit) and self.editor is not None:
            changed = self.editor.redo()
            if not (changed and edit.submission.is_there):
                self.editor.save_state()
        super().redo()


def _is_in_voxels(edit: Edit | None) -> bool:
    return isinstance(edit, SubmitEdit) and edit.submission.changed_voxels and edit.submission.is_there
