"""Fields of a form for settings: made of what the settings say of themselves, checked while they are typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import qt

from ...core.settings.codec import Settings
from ...core.settings.setting import settings_of
from ...core.settings.typed import text_fields, texts_of, with_texts
from ...errors import SettingsError
from ..app.connections import Connect

_Kind = TypeVar("_Kind", bound=Settings)


class SettingsFields(Generic[_Kind]):
    """A line edit for each number of a `Settings` class.

    Parameters
    ----------
    form : QFormLayout, optional
        Gets a row for each field that is not in `edits`; without a form there are no others.
    edits : dict of str
        Line edits that the form has already, by the names of `text_fields`.
    settings : Settings
        Shown at first.
    connect : callable
        See `Connections.connect`.
    on_edited : callable
        Called after somebody typed.

    Attributes
    ----------
    problem : str
        What is wrong with the typed texts; empty while they can be used.
    edits : dict of str
        All line edits, by the names of `text_fields`.
    """

    def __init__(
        self,
        form: qt.QFormLayout | None,
        edits: dict[str, qt.QLineEdit],
        settings: _Kind,
        connect: Connect,
        on_edited: Callable[[], None],
    ) -> None:
        self.problem = ""
        self.edits = dict(edits)
        self._held: _Kind | None = None
        fields = text_fields(type(settings))
        # a row of our own is named as in files; the other fields have a label that people read in messages, too
        self._labels = {name: fields[name].label for name in edits}
        for name, field in fields.items():
            if name not in self.edits:
                if form is None:
                    continue
                self.edits[name] = _row(form, name)
            self.edits[name].toolTip = field.help
            connect(self.edits[name], "textEdited(QString)", on_edited)
        self.show(settings)

    def show(self, settings: _Kind) -> None:
        """Show settings; what is being typed stays while they are the same."""
        before, self._held = self._held, settings
        if before is not None and self._typed_of(before) == self._typed_of(settings):
            return
        self.problem = ""
        for name, text in texts_of(settings).items():
            if name in self.edits:
                self.edits[name].setText(text)

    def forget(self) -> None:
        """Let typed text give way to the settings that are shown next, even where these stay the same."""
        self._held = None

    def read(self) -> _Kind | None:
        """The typed settings; None where there is a `problem`."""
        assert self._held is not None
        try:
            self._held = with_texts(self._held, {name: edit.text for name, edit in self.edits.items()})
        except SettingsError as error:
            name, colon, reason = str(error).partition(": ")
            label = self._labels.get(name, name)
            self.problem = f"{label[:1].upper() + label[1:] if name in self._labels else name}{colon}{reason}"
            return None
        self.problem = ""
        return self._held

    def _typed_of(self, settings: _Kind) -> list[object]:
        """The values that the line edits show."""
        names = {name.removesuffix("_lower").removesuffix("_upper") for name in self.edits}
        return [getattr(settings, name) for name in settings_of(type(settings)) if name in names]


def _row(form: qt.QFormLayout, name: str) -> qt.QLineEdit:
    # named as in the messages, in files and on the command line
    label, edit = qt.QLabel(name), qt.QLineEdit()
    edit.objectName = f"{name}Edit"
    form.addRow(label, edit)
    return edit
