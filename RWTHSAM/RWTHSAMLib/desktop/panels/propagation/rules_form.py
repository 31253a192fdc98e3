"""When a propagated object ends: a field for each rule, checked while it is typed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import qt

from ....core.field_check import with_fields
from ....core.settings.propagation import TEXTS, PropagationRules
from ....core.value_range import Range
from ....errors import SettingsError
from ....mrml.session.session import Session
from ...app.connections import Connect
from ...app.typed_number import number_or_text, text_of, typed_range
from ..form_part import FormPart


class PropagationRulesForm(FormPart):
    """The fields of ``endRulesForm``.

    Attributes
    ----------
    problem : str
        What is wrong with the typed rules; empty while they can be used.
    fields : dict of str
        Line edits by the name of the rule.
    """

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        self._held: PropagationRules | None = None
        self.problem = ""
        self.fields: dict[str, qt.QLineEdit] = {}
        for name, text in TEXTS.items():
            # named as in the messages and on the command line
            label, field = qt.QLabel(name), qt.QLineEdit()
            label.toolTip = field.toolTip = text
            field.objectName = f"{name}Edit"
            ui.endRulesForm.addRow(label, field)
            self.fields[name] = field
        for each in (*self.fields.values(), ui.objectGreyLowerEdit, ui.objectGreyUpperEdit):
            connect(each, "textEdited(QString)", self._on_edited)

    def refresh(self) -> None:
        """Show the session's rules; what is being typed stays while they are the same."""
        rules = self._place.session.propagation.choices.rules
        if rules == self._held:
            return
        self._held, self.problem = rules, ""
        for name, field in self.fields.items():
            field.setText(text_of(getattr(rules, name)))
        grey = rules.grey or Range()
        self.ui.objectGreyLowerEdit.setText(text_of(grey.lower))
        self.ui.objectGreyUpperEdit.setText(text_of(grey.upper))

    def _on_edited(self) -> None:
        try:
            rules = self._typed()
        except SettingsError as error:
            self.problem = str(error)
            self._do(lambda session: None)
            return
        self.problem, self._held = "", rules

        def choose(session: Session) -> None:
            session.propagation.set_choices(replace(session.propagation.choices, rules=rules))

        self._do(choose)

    def _typed(self) -> PropagationRules:
        grey = typed_range(self.ui.objectGreyLowerEdit.text, self.ui.objectGreyUpperEdit.text)
        values = {name: number_or_text(field.text.strip()) for name, field in self.fields.items()}
        return with_fields(PropagationRules(grey=grey if grey != Range() else None), values)
