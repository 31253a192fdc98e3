"""Enum values: subclasses of int, not of enum.Enum, as PythonQt makes them."""

from __future__ import annotations

import enum
from functools import cache
from typing import Any

from PySide6 import QtCore, QtGui, QtNetwork, QtUiTools, QtWidgets

_MODULES = (QtWidgets, QtGui, QtCore, QtNetwork, QtUiTools)
# flag types whose PySide6 name is not the plural of the enum's
_FLAG_ENUM = {"Alignment": "AlignmentFlag", "WindowFlags": "WindowType"}


class EnumValue(int):
    """Base of all enum types."""

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({int(self)})"

    __str__ = int.__repr__


@cache
def enum_type(scope: str, name: str) -> type[EnumValue]:
    """The enum type ``scope.name``."""
    made = type(name, (EnumValue,), {"__slots__": ()})
    made.__qualname__ = f"{scope}.{name}"
    return made


@cache
def qt_class(name: str) -> Any:
    """PySide6's class of that name, or None."""
    for module in _MODULES:
        found = getattr(module, name, None)
        if found is not None:
            return found
    return None


@cache
def qt_enum(scope: str, name: str) -> type[enum.Enum] | None:
    """PySide6's enum behind ``scope::name``, which may name the enum or its flags."""
    owner = qt_class(scope)
    if owner is None:
        return None
    for candidate in (name, _FLAG_ENUM.get(name, ""), name.removesuffix("s"), f"{name}Flag"):
        found = getattr(owner, candidate, None) if candidate else None
        if isinstance(found, type) and issubclass(found, enum.Enum):
            return found
    return None


def from_qt(value: enum.Enum) -> EnumValue:
    """A PySide6 enum member as PythonQt shows it."""
    scope, _, name = type(value).__qualname__.rpartition(".")
    return enum_type(scope, name)(value.value)
