"""Undo and redo of any action that can say how it is taken back."""

from __future__ import annotations

from typing import Protocol


class Edit(Protocol):
    """One action of a person, already done when it is recorded."""

    @property
    def text(self) -> str:
        """What was done, for a menu: 'Add positive point'."""

    def undo(self) -> None:
        """Take it back."""

    def redo(self) -> None:
        """Do it again."""


class SupportsUndo(Protocol):
    """What a session needs of an undo history; hosts with their own (the web app) give theirs."""

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back, or None."""

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again, or None."""

    def push(self, edit: Edit) -> None:
        """Record an edit that was just done."""

    def undo(self) -> None:
        """Take the last edit back."""

    def redo(self) -> None:
        """Do the last undone edit again."""

    def clear(self) -> None:
        """Forget everything."""


class UndoHistory:
    """A list of edits with a position in it.

    Parameters
    ----------
    limit : int
        How many edits are remembered; the oldest are forgotten first.
    """

    def __init__(self, limit: int = 500) -> None:
        self._limit = limit
        self._done: list[Edit] = []
        self._undone: list[Edit] = []

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back, or None."""
        return self._done[-1].text if self._done else None

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again, or None."""
        return self._undone[-1].text if self._undone else None

    def push(self, edit: Edit) -> None:
        """Record an edit that was just done; what had been undone can no longer be redone."""
        self._undone.clear()
        self._done.append(edit)
        del self._done[: -self._limit]

    def undo(self) -> None:
        """Take the last edit back; nothing happens where there is none."""
        if self._done:
            self._done[-1].undo()  # if it fails, it is still what comes next
            self._undone.append(self._done.pop())

    def redo(self) -> None:
        """Do the last undone edit again; nothing happens where there is none."""
        if self._undone:
            self._undone[-1].redo()
            self._done.append(self._undone.pop())

    def discard(self, edit: Edit) -> None:
        """Forget an edit that came to nothing."""
        self._done = [each for each in self._done if each is not edit]

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
