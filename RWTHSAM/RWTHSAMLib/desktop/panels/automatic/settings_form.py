"""Settings of automatic masks: preset, search, and SAM's twelve, checked while they are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

from slicer.i18n import tr as _

from ....core.field_check import with_fields
from ....core.settings.automatic import PRESETS, AutomaticSettings
from ....core.settings.automatic_run import AutomaticRunSettings
from ....core.settings.setting import settings_of
from ....mrml.session.session import Session
from ...app.connections import Connect
from ..form_part import SettingsFormPart
from ..setting_widgets import option_values, show_options
from ..settings_fields import SettingsFields

_PRESETS = tuple(PRESETS)
_MODES = option_values(AutomaticRunSettings, "mode")


class AutomaticSettingsForm(SettingsFormPart[AutomaticSettings]):
    """``presetBox``, ``searchBox``, ``settingsForm``, and buttons for points, a grid, saving settings and jobs."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        self._fields = SettingsFields(ui.settingsForm, {}, AutomaticSettings(), connect, self._on_edited)
        for text in (_("Few large objects"), _("Default"), _("Many small objects"), _("Own settings")):
            ui.presetBox.addItem(text)
        show_options(settings_of(AutomaticRunSettings)["mode"], ui.searchBox, ui.searchLabel)
        for each in (ui.ownPointsButton, ui.ownPointsLabel):
            each.toolTip = settings_of(AutomaticSettings)["point_grids"].help
        connect(ui.ownPointsButton, "clicked(bool)", self._on_own_points)
        connect(ui.gridButton, "clicked(bool)", self._on_grid)
        connect(ui.presetBox, "currentIndexChanged(int)", self._on_preset)
        connect(ui.searchBox, "currentIndexChanged(int)", self._on_search)
        connect(ui.saveSettingsButton, "clicked(bool)", self._on_save)

    def refresh(self) -> None:
        """Show the settings of the next run; what is being typed stays while they are the same."""
        session = self._shared.session
        choices = session.automatic.settings
        self._fields.show(choices.generator)
        known = [PRESETS[name] for name in _PRESETS]
        is_preset = choices.generator in known and not self.problem
        self.ui.presetBox.currentIndex = known.index(choices.generator) if is_preset else len(known)
        self.ui.searchBox.currentIndex = _MODES.index(choices.mode)
        self._show_points(choices.generator.own_point_count)
        self.ui.settingsMessage.text = self.problem
        self.ui.settingsMessage.setVisible(bool(self.problem))
        is_saved = session.profile.automatic.settings == choices.generator
        self.ui.saveSettingsButton.enabled = not self.problem and not is_saved
        self.ui.saveJobButton.enabled = not self.problem and session.volume_node is not None

    def _show_points(self, own: int) -> None:
        text = _("A grid") if not own else _("1 point of your own") if own == 1 else _("{count} points of your own")
        self.ui.ownPointsLabel.text = text.format(count=own)
        self.ui.gridButton.enabled = own > 0

    def _on_edited(self) -> None:
        settings = self._fields.read()
        self._do(lambda session: None if settings is None else _choose(session, settings))

    def _on_preset(self, row: int) -> None:
        if 0 <= row < len(_PRESETS):
            settings = PRESETS[_PRESETS[row]]

            self._take_anew(lambda session: _choose(session, settings))

    def _on_search(self, row: int) -> None:
        def choose(session: Session) -> None:
            automatic = session.automatic
            automatic.set_settings(with_fields(automatic.settings, {"mode": _MODES[row]}))

        self._do(choose)

    def _on_own_points(self) -> None:
        self._take_anew(lambda session: session.automatic.use_points())

    def _on_grid(self) -> None:
        self._take_anew(lambda session: session.automatic.use_grid())

    def _take_anew(self, choose: Callable[[Session], None]) -> None:
        """Choose settings; what was typed gives way to them, unless they are refused."""

        def choose_and_show(session: Session) -> None:
            choose(session)
            self._fields.forget()

        self._do(choose_and_show)

    def _on_save(self) -> None:
        self._do(lambda session: session.automatic.keep_settings())


def _choose(session: Session, settings: AutomaticSettings) -> None:
    session.automatic.set_settings(replace(session.automatic.settings, generator=settings))
