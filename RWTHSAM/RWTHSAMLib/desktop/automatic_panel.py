"""The module's section "Automatic masks": look for objects, choose among them, put them into classes."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

from ..scene.session import Session
from .automatic_filter_form import AutomaticFilterForm
from .automatic_run_form import AutomaticRunForm
from .automatic_settings_form import AutomaticSettingsForm
from .connections import Connections
from .forms import load_form
from .icons import show_level
from .offer_actions import OfferActions
from .offers_table import OffersTable
from .rules_form import RulesForm
from .workplace import Workplace


class AutomaticPanel:
    """The form ``RWTHSAMAutomatic.ui`` over the session's automatic masks; it shows and calls them only.

    Parameters
    ----------
    section : ctkCollapsibleButton
        Where the form is put.
    place : Workplace

    Attributes
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    """

    def __init__(self, section: qt.QWidget, place: Workplace) -> None:
        self._place = place
        self._is_showing = False
        self._signals = Connections()
        widget = load_form("RWTHSAMAutomatic")
        section.layout().addWidget(widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        connect, ui = self._signals.connect, self.ui
        self._settings = AutomaticSettingsForm(ui, place, self.do, connect)
        self._filters = AutomaticFilterForm(ui, place, self.do, connect)
        self._run = AutomaticRunForm(ui, place, self.do, connect)
        self._table = OffersTable(ui.offersTable, place, self.do, connect)
        self._actions = OfferActions(ui, place, self.do, connect)
        self._rules = RulesForm(ui, place, self.do, connect)
        place.session.on_change.append(self.refresh)
        place.after_poll.append(self._run.follow_view)
        self.refresh()

    def close(self) -> None:
        """End every connection."""
        self._signals.close()
        place, session = self._place, self._place.session
        for listeners, mine in ((session.on_change, self.refresh), (place.after_poll, self._run.follow_view)):
            if mine in listeners:
                listeners.remove(mine)

    def do(self, action: Callable[[Session], None]) -> None:
        """Do something with the session, unless a widget only shows it; what a person can mend becomes its status."""
        if self._is_showing:
            return
        session = self._place.session
        session.attempt(lambda: action(session))
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now; nothing is shown in the other mode."""
        if self._is_showing or self._place.session.mode != "automatic":
            return
        self._is_showing = True
        try:
            self._show()
        finally:
            self._is_showing = False

    def _show(self) -> None:
        status = self._place.session.status
        self.ui.runStatusLabel.text = self._place.problem or status.text
        show_level(self.ui.runStatusIcon, "error" if self._place.problem else status.level)
        self._settings.refresh()
        self._filters.refresh(status)
        self._run.refresh(status, bool(self._settings.problem or self._filters.problem))
        self._table.refresh()
        self._actions.refresh(status)
        self._rules.refresh()
