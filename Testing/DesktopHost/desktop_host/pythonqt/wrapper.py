"""The Python face of one C++ object: every name is looked up in the facts, none is passed through."""

from __future__ import annotations

import sys
from typing import Any

import shiboken6
from PySide6.QtCore import QObject

from ..errors import HostLimit
from . import calls, members, shells
from .conversion import Unconvertible, find_enum, to_cpp, to_python, unwrap
from .enums import enum_type
from .members import Member
from .overloads import matched, refuse_keywords
from .registry import class_name_of
from .signals import BoundSignal
from .wrapped import Wrapped


class WrapperType(type):
    """Type of all wrapper classes: class level access to enums, statics and unbound methods."""

    _pythonqt_class: str

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") or name == "_pythonqt_class":
            raise AttributeError(name)
        found = members.member(cls._pythonqt_class, name)
        if found is None or found.kind == "property":
            raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")
        if found.kind == "static":
            return calls.StaticMethod(members.only_static(found, cls._pythonqt_class), cls._pythonqt_class)
        if found.kind in ("method", "signal"):
            return calls.UnboundMethod(found, cls._pythonqt_class)
        return found.value

    def __dir__(cls) -> list[str]:
        return sorted({*super().__dir__(), *members.all_names(cls._pythonqt_class)})


class Wrapper(Wrapped, metaclass=WrapperType):
    """Base of all wrapped classes; they are flat, so ``isinstance(button, qt.QWidget)`` is False as in PythonQt."""

    __slots__ = ()
    _pythonqt_class = ""

    def __new__(cls, *_arguments: Any, **_keywords: Any) -> Wrapper:
        made = object.__new__(cls)
        object.__setattr__(made, "_pythonqt_object", None)
        return made

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        name = self._pythonqt_class
        overloads = members.constructors(name)
        if not overloads:
            raise ValueError(f"No constructors available for {name}")
        constructor = Member("method", name, name, overloads=overloads)
        refuse_keywords(constructor, keywords)
        _signature, converted = matched(constructor, name, arguments)
        self._attach(shells.construct(self, name, converted))

    def _keep_with_object(self) -> None:
        """A Python-derived object with a C++ parent lives as long as the parent."""
        if type(self).__dict__.get("_pythonqt_native") is None:
            self._pythonqt_object._pythonqt_keep = self

    def _alive(self, doing: str) -> Any:
        target = self._pythonqt_object
        if isinstance(target, shiboken6.Object) and not shiboken6.isValid(target):
            raise ValueError(f"Trying to {doing} a destroyed {self._pythonqt_class} object")
        return target

    # PythonQt's internal methods, after everything that C++ declares
    def className(self) -> str:  # noqa: N802
        """Name of the C++ class (of the Python class for a derived one)."""
        target = self._pythonqt_object
        return class_name_of(target) if isinstance(target, QObject) else self._pythonqt_class

    def inherits(self, name: str) -> bool:
        """Whether the C++ class is or derives from ``name``."""
        return name in members.ancestry(self.className())

    def delete(self) -> None:
        """Destroy the C++ object."""
        shiboken6.delete(self._pythonqt_object)

    def help(self) -> None:
        """Print what the class offers."""
        print("\n".join(sorted(members.all_names(self.className()))))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name.startswith("_pythonqt"):
            raise AttributeError(name)
        class_name = self.className()
        found = members.member(class_name, name)
        if found is not None:
            return self._resolved(found)
        target = self._pythonqt_object
        if isinstance(target, QObject) and shiboken6.isValid(target):
            if name.encode() in [bytes(n.data()) for n in target.dynamicPropertyNames()]:
                return to_python(target.property(name))
            for child in target.children():
                if child.objectName() == name:
                    return to_python(child)
        raise AttributeError(f"{class_name} has no attribute named '{name}'{_hint(class_name, name)}")

    def _resolved(self, found: Member) -> Any:
        if found.kind == "property":
            return self._read_property(found)
        if found.kind in ("method", "static"):
            return calls.BoundMethod(found, self)
        if found.kind == "signal":
            return BoundSignal(found, self)
        return found.value

    def _read_property(self, found: Member) -> Any:
        target = self._alive(f"read property '{found.name}' from")
        prop = found.property
        assert prop is not None
        if prop.read is not None:
            return self._enum_or_value(found, self._host_accessor(found, prop.read)())
        return to_python(_read_qt_property(target, prop.name))

    def _enum_or_value(self, found: Member, value: Any) -> Any:
        prop = found.property
        assert prop is not None
        place = find_enum(prop.type, (found.owner, *members.ancestry(self.className())))
        if place is not None and type(value) is int:
            return enum_type(*place)(value)
        return to_python(value)

    def _host_accessor(self, found: Member, name: str) -> Any:
        accessor = getattr(self._pythonqt_object, name, None)
        if accessor is None:
            raise HostLimit(
                f"property {found.owner}.{found.name} exists in Slicer, but the desktop host does not implement it"
            )
        return accessor

    def __setattr__(self, name: str, value: Any) -> None:
        class_name = self.className()
        found = members.member(class_name, name)
        if found is None:
            self._set_unknown(name, value)
        elif found.kind == "property":
            self._write_property(found, value)
        else:
            word = {"method": "Slot", "static": "Slot", "signal": "Signal", "enum value": "EnumValue", "enum": "Enum"}
            raise AttributeError(f"{word[found.kind]} '{name}' can not be overwritten on {class_name} object")

    def _set_unknown(self, name: str, value: Any) -> None:
        target = self._pythonqt_object
        if isinstance(target, QObject) and name.encode() in [bytes(n.data()) for n in target.dynamicPropertyNames()]:
            target.setProperty(name, to_cpp("QVariant", value, (), False))
        elif "_pythonqt_native" in type(self).__dict__:
            raise AttributeError(
                f"'{name}' does not exist on {type(self).__name__} and creating new attributes on C++ objects is not"
                f" allowed{_hint(self.className(), name)}"
            )
        else:
            object.__setattr__(self, name, value)

    def _write_property(self, found: Member, value: Any) -> None:
        target = self._alive(f"set property '{found.name}' on")
        prop = found.property
        assert prop is not None
        class_name = self.className()
        if prop.write is None:
            raise AttributeError(f"Property '{found.name}' of {class_name} object is not writable")
        try:
            converted = to_cpp(prop.type, value, (found.owner, *members.ancestry(class_name)), False)
        except Unconvertible:
            kind = type(value).__name__
            raise AttributeError(
                f"Property '{found.name}' of type '{prop.type}' does not accept an object of type {kind} ({value!r})"
            ) from None
        if prop.read is not None:
            self._host_accessor(found, prop.write)(converted)
        else:
            _write_qt_property(target, prop.name, converted)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *members.all_names(self.className())})

    def __eq__(self, other: object) -> bool:
        mine, theirs = self._pythonqt_object, unwrap(other)
        if isinstance(mine, QObject) or isinstance(theirs, QObject):
            return mine is theirs
        return bool(mine == theirs)

    def __hash__(self) -> int:
        return id(self._pythonqt_object)

    def __repr__(self) -> str:
        return f"{self.className()} ({self._pythonqt_class} at: {id(self._pythonqt_object):#x})"

    def __add__(self, other: Any) -> Any:
        return to_python(self._pythonqt_object + unwrap(other))

    def __sub__(self, other: Any) -> Any:
        return to_python(self._pythonqt_object - unwrap(other))

    def __mul__(self, other: Any) -> Any:
        return to_python(self._pythonqt_object * unwrap(other))


def _hint(class_name: str, name: str) -> str:
    if members.unreachable(class_name, name):
        return " (C++ has it, but it is neither a public slot nor Q_INVOKABLE)"
    return ""


def _accessor_names(name: str) -> tuple[str, ...]:
    capital = name[:1].upper() + name[1:]
    return name, f"is{capital}", f"has{capital}"


def _read_qt_property(target: QObject, name: str) -> Any:
    try:
        return target.property(name)
    except RuntimeError:
        # PySide6 converts no enum out of a property: its own getter does
        for accessor in _accessor_names(name):
            if hasattr(target, accessor):
                return getattr(target, accessor)()
        raise


def _write_qt_property(target: QObject, name: str, value: Any) -> None:
    setter = getattr(target, f"set{name[:1].upper()}{name[1:]}", None)
    if setter is not None:
        setter(value)
    elif not target.setProperty(name, value):
        raise AttributeError(f"Property '{name}' does not accept {value!r}")


def warn(text: str) -> None:
    """A line on stderr."""
    print(text, file=sys.stderr)
