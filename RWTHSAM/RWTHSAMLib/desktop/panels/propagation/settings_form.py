"""When a propagated object ends: a field for each limit, checked while it is typed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from ....core.settings.propagation import PropagationSettings
from ....core.settings.setting import settings_of
from ....mrml.session.session import Session
from ...app.connections import Connect
from ..form_part import SettingsFormPart
from ..setting_widgets import show_name
from ..settings_fields import SettingsFields


class PropagationSettingsForm(SettingsFormPart[PropagationSettings]):
    """The fields of ``endRulesForm``, and the object's grey values."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        show_name(settings_of(PropagationSettings)["grey"], ui.objectGreyLabel)
        there = {"grey_lower": ui.objectGreyLowerEdit, "grey_upper": ui.objectGreyUpperEdit}
        self._fields = SettingsFields(ui.endRulesForm, there, PropagationSettings(), connect, self._on_edited)

    def refresh(self) -> None:
        """Show the session's settings; what is being typed stays while they are the same."""
        self._fields.show(self._shared.session.propagation.settings.rules)

    def _on_edited(self) -> None:
        rules = self._fields.read()

        def choose(session: Session) -> None:
            if rules is not None:
                session.propagation.set_settings(replace(session.propagation.settings, rules=rules))

        self._do(choose)
