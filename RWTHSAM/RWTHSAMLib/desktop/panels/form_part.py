"""Widgets of a form that belong together: what all such parts of the panels over the session share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import SimpleNamespace

from ...mrml.session.session import Session
from ..app.connections import Connect
from ..app.shared_session import SharedSession

Do = Callable[[Callable[[Session], object]], None]
"""Does something with the session, see `SessionPanel.do`."""


class FormPart(ABC):
    """A part of a form; it shows and calls the session only.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    shared : SharedSession
    do : callable
        Does something with the session, see `SessionPanel.do`.
    connect : callable
        See `Connections.connect`.
    """

    def __init__(self, ui: SimpleNamespace, shared: SharedSession, do: Do, connect: Connect) -> None:
        self.ui, self._shared, self._do = ui, shared, do
        self._set_up(ui, connect)

    @abstractmethod
    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        """Prepare and connect the widgets."""
