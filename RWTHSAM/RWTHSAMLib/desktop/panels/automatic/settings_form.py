"""Settings of automatic masks: preset, search, and SAM's eleven, checked while they are typed."""

from __future__ import annotations

from dataclasses import asdict, replace
from types import SimpleNamespace

import qt
from slicer.i18n import tr as _

from ....core.field_check import with_fields
from ....core.settings.automatic import MODES, PRESETS, TEXTS, AutomaticSettings
from ....errors import SettingsError
from ....mrml.session.session import Session
from ...app.connections import Connect
from ...app.typed_number import number_or_text
from ..form_part import FormPart

_PRESETS = tuple(PRESETS)


class AutomaticSettingsForm(FormPart):
    """``presetBox``, ``searchBox``, the fields of ``settingsForm`` and ``saveSettingsButton``.

    Attributes
    ----------
    problem : str
        What is wrong with the typed settings; empty while they can be used.
    fields : dict of str
        Line edits by the name of the setting.
    """

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        self._held: AutomaticSettings | None = None
        self.problem = ""
        self.fields: dict[str, qt.QLineEdit] = {}
        for name, text in TEXTS.items():
            self._add_field(name, text)
            connect(self.fields[name], "textEdited(QString)", self._on_edited)
        for text in (_("Few large objects"), _("Default"), _("Many small objects"), _("Own settings")):
            ui.presetBox.addItem(text)
        for text in (_("Adaptive"), _("Exhaustive")):
            ui.searchBox.addItem(text)
        connect(ui.presetBox, "currentIndexChanged(int)", self._on_preset)
        connect(ui.searchBox, "currentIndexChanged(int)", self._on_search)
        connect(ui.saveSettingsButton, "clicked(bool)", self._on_save)

    def refresh(self) -> None:
        """Show the settings of the next run; what is being typed stays while they are the same."""
        session = self._place.session
        choices = session.automatic.choices
        if choices.settings != self._held:
            self._held, self.problem = choices.settings, ""
            for name, value in asdict(choices.settings).items():
                self.fields[name].setText(_text(value))
        known = [PRESETS[name] for name in _PRESETS]
        is_preset = choices.settings in known and not self.problem
        self.ui.presetBox.currentIndex = known.index(choices.settings) if is_preset else len(known)
        self.ui.searchBox.currentIndex = MODES.index(choices.mode)
        self.ui.settingsMessage.text = self.problem
        self.ui.settingsMessage.setVisible(bool(self.problem))
        is_saved = session.profile.automatic.settings == choices.settings
        self.ui.saveSettingsButton.enabled = not self.problem and not is_saved

    def _add_field(self, name: str, text: str) -> None:
        # named as in the messages, in files and on the command line
        label, field = qt.QLabel(name), qt.QLineEdit()
        label.toolTip = field.toolTip = text
        field.objectName = f"{name}Edit"
        self.ui.settingsForm.addRow(label, field)
        self.fields[name] = field

    def _on_edited(self) -> None:
        try:
            settings = self._typed()
        except SettingsError as error:
            self.problem = str(error)
            self._do(lambda session: None)
            return
        self.problem, self._held = "", settings
        self._do(lambda session: _choose(session, settings))

    def _typed(self) -> AutomaticSettings:
        held = asdict(self._held or AutomaticSettings())
        texts = {name: field.text.strip() for name, field in self.fields.items()}
        # a field that nobody touched may show fewer digits than it holds
        values = {
            name: held[name] if text == _text(held[name]) else number_or_text(text) for name, text in texts.items()
        }
        return with_fields(AutomaticSettings(), values)

    def _on_preset(self, row: int) -> None:
        if 0 <= row < len(_PRESETS):
            settings = PRESETS[_PRESETS[row]]

            def choose(session: Session) -> None:
                self._held = None  # typed text gives way, even where the settings stay the same
                _choose(session, settings)

            self._do(choose)

    def _on_search(self, row: int) -> None:
        def choose(session: Session) -> None:
            automatic = session.automatic
            automatic.set_choices(replace(automatic.choices, mode=MODES[row]))

        self._do(choose)

    def _on_save(self) -> None:
        self._do(lambda session: session.automatic.keep_settings())


def _choose(session: Session, settings: AutomaticSettings) -> None:
    session.automatic.set_choices(replace(session.automatic.choices, settings=settings))


def _text(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"
