"""Settings as people type them: the fields of a form, its texts, and the settings that these texts mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ...errors import SettingsError
from ..value_range import Range
from .codec import Settings
from .setting import Setting, settings_of

_Kind = TypeVar("_Kind", bound=Settings)
_ENDS = ("lower", "upper")


@dataclass(frozen=True)
class TextField:
    """A field of a form that takes a number.

    Attributes
    ----------
    name : str
        Of the setting; a range has two fields, ``..._lower`` and ``..._upper``.
    label : str
        Short name.
    help : str
        What it does, in one sentence.
    """

    name: str
    label: str
    help: str


def text_fields(kind: type[Settings]) -> dict[str, TextField]:
    """The fields of a form for the numbers and ranges of a `Settings` class, by their names, in their order."""
    found: list[TextField] = []
    for each in settings_of(kind).values():
        if each.kind is Range:
            words = zip(_ENDS, ("from", "to"), strict=True)
            found += [TextField(f"{each.name}_{end}", f"{each.label} {word}", each.help) for end, word in words]
        elif each.kind in (int, float):
            found.append(TextField(each.name, each.label, each.help))
    return {each.name: each for each in found}


def texts_of(settings: Settings) -> dict[str, str]:
    """What the fields of a form show; a number may show fewer digits than it has."""
    texts: dict[str, str] = {}
    for name, each in settings_of(type(settings)).items():
        value: Any = getattr(settings, name)
        if each.kind is Range:
            span = value or Range()
            texts |= {f"{name}_{end}": text_of(getattr(span, end)) for end in _ENDS}
        elif each.kind in (int, float):
            texts[name] = text_of(value)
    return texts


def with_texts(settings: _Kind, texts: Mapping[str, str]) -> _Kind:
    """The same settings with what a person typed into some fields.

    Parameters
    ----------
    settings : Settings
    texts : mapping of str to str
        By the names of `text_fields`. A comma may stand for the point; an empty text is nothing, where there may be
        nothing. A field that still shows what `texts_of` says keeps the exact value.

    Raises
    ------
    SettingsError
        If a text is no such number, or the settings refuse it; the message begins with the field's name.
    """
    shown, known = texts_of(settings), settings_of(type(settings))
    changed = {name: text for name, text in texts.items() if text.strip() != shown[name]}
    values: dict[str, Any] = {name: typed(known[name], text) for name, text in changed.items() if name in known}
    for name in known:
        ends = {end: changed[f"{name}_{end}"] for end in _ENDS if f"{name}_{end}" in changed}
        if ends:
            values[name] = _range(known[name], getattr(settings, name) or Range(), ends)
    return replace(settings, **values)


def typed_range(lower: str, upper: str) -> Range:
    """The range of two texts; an empty one leaves its end open.

    Raises
    ------
    SettingsError
        If one is no number, or the lower end lies above the upper one.
    """
    span = Range(_end("", lower), _end("", upper))
    if span.lower is not None and span.upper is not None and span.lower > span.upper:
        raise SettingsError(f"Expected from-to, got {text_of(span.lower)} to {text_of(span.upper)}.")
    return span


def typed(setting: Setting, text: str) -> float | None:
    """The number that a person typed for a setting.

    Raises
    ------
    SettingsError
        If it is none, or no whole one where it should be.
    """
    text = text.strip()
    if setting.may_be_none and not text:
        return None
    return _number(setting.name, text, setting.kind is int, " or nothing" if setting.may_be_none else "")


def text_of(number: float | None) -> str:
    """A number in a field; nothing is an empty field."""
    return "" if number is None else str(number) if isinstance(number, int) else f"{number:.10g}"


def _range(setting: Setting, span: Range, texts: Mapping[str, str]) -> Range | None:
    ends = {end: _end(f"{setting.name}_{end}", text) for end, text in texts.items()}
    changed = replace(span, **ends)
    if changed.lower is not None and changed.upper is not None and changed.lower > changed.upper:
        raise SettingsError(
            f"{setting.name}_upper: expected {text_of(changed.lower)} or more, got {text_of(changed.upper)}."
        )
    return None if setting.may_be_none and changed == Range() else changed


def _end(name: str, text: str) -> float | None:
    return _number(name, text.strip(), False, " or nothing") if text.strip() else None


def _number(name: str, text: str, whole: bool, more: str) -> float:
    try:
        number = int(text) if whole else float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if number - number != 0:
        expected = f"expected a {'whole ' if whole else ''}number{more}, got {_shown(text)}."
        raise SettingsError(f"{name}: {expected}" if name else expected[0].upper() + expected[1:])
    return number


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
