"""Keys of the slice views while prompts are placed.

Slicer's Segment Editor installs shortcuts for Esc, Ctrl+Z and others on the main window. A second shortcut for the same
key would make both ambiguous, so that neither works. Instead the slice views claim a key before shortcuts are looked
at, and only while it means something to the session; at all other times it stays Slicer's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import qt
import slicer

from ...mrml.session.session import Session
from ...mrml.session.shortcuts import SHORTCUT_OF
from .view_events import with_modifiers

_NAMES = {qt.Qt.Key_Return: "Return", qt.Qt.Key_Enter: "Return", qt.Qt.Key_Escape: "Escape"}
_LETTERS = {getattr(qt.Qt, f"Key_{letter}"): letter for letter in {key[-1] for key in SHORTCUT_OF if key[-1].isupper()}}


def means_something(session: Session, key: str) -> bool:
    """Whether a key such as ``"Ctrl+Z"`` is the session's at present."""
    shortcut = SHORTCUT_OF.get(key)
    return shortcut is not None and shortcut.means_something(session)


class KeyClaim(qt.QObject):
    """Claims keys of the slice views, so that they arrive there as ordinary key presses.

    Parameters
    ----------
    is_claimed : callable
        Called with a key's name, says whether the views shall get it.
    """

    def __init__(self, is_claimed: Callable[[str], bool]) -> None:
        qt.QObject.__init__(self)
        self._is_claimed = is_claimed
        self._views: list[qt.QWidget] = []

    def start(self) -> None:
        """Claim keys in all slice views that there are now."""
        self.stop()
        layout = slicer.app.layoutManager()
        names = layout.sliceViewNames() if layout is not None else ()
        self._views = [layout.sliceWidget(name).sliceView() for name in names]
        for view in self._views:
            view.installEventFilter(self)

    def stop(self) -> None:
        """Claim nothing."""
        for view in self._views:
            with suppress(ValueError):  # the view was destroyed with its layout
                view.removeEventFilter(self)
        self._views = []

    def eventFilter(self, _view: qt.QObject, event: qt.QEvent) -> bool:
        """Accept the question whether a key shall not be taken as a shortcut."""
        if event.type() != qt.QEvent.ShortcutOverride or not self._is_claimed(_name_of(event)):
            return False
        event.accept()
        return True


def _name_of(event: qt.QKeyEvent) -> str:
    modifiers = int(event.modifiers())
    if modifiers & int(qt.Qt.AltModifier) or modifiers & int(qt.Qt.MetaModifier):
        return ""
    name = _NAMES.get(event.key()) or _LETTERS.get(event.key(), "")
    return with_modifiers(
        name, bool(modifiers & int(qt.Qt.ControlModifier)), bool(modifiers & int(qt.Qt.ShiftModifier))
    )
