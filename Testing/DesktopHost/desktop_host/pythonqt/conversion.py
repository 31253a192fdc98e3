"""Arguments and results between Python and C++, by PythonQt's rules (strict pass, then lenient pass)."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import shiboken6
from PySide6 import QtCore, QtGui

from . import enums
from .registry import wrap
from .runtime import current
from .wrapped import Wrapped

_INTS = {
    *("int", "uint", "long", "ulong", "short", "ushort", "char", "uchar", "qint64", "quint64", "qlonglong"),
    *("qulonglong", "size_t", "vtkIdType", "qint32", "quint32", "qint8", "quint8", "qint16", "quint16", "WId"),
}
_FLOATS = {"double", "float", "qreal"}
_STRINGS = {"QString", "const QString", "QString&", "std::string", "const char*", "char*", "QChar"}


# what PySide6 returns where C++ returns nothing
_ONLY_PYSIDE = {"QOverrideCursorGuard", "Connection"}


class Unconvertible(TypeError):
    """The value does not fit the C++ type."""


def to_cpp(cpp_type: str, value: Any, scope: tuple[str, ...], strict: bool) -> Any:
    """The value as PySide6 (or the host's own widget) wants it.

    Parameters
    ----------
    cpp_type : str
        Normalised C++ type.
    scope : tuple of str
        Classes in which an unqualified enum name is looked up.
    strict : bool
        PythonQt's first pass over overloads: only the very type fits.
    """
    simple = _SIMPLE.get(cpp_type)
    if simple is not None:
        return simple(value, strict)
    if cpp_type in _INTS:
        return _integer(value, strict)
    enum_scope = find_enum(cpp_type, scope)
    if enum_scope is not None:
        return _enum(enum_scope, value, strict)
    return _structured(cpp_type, value, strict)


def _integer(value: Any, strict: bool) -> int:
    if type(value) is int:
        return value
    if strict:
        raise Unconvertible
    if isinstance(value, float):
        return math.floor(value)
    try:
        index: int = value.__index__()
        return index
    except (AttributeError, TypeError) as error:
        raise Unconvertible from error


def _float(value: Any, strict: bool) -> float:
    if type(value) is float:
        return value
    if strict:
        raise Unconvertible
    try:
        # float("1.0") converts in Python, PyFloat_AsDouble does not
        if isinstance(value, (str, bytes)):
            raise Unconvertible
        return float(value)
    except (TypeError, ValueError) as error:
        raise Unconvertible from error


def _boolean(value: Any, strict: bool) -> bool:
    if strict and not isinstance(value, bool):
        raise Unconvertible
    return bool(value)


def _string(value: Any, strict: bool) -> str:
    if isinstance(value, str):
        return value
    if strict:
        raise Unconvertible
    return str(value)


def _bytes(value: Any, strict: bool) -> Any:
    inner = unwrap(value)
    if isinstance(inner, QtCore.QByteArray):
        return inner
    if isinstance(inner, (bytes, bytearray)):
        return QtCore.QByteArray(bytes(inner))
    if isinstance(inner, str):
        return QtCore.QByteArray(inner.encode())
    raise Unconvertible


def _string_list(value: Any, strict: bool) -> list[str]:
    if isinstance(value, str):
        if strict:
            raise Unconvertible
        return list(value)
    try:
        return [_string(item, strict) for item in value]
    except TypeError as error:
        raise Unconvertible from error


def _variant(value: Any, _strict: bool) -> Any:
    if isinstance(value, dict):
        return {str(key): _variant(item, False) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_variant(item, False) for item in value]
    if isinstance(value, enums.EnumValue):
        return int(value)
    return unwrap(value)


def _mapping(value: Any, _strict: bool) -> dict[str, Any]:
    if not hasattr(value, "items"):
        raise Unconvertible
    mapping: dict[str, Any] = _variant(dict(value.items()), False)
    return mapping


def _sequence(value: Any, _strict: bool) -> list[Any]:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        raise Unconvertible
    return [_variant(item, False) for item in value]


def _anything(value: Any, _strict: bool) -> Any:
    return value


_SIMPLE: dict[str, Callable[[Any, bool], Any]] = {
    "bool": _boolean,
    **dict.fromkeys(_FLOATS, _float),
    **dict.fromkeys(_STRINGS, _string),
    "QByteArray": _bytes,
    "QStringList": _string_list,
    "QVariant": _variant,
    "QVariantMap": _mapping,
    "QVariantHash": _mapping,
    "qSlicerIO::IOProperties": _mapping,
    "IOProperties": _mapping,
    "qSlicerIO::IOFileType": _string,
    "QVariantList": _sequence,
    "PyObject*": _anything,
    "void*": _anything,
}


@cache
def find_enum(cpp_type: str, scope: tuple[str, ...]) -> tuple[str, str] | None:
    """Class and enum behind a type name, looked up in the classes of ``scope`` when unqualified."""
    owner, _, name = cpp_type.rpartition("::")
    if not re.fullmatch(r"\w+", name):
        return None
    for candidate in (owner,) if owner else scope:
        known = current().facts.slicer_classes.get(candidate)
        if known and (name in known.enums or name in known.flags):
            return candidate, known.flags.get(name, name)
        if enums.qt_enum(candidate, name) is not None and enums.qt_class(cpp_type) is None:
            return candidate, name
    return None


def _enum(place: tuple[str, str], value: Any, strict: bool) -> Any:
    owner, name = place
    if strict and not isinstance(value, enums.EnumValue):
        raise Unconvertible
    if isinstance(value, (float, str)) or not hasattr(value, "__index__"):
        raise Unconvertible
    number = int(value)
    if owner in current().facts.slicer_classes:
        return number
    kind = enums.qt_enum(owner, name)
    assert kind is not None
    try:
        return kind(number)
    except ValueError as error:
        raise Unconvertible from error


def _structured(cpp_type: str, value: Any, strict: bool) -> Any:
    pointer = cpp_type.endswith("*")
    name = cpp_type.rstrip("*&").removeprefix("const ").strip()
    array = re.fullmatch(r"(int|double|float)\[(\d+)\]", name)
    if array or name.startswith("QList<") or name.startswith("QVector<"):
        return _typed_list(name, array, value)
    if pointer and value is None:
        return None
    if name.startswith("vtk"):
        return _vtk(name, value)
    if name.startswith("PythonQtPassOwnershipToCPP<"):
        name = name[name.index("<") + 1 : -1].rstrip("*")
    if not pointer and not strict:
        made = _automatic(name, value)
        if made is not None:
            return made
    return _object(name, value)


def _automatic(name: str, value: Any) -> Any:
    """The only values that PythonQt makes from others: cursors from shapes, pens, brushes and colours from colours."""
    if name == "QCursor" and type(value) is enums.enum_type("Qt", "CursorShape"):
        return QtGui.QCursor(QtCore.Qt.CursorShape(int(value)))
    if name not in ("QPen", "QBrush", "QColor"):
        return None
    if type(value) is enums.enum_type("Qt", "GlobalColor"):
        return getattr(QtGui, name)(QtGui.QColor(QtCore.Qt.GlobalColor(int(value))))
    inner = unwrap(value)
    if not isinstance(inner, QtGui.QColor):
        return None
    # a colour class derived in Python is not one that PySide6's constructors copy
    plain = inner if type(inner) is QtGui.QColor else QtGui.QColor.fromRgba64(inner.rgba64())
    return plain if name == "QColor" else getattr(QtGui, name)(plain)


def _typed_list(name: str, array: re.Match[str] | None, value: Any) -> list[Any]:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        raise Unconvertible
    inner = array.group(1) if array else name[name.index("<") + 1 : -1]
    if array and len(value) != int(array.group(2)):
        raise Unconvertible
    return [to_cpp(inner, item, (), False) for item in value]


def _vtk(name: str, value: Any) -> Any:
    if not hasattr(value, "IsA") or not value.IsA(name):
        raise Unconvertible
    return value


def _object(name: str, value: Any) -> Any:
    inner = unwrap(value)
    # a C++ wrapper never is a plain Python value
    if inner is value and not isinstance(inner, shiboken6.Object):
        raise Unconvertible
    known = enums.qt_class(name) or current().implementations.get(name)
    if isinstance(known, type) and not isinstance(inner, known):
        raise Unconvertible
    return inner


def unwrap(value: Any) -> Any:
    """The PySide6 object behind a wrapper; other values as they are."""
    if isinstance(value, Wrapped):
        return value._pythonqt_object
    if isinstance(value, enums.EnumValue):
        return int(value)
    return value


def to_python(value: Any) -> Any:
    """A C++ result as PythonQt hands it to Python: lists are tuples, enums are ints, objects are wrapped."""
    if value is None or isinstance(value, (str, int, float, bytes, bool)) and not isinstance(value, enum.Enum):
        return value
    if isinstance(value, enum.Enum):
        return enums.from_qt(value)
    if isinstance(value, (list, tuple)):
        return tuple(to_python(item) for item in value)
    if isinstance(value, dict):
        return {key: to_python(item) for key, item in value.items()}
    if type(value).__name__ in _ONLY_PYSIDE:
        return None
    if isinstance(value, shiboken6.Object):
        return wrap(value)
    return value
