"""Questions of the application: answered at once while testing."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QMessageBox


def question(title: str, text: str) -> bool | None:
    """Yes, no, or None for cancel."""
    application = QApplication.instance()
    if application is not None and application.testingEnabled():  # type: ignore[attr-defined]
        return True
    buttons = QMessageBox.StandardButton
    answer = QMessageBox.question(None, title, text, buttons.Yes | buttons.No | buttons.Cancel)
    return {buttons.Yes: True, buttons.No: False}.get(answer)
