"""Rules of the profile, edited piece by piece; what is not valid yet stays on the page and is not taken."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from RWTHSAMLib.core.settings.class_rules import QUANTITIES, Rule
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import RwthSamError, SettingsError, StateError

from ..app_context import AppContext
from ..arguments import OneOf, Position, value_as
from ..state import page_values


@dataclass(eq=False)
class _Condition:
    quantity: str
    lower: str = ""
    upper: str = ""


@dataclass(eq=False)
class _Draft:
    class_id: str
    conditions: list[_Condition] = field(default_factory=list)
    error: str = ""
    good: tuple[_Condition, ...] = ()  # the last ones without an error

    def rule(self) -> Rule:
        """Raises ValueError or RwthSamError where it is none."""
        ends = [(each.quantity, Range(_end(each.lower), _end(each.upper))) for each in self.conditions]
        return Rule(self.class_id, tuple(ends))


class RuleActions:
    """The rules of panel 4."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._drafts: list[_Draft] = []
        self._taken: tuple[Rule, ...] = ()

    def shown(self) -> page_values.Json:
        """The part of the page's state that this answers for."""
        automatic = self._context.session.automatic
        if automatic.rules != self._taken:
            self._taken = automatic.rules
            self._drafts = [_draft_of(each) for each in automatic.rules]
        open_offers = [each for each in automatic.detected if each.state in ("open", "accepted")]
        counts: dict[str | None, int] = {}
        for each in open_offers:
            counts[each.class_id] = counts.get(each.class_id, 0) + 1
        return {
            "rules": [_shown(each, counts.get(each.class_id, 0)) for each in self._drafts],
            "rules_fit": sum(count for class_id, count in counts.items() if class_id is not None),
            "rules_shown": automatic.shows_rules,
            "rules_valid": not any(each.error for each in self._drafts),
        }

    def add(self) -> None:
        """One rule more, for the chosen class."""
        self._drafts.append(_Draft(self._context.session.class_id, [_Condition("mean_grey")]))
        self._take()

    def remove(self, rule: Position) -> None:
        """One rule less."""
        self._drafts.remove(self._draft(rule))
        self._take()

    def set_class(self, rule: Position, class_id: str) -> None:
        """Another class for a rule."""
        draft = self._draft(rule)
        draft.class_id = self._context.session.profile.require_class(class_id).id
        self._take()

    def add_condition(self, rule: Position) -> None:
        """One range more, of a quantity that the rule does not have yet."""
        draft = self._draft(rule)
        used = {each.quantity for each in draft.conditions}
        free = next((each for each in QUANTITIES if each not in used), None)
        if free is not None:
            draft.conditions.append(_Condition(free))
            self._take()

    def remove_condition(self, rule: Position, condition: Position) -> None:
        """One range less."""
        self._draft(rule).conditions.remove(self._condition(rule, condition))
        self._take()

    def set_condition(
        self, rule: Position, condition: Position, part: Literal["quantity", "lower", "upper"], value: str | None
    ) -> None:
        """Another quantity (``"quantity"``) or end (``"lower"``, ``"upper"``) of a range."""
        changed = self._condition(rule, condition)
        if part == "quantity":
            value_as(Annotated[str, OneOf(QUANTITIES)], value, "quantity")
        setattr(changed, part, value or "")
        self._take()
        if part == "quantity" and (error := self._draft(rule).error):
            self._take_back(self._draft(rule))
            raise SettingsError(error)

    def leave(self, stays: bool, rule: Position) -> None:
        """The last good range comes back where something else was typed, once the focus is in neither of its ends."""
        if not stays and rule < len(self._drafts) and (why := self._drafts[rule].error):
            self._context.gave_way(f"Rule {rule + 1}", why, "as it was")
            self._take_back(self._drafts[rule])

    def _take_back(self, draft: _Draft) -> None:
        draft.conditions = [replace(each) for each in draft.good]
        self._take()

    def _draft(self, rule: int) -> _Draft:
        if rule >= len(self._drafts):
            raise StateError("There is no such rule.")
        return self._drafts[rule]

    def _condition(self, rule: int, condition: int) -> _Condition:
        conditions = self._draft(rule).conditions
        if condition >= len(conditions):
            raise StateError("There is no such range in this rule.")
        return conditions[condition]

    def _take(self) -> None:
        rules = []
        for draft in self._drafts:
            draft.error = ""
            try:
                rules.append(draft.rule())
                draft.good = tuple(replace(each) for each in draft.conditions)
            except ValueError:
                draft.error = "From and to are numbers; an empty one is open."
            except RwthSamError as error:
                draft.error = str(error)
        if not any(each.error for each in self._drafts):
            self._taken = tuple(rules)
            self._context.session.attempt(lambda: self._context.session.automatic.set_rules(rules))
        self._context.refresh()


def _end(text: str) -> float | None:
    if not text.strip():
        return None
    number = float(text.replace(",", "."))
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _draft_of(rule: Rule) -> _Draft:
    conditions = [_Condition(name, _text(span.lower), _text(span.upper)) for name, span in rule.ranges]
    return _Draft(rule.class_id, conditions, good=tuple(replace(each) for each in conditions))


def _text(end: float | None) -> str:
    return "" if end is None else f"{end:g}"


def _shown(draft: _Draft, count: int) -> page_values.Json:
    return {
        "class_id": draft.class_id,
        "error": draft.error,
        "count": count,
        "conditions": [vars(each) for each in draft.conditions],
    }
