"""Wrapper classes and wrappers: one wrapper for one living C++ object."""

from __future__ import annotations

import types
from typing import Any

from PySide6.QtCore import QObject

from ..errors import HostLimit
from . import enums
from .runtime import current
from .wrapped import Wrapped


def wrapper_class(name: str) -> type[Wrapped]:
    """The Python class of a C++ class.

    Raises
    ------
    KeyError
        The facts know no such class.
    """
    runtime = current()
    known = runtime.wrapper_classes.get(name)
    if known is None:
        if name not in runtime.facts.slicer_classes and name not in runtime.facts.qt_classes:
            raise KeyError(name)
        module = "qt" if name in runtime.facts.qt_classes else runtime.facts.slicer_classes[name].namespace or "slicer"
        members = {"__slots__": (), "__module__": module, "_pythonqt_class": name, "_pythonqt_native": True}
        known = types.new_class(name, (runtime.wrapper_base,), exec_body=lambda space: space.update(members))
        runtime.wrapper_classes[name] = known
    return known


def class_name_of(target: QObject) -> str:
    """Nearest class of the object that Slicer would name."""
    runtime = current()
    known = runtime.class_names.get(type(target))
    if known is not None:
        return known
    facts = runtime.facts
    for kind in type(target).__mro__:
        if kind.__name__ in facts.slicer_classes or kind.__name__ in facts.qt_classes:
            runtime.class_names[type(target)] = kind.__name__
            return kind.__name__
    meta = target.metaObject()
    while meta is not None and meta.className() not in facts.qt_classes:
        meta = meta.superClass()
    return meta.className() if meta is not None else "QObject"


def wrap(target: Any) -> Any:
    """The wrapper of a PySide6 object."""
    if isinstance(target, QObject):
        reference = getattr(target, "_pythonqt_wrapper", None)
        known = reference() if reference is not None else None
        if known is not None:
            return known
        name = class_name_of(target)
    else:
        name = type(target).__name__
    try:
        kind = wrapper_class(name)
    except KeyError:
        raise HostLimit(f"a {name} came back, which the desktop host cannot show to Python") from None
    made = kind.__new__(kind)
    made._attach(target)
    return made


def qt_or_host_class(name: str) -> Any:
    """The PySide6 class, or the host's own, of a C++ class."""
    found = current().implementations.get(name) or enums.qt_class(name)
    if found is None:
        raise HostLimit(f"{name} exists in Slicer, but not in the desktop host")
    return found
