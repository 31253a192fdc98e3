"""Settings with other values in some of their fields, checked against the types that the fields are declared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields, replace
from functools import cache
from reprlib import repr as short
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from ..errors import SettingsError


class Dataclass(Protocol):
    """An instance of any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Settings = TypeVar("Settings", bound=Dataclass)

_WORDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    NoneType: "nothing",
}


def with_fields(settings: Settings, values: Mapping[str, object]) -> Settings:
    """The same settings with other values, given by the names of their fields.

    For values whose field is known only when the program runs: what a form, a page or a file names.

    Parameters
    ----------
    settings : dataclass
    values : mapping of str to object
        A list counts as a tuple.

    Raises
    ------
    SettingsError
        If there is no such field, a value is not of its type, or the settings themselves refuse it; the message begins
        with the field's name.
    """
    declared = _declared(type(settings))
    given: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in values.items()}
    for name, value in given.items():
        if name not in declared:
            raise SettingsError(f"{name}: no such setting; there are {', '.join(declared)}.")
        if not fits(value, declared[name]):
            raise SettingsError(f"{name}: expected {words_of(declared[name])}, got {short(value)}.")
    return replace(settings, **given)


def fits(value: object, declared: object) -> bool:
    """Whether a value is of a declared type; whole numbers are numbers, truth values are none."""
    origin, parts = get_origin(declared), get_args(declared)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is tuple:
        return isinstance(value, tuple) and _fits_all(value, parts)
    if declared in (int, float):
        return not isinstance(value, bool) and isinstance(value, int if declared is int else (int, float))
    kind = origin or declared
    if isinstance(kind, type) and issubclass(kind, tuple):  # a named one, such as an extent
        return isinstance(value, tuple) and _fits_all(value, tuple(get_type_hints(kind).values()))
    return isinstance(kind, type) and isinstance(value, kind)


def _fits_all(values: tuple[object, ...], parts: tuple[object, ...]) -> bool:
    if len(parts) == 2 and parts[1] is ...:
        return all(fits(each, parts[0]) for each in values)
    return len(values) == len(parts) and all(fits(each, part) for each, part in zip(values, parts, strict=True))


@cache
def _declared(kind: type[Dataclass]) -> dict[str, object]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def words_of(declared: object) -> str:
    """A declared type, as a message calls it."""
    origin, parts = get_origin(declared), get_args(declared)
    if origin in (Union, UnionType):
        return " or ".join(words_of(part) for part in parts)
    if origin is Literal:
        return f"one of {', '.join(map(str, parts))}"
    if origin is tuple:
        return f"({', '.join('...' if part is ... else words_of(part) for part in parts)})"
    return _WORDS.get(declared, getattr(declared, "__name__", str(declared)))
