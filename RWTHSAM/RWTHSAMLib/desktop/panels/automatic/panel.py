"""The module's section "Automatic masks": look for objects, choose among them, put them into classes."""

from __future__ import annotations

import qt

from ...app.icons import show_level
from ...app.shared_session import SharedSession
from ..session_panel import SessionPanel
from .detected_actions import DetectedActions
from .detected_table import DetectedTable
from .filter_form import AutomaticFilterForm
from .rules_form import RulesForm
from .run_form import AutomaticRunForm
from .settings_form import AutomaticSettingsForm


class AutomaticPanel(SessionPanel):
    """The form ``RWTHSAMAutomatic.ui`` over the session's automatic masks.

    Parameters
    ----------
    section : ctkCollapsibleButton
        Where the form is put.
    shared : SharedSession
    """

    def __init__(self, section: qt.QWidget, shared: SharedSession) -> None:
        super().__init__(section, shared, "RWTHSAMAutomatic")
        connect, ui = self._signals.connect, self.ui
        self._settings = AutomaticSettingsForm(ui, shared, self.do, connect)
        self._filters = AutomaticFilterForm(ui, shared, self.do, connect)
        self._run = AutomaticRunForm(ui, shared, self.do, connect)
        self._table = DetectedTable(ui.detectedTable, shared, self.do, connect)
        self._actions = DetectedActions(ui, shared, self.do, connect)
        self._rules = RulesForm(ui, shared, self.do, connect)
        shared.after_poll.append(self._run.follow_view)
        self.refresh()

    def close(self) -> None:
        """End every connection."""
        super().close()
        if self._run.follow_view in self._shared.after_poll:
            self._shared.after_poll.remove(self._run.follow_view)

    def _is_in_use(self) -> bool:
        return self._shared.session.mode == "automatic"

    def _show(self) -> None:
        status = self._shared.session.status
        self.ui.runStatusLabel.text = self._shared.problem or status.text
        show_level(self.ui.runStatusIcon, "error" if self._shared.problem else status.level)
        self._settings.refresh()
        self._filters.refresh(status)
        self._run.refresh(status, bool(self._settings.problem or self._filters.problem))
        self._table.refresh()
        self._actions.refresh(status)
        self._rules.refresh()
