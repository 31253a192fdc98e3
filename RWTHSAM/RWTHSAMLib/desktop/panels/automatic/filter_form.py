"""Which of the objects that were found are shown."""

from __future__ import annotations

from types import SimpleNamespace

from slicer.i18n import tr as _

from ....core.field_check import with_fields
from ....core.settings.automatic_run import AutomaticRunSettings
from ....core.settings.setting import settings_of
from ....mrml.session.session import Session
from ....mrml.session.status import SessionStatus
from ...app.connections import Connect
from ..form_part import SettingsFormPart
from ..setting_widgets import show_check, show_name, show_number
from ..settings_fields import SettingsFields


class AutomaticFilterForm(SettingsFormPart[AutomaticRunSettings]):
    """Widgets of ``filterForm``."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        settings = settings_of(AutomaticRunSettings)
        show_number(settings["min_slices"], ui.minSlicesBox, ui.minSlicesLabel)
        show_name(settings["grey"], ui.greyLabel)
        show_name(settings["region_xyxy"], ui.regionLabel)
        show_check(settings["hide_doubtful"], ui.hideDoubtfulBox)
        grey = {"grey_lower": ui.greyLowerEdit, "grey_upper": ui.greyUpperEdit}
        self._fields = SettingsFields(None, grey, AutomaticRunSettings(), connect, self._on_grey)
        connect(ui.minSlicesBox, "valueChanged(int)", self._on_min_slices)
        connect(ui.boxRegionButton, "clicked(bool)", self._on_box)
        connect(ui.clearRegionButton, "clicked(bool)", self._on_clear)
        connect(ui.hideDoubtfulBox, "toggled(bool)", self._on_doubtful)

    def refresh(self, status: SessionStatus) -> None:
        """Show the session's filters; what is being typed stays while they are the same."""
        ui, choices = self.ui, self._shared.session.automatic.settings
        ui.minSlicesBox.value = choices.min_slices
        self._fields.show(choices)
        ui.regionText.text = _region_text(choices)
        ui.boxRegionButton.enabled = status.prompts.box is not None
        ui.clearRegionButton.enabled = choices.region_xyxy is not None
        ui.hideDoubtfulBox.checked = choices.hide_doubtful
        ui.filterMessage.text = self.problem
        ui.filterMessage.setVisible(bool(self.problem))

    def _change(self, **changes: object) -> None:
        def change(session: Session) -> None:
            session.automatic.set_settings(with_fields(session.automatic.settings, changes))

        self._do(change)

    def _on_min_slices(self, count: int) -> None:
        self._change(min_slices=count)

    def _on_grey(self) -> None:
        settings = self._fields.read()
        self._do(lambda session: None if settings is None else session.automatic.set_settings(settings))

    def _on_box(self) -> None:
        self._do(lambda session: session.automatic.use_box())

    def _on_clear(self) -> None:
        self._change(region_xyxy=None)

    def _on_doubtful(self, hidden: bool) -> None:
        self._change(hide_doubtful=hidden)


def _region_text(choices: AutomaticRunSettings) -> str:
    if choices.region_xyxy is None:
        return _("everywhere")
    x0, y0, x1, y1 = choices.region_xyxy
    return _("x {x0} to {x1}, y {y0} to {y1}").format(x0=x0, x1=x1, y0=y0, y1=y1)
