"""The profile's rules: which objects are of which class, by ranges of what can be measured."""

from __future__ import annotations

from types import SimpleNamespace

import qt

from ....core.profile import ProfileClass
from ....core.settings.class_rules import QUANTITIES, Rule
from ....core.settings.typed import text_of, typed_range
from ....core.value_range import Range
from ....errors import ProfileError, SettingsError
from ....mrml.session.session import Session
from ...app.connections import Connect
from ...app.icons import color_icon
from ..form_part import FormPart
from .rule_editing import Place, adding_condition, adding_rule, places_of, removing, takes, with_class, with_condition
from .rules_table import RulesTable

_NAMES = tuple(QUANTITIES)


class RulesForm(FormPart):
    """Widgets of ``rulesGroup``: a line for each condition, and fields for the selected one."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        self._at: Place | None = None
        self._held: object = None
        self._problem = ""
        self._shown_classes: tuple[ProfileClass, ...] = ()
        for row, each in enumerate(QUANTITIES.values()):
            ui.quantityBox.addItem(each.label)
            ui.quantityBox.setItemData(row, each.help, qt.Qt.ToolTipRole)
        self._table = RulesTable(ui.rulesTable, connect, self._on_line)
        connect(ui.addRuleButton, "clicked(bool)", self._on_add_rule)
        connect(ui.addConditionButton, "clicked(bool)", self._on_add_condition)
        connect(ui.removeRuleButton, "clicked(bool)", self._on_remove)
        connect(ui.ruleClassBox, "currentIndexChanged(int)", self._on_class)
        connect(ui.quantityBox, "currentIndexChanged(int)", self._on_quantity)
        connect(ui.ruleLowerEdit, "textEdited(QString)", self._on_range)
        connect(ui.ruleUpperEdit, "textEdited(QString)", self._on_range)
        connect(ui.showRulesBox, "toggled(bool)", self._on_show)
        connect(ui.applyRulesButton, "clicked(bool)", self._on_apply)

    def refresh(self) -> None:
        """Show the profile's rules, and what each of them takes."""
        session, ui = self._shared.session, self.ui
        rules, lines = self._rules, places_of(self._rules)
        if self._at not in lines:
            self._at = lines[-1] if lines else None
        counts = takes(rules, session.automatic.detected)
        self._table.show(rules, counts, session.profile, self._at)
        self._show_fields(session)
        ui.showRulesBox.checked = session.automatic.shows_rules
        ui.showRulesBox.enabled = bool(rules)
        ui.applyRulesButton.enabled = any(counts)

    @property
    def _rules(self) -> tuple[Rule, ...]:
        return self._shared.session.automatic.rules

    def _show_fields(self, session: Session) -> None:
        ui, at = self.ui, self._at
        self._show_classes(session)
        rule = self._rules[at.rule] if at is not None else None
        condition = self._condition_at(at)
        for each in (ui.removeRuleButton, ui.addConditionButton, ui.ruleClassBox):
            each.enabled = rule is not None
        if rule is not None and len(rule.ranges) == len(QUANTITIES):
            ui.addConditionButton.enabled = False
        for each in (ui.quantityBox, ui.ruleLowerEdit, ui.ruleUpperEdit):
            each.enabled = condition is not None
        ids = [each.id for each in session.profile.classes]
        ui.ruleClassBox.currentIndex = ids.index(rule.class_id) if rule is not None else -1
        ui.quantityBox.currentIndex = _NAMES.index(condition[0]) if condition is not None else -1
        if (at, condition) != self._held:  # else somebody may be typing
            self._held, self._problem = (at, condition), ""
            ui.ruleLowerEdit.setText(text_of(condition[1].lower) if condition is not None else "")
            ui.ruleUpperEdit.setText(text_of(condition[1].upper) if condition is not None else "")
        ui.ruleMessage.text = self._problem
        ui.ruleMessage.setVisible(bool(self._problem))

    def _condition_at(self, at: Place | None) -> tuple[str, Range] | None:
        """Quantity and range of a line; None where it has none."""
        return self._rules[at.rule].ranges[at.condition] if at is not None and at.condition is not None else None

    def _show_classes(self, session: Session) -> None:
        classes, box = session.profile.classes, self.ui.ruleClassBox
        if classes != self._shown_classes:
            self._shown_classes = classes
            box.clear()
            for each in classes:
                box.addItem(color_icon(each.color), each.name)

    def _set(self, rules: tuple[Rule, ...], at: Place | None) -> None:
        def change(session: Session) -> None:
            session.automatic.set_rules(rules)
            self._at = at

        self._do(change)

    def _on_line(self, at: Place | None) -> None:
        def choose(session: Session) -> None:
            self._at = at

        self._do(choose)

    def _on_add_rule(self) -> None:
        self._set(*adding_rule(self._rules, self._shared.session.class_id, self._selected_values()))

    def _on_add_condition(self) -> None:
        if self._at is not None:
            self._set(*adding_condition(self._rules, self._at, self._selected_values()))

    def _on_remove(self) -> None:
        if self._at is not None:
            self._set(removing(self._rules, self._at), None)

    def _on_class(self, row: int) -> None:
        if self._at is not None and row >= 0:
            class_id = self._shared.session.profile.classes[row].id
            self._set(with_class(self._rules, self._at, class_id), self._at)

    def _on_quantity(self, row: int) -> None:
        at, condition = self._at, self._condition_at(self._at)
        if at is not None and condition is not None and row >= 0 and _NAMES[row] != condition[0]:
            self._change_condition(at, _NAMES[row], condition[1])

    def _on_range(self) -> None:
        at, condition = self._at, self._condition_at(self._at)
        if at is None or condition is None:
            return
        name = condition[0]
        try:
            span = typed_range(self.ui.ruleLowerEdit.text, self.ui.ruleUpperEdit.text)
        except SettingsError as error:
            self._say(str(error))
            return
        self._problem, self._held = "", (at, (name, span))
        self._change_condition(at, name, span)

    def _change_condition(self, at: Place, name: str, span: Range) -> None:
        try:
            rules = with_condition(self._rules, at, (name, span))
        except ProfileError as error:
            self._say(str(error))
        else:
            self._set(rules, at)

    def _say(self, problem: str) -> None:
        self._problem = problem
        self._do(lambda session: None)

    def _selected_values(self) -> list[dict[str, float]]:
        detected = self._shared.session.automatic.detected
        return [each.object.measured for each in detected if each.is_selected]

    def _on_show(self, shown: bool) -> None:
        self._do(lambda session: session.automatic.show_rules(shown))

    def _on_apply(self) -> None:
        self._do(lambda session: session.automatic.apply_rules())
