"""Widgets of a form that belong together: what all such parts of the panels over the session share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import SimpleNamespace

from ...mrml.session.session import Session
from ..app.app_context import Workplace
from ..app.connections import Connect

Do = Callable[[Callable[[Session], object]], None]
"""Does something with the session, see `SessionPanel.do`."""


class FormPart(ABC):
    """A part of a form; it shows and calls the session only.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    place : Workplace
    do : callable
        Does something with the session, see `SessionPanel.do`.
    connect : callable
        See `Connections.connect`.
    """

    def __init__(self, ui: SimpleNamespace, place: Workplace, do: Do, connect: Connect) -> None:
        self.ui, self._place, self._do = ui, place, do
        self._set_up(ui, connect)

    @abstractmethod
    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        """Prepare and connect the widgets."""
