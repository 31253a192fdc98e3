"""Widgets of a form that belong together: what all such parts of the panels over the session share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import SimpleNamespace
from typing import Generic, TypeVar

import qt

from ...core.settings.codec import Settings
from ...mrml.session.session import Session
from ..app.connections import Connect
from ..app.shared_session import SharedSession
from .settings_fields import SettingsFields

_Kind = TypeVar("_Kind", bound=Settings)

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


class SettingsFormPart(FormPart, Generic[_Kind]):
    """A part of a form in which settings are typed; `_set_up` makes its fields."""

    _fields: SettingsFields[_Kind]

    @property
    def problem(self) -> str:
        """What is wrong with the typed settings; empty while they can be used."""
        return self._fields.problem

    @property
    def fields(self) -> dict[str, qt.QLineEdit]:
        """Line edits by the name of the setting."""
        return self._fields.edits
