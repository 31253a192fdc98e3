"""The keys that a segment editor takes for itself while its module is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

_PREVIOUS_AND_NEXT = (("Q", "W"), ("/", "*"), (",", "."), (">", "<"))


class EditorShortcuts:
    """Installs and removes the shortcuts of one editor widget."""

    def __init__(self, editor: Any) -> None:
        self._editor = editor
        self._shortcuts: list[QShortcut] = []

    def install(self, parent: QWidget) -> None:
        """Make all shortcuts on a window; a second shortcut of the same key there makes both ambiguous."""
        self.remove()
        editor = self._editor
        for number in range(1, 11):
            self._add(parent, str(number % 10), self._toggler(number))
            self._add(parent, f"Shift+{number % 10}", self._toggler(number + 10))
        self._add(parent, "Escape", lambda: self._toggle(0))
        self._add(parent, "Space", lambda: editor.setActiveEffect(editor.last_active_effect))
        for keys, action in (("Z", editor.undo), ("Y", editor.redo)):
            self._add(parent, keys, action)
        for standard, action in (
            (QKeySequence.StandardKey.Undo, editor.undo),
            (QKeySequence.StandardKey.Redo, editor.redo),
        ):
            self._add(parent, standard, action)
        for previous, following in _PREVIOUS_AND_NEXT:
            self._add(parent, previous, editor.selectPreviousSegment)
            self._add(parent, following, editor.selectNextSegment)
        self._add(parent, "I", editor.toggle_intensity_mask)

    def remove(self) -> None:
        """Take them away."""
        for shortcut in self._shortcuts:
            shortcut.setParent(None)
            shortcut.deleteLater()
        self._shortcuts.clear()

    def _add(self, parent: QWidget, keys: Any, action: Callable[[], Any]) -> None:
        shortcut = QShortcut(QKeySequence(keys), parent)
        shortcut.activated.connect(action)
        self._shortcuts.append(shortcut)

    def _toggler(self, index: int) -> Callable[[], None]:
        return lambda: self._toggle(index)

    def _toggle(self, index: int) -> None:
        """Effect of the button in that place, or none if it is active; place 0 is None's."""
        wanted = self._editor.effectByIndex(index)
        self._editor.setActiveEffect(None if wanted is self._editor.activeEffect() else wanted)
