"""The line below a field that says what is wrong with what was typed there."""

from __future__ import annotations

import re

import qt
from slicer.i18n import tr as _


class FieldMessage:
    """A label that is hidden while there is nothing to say.

    Parameters
    ----------
    label : qt.QLabel
    """

    def __init__(self, label: qt.QLabel) -> None:
        self._label = label
        # names of classes are no markup
        label.setTextFormat(qt.Qt.PlainText)
        self.clear()

    @property
    def text(self) -> str:
        """What is said, or nothing."""
        return self._plain

    def show(self, problem: object) -> None:
        """Say a problem; the place within a JSON document that `ProfileError` begins with means nothing here."""
        plain = re.sub(r"^[a-z]\w*(\[\d+\])?(\.\w+)?: ", "", str(problem))
        self._plain = re.sub(r"\bclasses\[(\d+)\]", lambda match: _("class {n}").format(n=int(match[1]) + 1), plain)
        self._label.setStyleSheet("color: #d03027")
        self._label.setText(self._plain)
        self._label.show()

    def tell(self, text: str) -> None:
        """Say something that is no problem."""
        self._plain = text
        self._label.setStyleSheet("")
        self._label.setText(text)
        self._label.show()

    def clear(self) -> None:
        """Say nothing."""
        self._plain = ""
        self._label.setText("")
        self._label.hide()
