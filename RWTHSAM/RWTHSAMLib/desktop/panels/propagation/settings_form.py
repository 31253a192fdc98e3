"""When a propagated object ends: a field for each limit, checked while it is typed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import qt

from ....core.settings.propagation import PropagationSettings
from ....core.settings.setting import settings_of
from ....mrml.session.session import Session
from ...app.connections import Connect
from ..form_part import FormPart
from ..setting_widgets import show_name
from ..settings_fields import SettingsFields


class PropagationSettingsForm(FormPart):
    """The fields of ``endRulesForm``, and the object's grey values."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        show_name(settings_of(PropagationSettings)["grey"], ui.objectGreyLabel)
        there = {"grey_lower": ui.objectGreyLowerEdit, "grey_upper": ui.objectGreyUpperEdit}
        self._fields = SettingsFields(ui.endRulesForm, there, PropagationSettings(), connect, self._on_edited)

    @property
    def problem(self) -> str:
        """What is wrong with the typed settings; empty while they can be used."""
        return self._fields.problem

    @property
    def fields(self) -> dict[str, qt.QLineEdit]:
        """Line edits by the name of the setting."""
        return self._fields.edits

    def refresh(self) -> None:
        """Show the session's settings; what is being typed stays while they are the same."""
        self._fields.show(self._shared.session.propagation.settings.rules)

    def _on_edited(self) -> None:
        rules = self._fields.read()

        def choose(session: Session) -> None:
            if rules is not None:
                session.propagation.set_settings(replace(session.propagation.settings, rules=rules))

        self._do(choose)
