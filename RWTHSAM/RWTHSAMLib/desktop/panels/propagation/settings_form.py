"""When a propagated object ends: a field for each limit, checked while it is typed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from ....core.settings.propagation import PropagationSettings
from ....core.settings.setting import settings_of
from ....mrml.session.session import Session
from ...app.connections import Connect
from ..form_part import SettingsFormPart
from ..setting_widgets import show_check, show_name
from ..settings_fields import SettingsFields


class PropagationSettingsForm(SettingsFormPart[PropagationSettings]):
    """The fields of ``endRulesForm``, the object's grey values, and the two switches."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        show_name(settings_of(PropagationSettings)["grey"], ui.objectGreyLabel)
        show_check(settings_of(PropagationSettings)["way_back"], ui.wayBackBox)
        show_check(settings_of(PropagationSettings)["mask_prompt"], ui.maskPromptBox)
        there = {"grey_lower": ui.objectGreyLowerEdit, "grey_upper": ui.objectGreyUpperEdit}
        self._fields = SettingsFields(ui.endRulesForm, there, PropagationSettings(), connect, self._on_edited)
        connect(ui.wayBackBox, "toggled(bool)", self._on_way_back)
        connect(ui.maskPromptBox, "toggled(bool)", self._on_mask_prompt)

    def refresh(self) -> None:
        """Show the session's settings; what is being typed stays while they are the same."""
        rules = self._shared.session.propagation.settings.rules
        self._fields.show(rules)
        self.ui.wayBackBox.checked = rules.way_back
        self.ui.maskPromptBox.checked = rules.mask_prompt

    def _on_edited(self) -> None:
        rules = self._fields.read()
        self._do(lambda session: None if rules is None else _choose(session, rules))

    def _on_way_back(self, checked: bool) -> None:
        self._do(lambda session: _choose(session, replace(session.propagation.settings.rules, way_back=checked)))

    def _on_mask_prompt(self, checked: bool) -> None:
        self._do(lambda session: _choose(session, replace(session.propagation.settings.rules, mask_prompt=checked)))


def _choose(session: Session, rules: PropagationSettings) -> None:
    session.propagation.set_settings(replace(session.propagation.settings, rules=rules))
