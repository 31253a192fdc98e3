"""What a browser sends is checked against what an action says that it takes, before the action begins.

An action's annotations are the rule: types, ``None`` only where it is named, and by `OneOf` and `Between` which values
there are. Numbers are finite, texts can be written to any file, lists are short.
"""

from __future__ import annotations

import inspect
import math
import types
import typing
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union

from RWTHSAMLib.errors import SettingsError

from .field_words import label_of

# limits against wrong calls, far above what the page sends
_MOST_CHARACTERS = 4096
_MOST_ITEMS = 1000
_LARGEST_WHOLE = 2**53
MOST_PIXELS = 16384
"""Of a view, along each side."""
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, eq=False)
class OneOf:
    """The value is one of these."""

    known: Collection[object]

    def check(self, value: object) -> None:
        """Raise `SettingsError` unless it is."""
        # True is 1 for Python, and for nobody else
        if not any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in self.known):
            raise SettingsError(f"expected one of {', '.join(map(str, self.known))}, got {_short(value)}")


@dataclass(frozen=True)
class Between:
    """The number lies between two others, both included."""

    lowest: float
    highest: float

    def check(self, value: Any) -> None:
        """Raise `SettingsError` unless it does."""
        if not self.lowest <= value <= self.highest:
            raise SettingsError(f"expected {self.lowest:g} to {self.highest:g}, got {value:g}")


Position = Annotated[int, Between(0, _LARGEST_WHOLE)]
"""In a list, from 0."""
Pair = tuple[float, float]
"""Two numbers, such as the ends of a range."""


def checked(function: Callable[..., object], given: object, named: object = None) -> list[object]:
    """The arguments as a function takes them.

    Raises
    ------
    SettingsError
        If their number, a type or a value is wrong.
    """
    if not isinstance(given, list | tuple) or named:
        raise SettingsError("A call needs a list of values.")
    signature, hints = inspect.signature(function), typing.get_type_hints(function, include_extras=True)
    name, label = getattr(function, "__name__", "action"), label_of(function)
    try:
        bound = signature.bind(*given)
    except TypeError as error:
        raise SettingsError(f"{name}: {error}.") from None
    return [
        value_as(hints.get(each, Any), value, label or f"{name}, {each}") for each, value in bound.arguments.items()
    ]


def value_as(hint: Any, value: object, name: str) -> Any:
    """A value as an annotation wants it.

    Raises
    ------
    SettingsError
        If it is something else; `name` begins the sentence.
    """
    try:
        return _converted(hint, value)
    except SettingsError as error:
        raise SettingsError(f"{name}: {error}.") from None


def _converted(hint: Any, value: object) -> Any:
    if hint is Any:
        return value
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        converted = _converted(parts[0], value)
        for rule in parts[1:]:
            rule.check(converted)
        return converted
    if origin in (Union, types.UnionType):
        return _one_of_several(parts, value)
    if origin is Literal:
        OneOf(parts).check(value)
        return value
    if origin in (list, Sequence, tuple):
        return _items(origin, parts, value)
    return _PLAIN[hint](value)


def _one_of_several(parts: Sequence[Any], value: object) -> Any:
    if value is None and type(None) in parts:
        return None
    (only,) = (each for each in parts if each is not type(None))
    return _converted(only, value)


def _items(origin: Any, parts: Sequence[Any], value: object) -> Any:
    if not isinstance(value, list | tuple) or len(value) > _MOST_ITEMS:
        raise SettingsError(f"expected a list, got {_short(value)}")
    if origin is tuple:
        if len(value) != len(parts):
            raise SettingsError(f"expected {len(parts)} values, got {len(value)}")
        return tuple(_converted(part, each) for part, each in zip(parts, value, strict=True))
    return [_converted(parts[0], each) for each in value]


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"expected yes or no, got {_short(value)}")
    return value


def _float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingsError(f"expected a number, got {_short(value)}")
    if abs(value) > 1e300 or not math.isfinite(value):
        raise SettingsError("expected a finite number")
    return float(value)


def _int(value: object) -> int:
    number = _float(value)
    if number != int(number) or abs(number) > _LARGEST_WHOLE:
        raise SettingsError(f"expected a whole number, got {_short(value)}")
    return int(number)


def _str(value: object) -> str:
    # a field for numbers may send a number
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise SettingsError(f"expected a text, got {_short(value)}")
    text = str(value)
    if len(text) > _MOST_CHARACTERS:
        raise SettingsError(f"expected at most {_MOST_CHARACTERS} characters, got {len(text)}")
    if any(each < " " and each not in "\t\n\r" or 0xD800 <= ord(each) <= 0xDFFF for each in text):
        raise SettingsError("expected a text without control characters")
    return text


_PLAIN: dict[Any, Callable[[object], Any]] = {bool: _bool, float: _float, int: _int, str: _str}


def _short(value: object) -> str:
    text = ascii(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
