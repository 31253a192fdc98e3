"""What the panels over the session share: a form in a section, one way to do things, and no echo while showing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import qt
import slicer

from ...mrml.session.session import Session
from ..app.connections import Connections
from ..app.forms import load_form
from ..app.shared_session import SharedSession


class SessionPanel(ABC):
    """A form over a part of the session; it shows and calls the session only.

    A panel overrides `_show`, and `_is_in_use` where it is not always shown.

    Parameters
    ----------
    section : ctkCollapsibleButton
        Where the form is put.
    shared : SharedSession
    form : str
        Name of the file in ``Resources/UI``.

    Attributes
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    """

    def __init__(self, section: qt.QWidget, shared: SharedSession, form: str) -> None:
        self._shared = shared
        self._is_showing = False
        self._signals = Connections()
        widget = load_form(form)
        section.layout().addWidget(widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        self._signals.listen(shared.session.on_change, self.refresh)

    def close(self) -> None:
        """End every connection."""
        self._signals.close()

    def do(self, action: Callable[[Session], object]) -> None:
        """Do something with the session, unless a widget only shows it; what a person can mend becomes its status."""
        if self._is_showing:
            return
        session = self._shared.session
        session.attempt(lambda: action(session))
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        if self._is_showing or not self._is_in_use():
            return
        self._is_showing = True
        try:
            self._show()
        finally:
            self._is_showing = False

    def _is_in_use(self) -> bool:
        return True

    @abstractmethod
    def _show(self) -> None: ...
