"""Rules with one thing changed: conditions and rules more or less, another class, quantity or range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context

from ....core.settings.class_rules import QUANTITIES, Rule
from ....core.value_range import Range
from ....mrml.session.parts.reviewed_object import ReviewedObject

Rules = tuple[Rule, ...]
# a choice: as many as people read
_DIGITS = 4


@dataclass(frozen=True)
class Place:
    """A line of the table of rules: a rule, and one of its conditions unless it has none."""

    rule: int
    condition: int | None


def places_of(rules: Rules) -> list[Place]:
    """Every line, in the order of the table."""
    return [
        Place(index, condition)
        for index, rule in enumerate(rules)
        for condition in (range(len(rule.ranges)) if rule.ranges else (None,))
    ]


def takes(rules: Rules, detected: Sequence[ReviewedObject]) -> list[int]:
    """How many of the objects that can still be submitted each rule takes: the first one that fits."""
    counts = [0] * len(rules)
    for each in detected:
        if each.state in ("open", "accepted"):
            first = next((index for index, rule in enumerate(rules) if rule.fits(each.object.measured)), None)
            if first is not None:
                counts[first] += 1
    return counts


def adding_rule(rules: Rules, class_id: str, like: Sequence[Mapping[str, float]]) -> tuple[Rules, Place]:
    """One rule more, that objects like these fit, and where it is."""
    rule = Rule(class_id, (("volume_mm3", _range_of("volume_mm3", like)),))
    return (*rules, rule), Place(len(rules), 0)


def adding_condition(rules: Rules, at: Place, like: Sequence[Mapping[str, float]]) -> tuple[Rules, Place]:
    """A condition more, on the next quantity that the rule does not ask for yet, and where it is."""
    rule = rules[at.rule]
    asked = {name for name, _ in rule.ranges}
    name = next(each for each in ("volume_mm3", "mean_grey", "roundness", *QUANTITIES) if each not in asked)
    longer = replace(rule, ranges=(*rule.ranges, (name, _range_of(name, like))))
    return _with(rules, at.rule, longer), Place(at.rule, len(rule.ranges))


def removing(rules: Rules, at: Place) -> Rules:
    """Without a condition; without its rule if it was the last one."""
    rule = rules[at.rule]
    if at.condition is None or len(rule.ranges) == 1:
        return (*rules[: at.rule], *rules[at.rule + 1 :])
    left = (*rule.ranges[: at.condition], *rule.ranges[at.condition + 1 :])
    return _with(rules, at.rule, replace(rule, ranges=left))


def with_class(rules: Rules, at: Place, class_id: str) -> Rules:
    """The rule gives another class."""
    return _with(rules, at.rule, replace(rules[at.rule], class_id=class_id))


def with_condition(rules: Rules, at: Place, condition: tuple[str, Range]) -> Rules:
    """Another quantity or range.

    Raises
    ------
    ProfileError
        If the rule asks for that quantity already.
    """
    ranges = list(rules[at.rule].ranges)
    ranges[at.condition or 0] = condition
    return _with(rules, at.rule, replace(rules[at.rule], ranges=tuple(ranges)))


def _with(rules: Rules, index: int, rule: Rule) -> Rules:
    return (*rules[:index], rule, *rules[index + 1 :])


def _range_of(name: str, like: Sequence[Mapping[str, float]]) -> Range:
    """From the smallest to the largest value of some objects, in few digits; everything without any."""
    if not like:
        return Range()
    values = [each[name] for each in like]
    return Range(_rounded(min(values), ROUND_FLOOR), _rounded(max(values), ROUND_CEILING))


def _rounded(value: float, rounding: str) -> float:
    """A number of few digits that is no further inside than `value`."""
    return float(Context(prec=_DIGITS, rounding=rounding).create_decimal(repr(float(value))))
