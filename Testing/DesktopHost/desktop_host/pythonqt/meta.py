"""What Qt's meta objects say, read once as plain values.

PySide6's wrappers of meta objects can end while a class still holds them, so none is kept or read late.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PySide6 import QtCore, QtGui, QtNetwork, QtUiTools, QtWidgets

from .signatures import normalised

_MODULES = (QtCore, QtGui, QtWidgets, QtNetwork, QtUiTools)


@dataclass(frozen=True)
class MetaFacts:
    """Own members of one Qt class, without those of its bases.

    Attributes
    ----------
    properties : dict
        Name to C++ type and whether it can be written.
    signals, slots : tuple of str
        Normalised signatures; slots are the public ones and the invokable methods.
    enums : dict
        Name to the names of its values.
    """

    properties: dict[str, tuple[str, bool]]
    signals: tuple[str, ...]
    slots: tuple[str, ...]
    enums: dict[str, list[str]]


NOTHING = MetaFacts({}, (), (), {})


@cache
def all_facts() -> dict[str, MetaFacts]:
    """Facts of every class of Qt that has a meta object."""
    found: dict[str, MetaFacts] = {}
    for module in _MODULES:
        # PySide6 makes its classes at first use: dir() names them all
        for name in dir(module):
            kind = getattr(module, name)
            meta = getattr(kind, "staticMetaObject", None)
            if isinstance(kind, type) and isinstance(meta, QtCore.QMetaObject) and meta.className() == name:
                found[name] = _read(meta)
    return found


def _read(meta: QtCore.QMetaObject) -> MetaFacts:
    properties = [meta.property(index) for index in range(meta.propertyOffset(), meta.propertyCount())]
    enums = [meta.enumerator(index) for index in range(meta.enumeratorOffset(), meta.enumeratorCount())]
    signals, slots = [], []
    for index in range(meta.methodOffset(), meta.methodCount()):
        method = meta.method(index)
        text = normalised(bytes(method.methodSignature().data()).decode())
        if method.methodType() == QtCore.QMetaMethod.MethodType.Signal:
            signals.append(text)
        elif method.access() == QtCore.QMetaMethod.Access.Public:
            slots.append(text)
    return MetaFacts(
        {str(prop.name()): (str(prop.typeName()), prop.isWritable()) for prop in properties},
        tuple(signals),
        tuple(slots),
        {str(entry.name()): [str(entry.key(key)) for key in range(entry.keyCount())] for entry in enums},
    )
