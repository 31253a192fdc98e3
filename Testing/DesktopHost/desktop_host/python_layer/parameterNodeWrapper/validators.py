"""Annotations that limit values."""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import Any

__all__ = [
    *("Validator", "NotNone", "IsInstance", "WithinRange", "Minimum", "Maximum", "Choice", "Exclude", "RangeBounds"),
    *("Decimals", "SingleStep", "Label"),
]


class Validator(abc.ABC):
    """Raises ValueError for a value that must not be stored."""

    @abc.abstractmethod
    def validate(self, value: Any) -> None: ...


class NotNone(Validator):
    def validate(self, value: Any) -> None:
        if value is None:
            raise ValueError("Value must not be None")


class IsInstance(Validator):
    def __init__(self, classtype: type | tuple[type, ...]) -> None:
        self.classtype = classtype

    def validate(self, value: Any) -> None:
        if value is not None and not isinstance(value, self.classtype):
            raise ValueError(f'Value must be of type "{self.classtype}", is type "{type(value)}"')


class WithinRange(Validator):
    def __init__(self, minimum: float, maximum: float) -> None:
        if minimum > maximum:
            raise ValueError(f"minimum {minimum} must not be above maximum {maximum}")
        self.minimum, self.maximum = minimum, maximum

    def validate(self, value: Any) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"Value must be within range [{self.minimum}, {self.maximum}], is {value}")


class Minimum(Validator):
    def __init__(self, minimum: float) -> None:
        self.minimum = minimum

    def validate(self, value: Any) -> None:
        if value < self.minimum:
            raise ValueError(f"Value must be greater or equal to {self.minimum}, is {value}")


class Maximum(Validator):
    def __init__(self, maximum: float) -> None:
        self.maximum = maximum

    def validate(self, value: Any) -> None:
        if value > self.maximum:
            raise ValueError(f"Value must be less than or equal to {self.maximum}, is {value}")


class Choice(Validator):
    def __init__(self, choices: Iterable[Any]) -> None:
        self.choices = list(choices)

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"Value must be one of {self.choices}, is {value}")


class Exclude(Validator):
    def __init__(self, excludedValues: Iterable[Any]) -> None:
        self.excludedValues = list(excludedValues)

    def validate(self, value: Any) -> None:
        if value in self.excludedValues:
            raise ValueError(f"Value must not be one of {self.excludedValues}, is {value}")


class RangeBounds(Validator):
    def __init__(self, minimum: float, maximum: float) -> None:
        self.minimum, self.maximum = minimum, maximum

    def validate(self, value: Any) -> None:
        if value.minimum < self.minimum or value.maximum > self.maximum:
            raise ValueError(f"Range must be within [{self.minimum}, {self.maximum}], is {value}")


class _Number:
    def __init__(self, value: float) -> None:
        self.value = value


class Decimals(_Number):
    """Decimals that a widget shows."""


class SingleStep(_Number):
    """Step of a widget."""


class Label:
    """Text beside a widget."""

    def __init__(self, text: str) -> None:
        self.text = text
