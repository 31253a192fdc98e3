"""QObject methods that PythonQt decorates itself: connect, property, parent, findChild and their like."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject

from . import members, signals
from .conversion import to_cpp, to_python, unwrap
from .registry import class_name_of
from .signatures import Signature


def _connect(wrapper: Any, _target: QObject, signature: Signature, arguments: tuple[Any, ...]) -> bool:
    if len(arguments) == 2:
        return signals.connect(wrapper, str(arguments[0]), arguments[1])
    if signature.arguments[0] == "QObject*":
        return signals.connect_slot(arguments[0], str(arguments[1]), wrapper, str(arguments[2]))
    return signals.connect_slot(wrapper, str(arguments[0]), arguments[1], str(arguments[2]))


def _disconnect(wrapper: Any, _target: QObject, _signature: Signature, arguments: tuple[Any, ...]) -> bool:
    if len(arguments) == 3:
        slot = str(arguments[2])
        return signals.disconnect(wrapper, str(arguments[0]), (arguments[1]._alive("disconnect"), slot))
    return signals.disconnect(wrapper, str(arguments[0]), arguments[1] if len(arguments) == 2 else None)


def _set_property(wrapper: Any, target: QObject, _signature: Signature, arguments: tuple[Any, ...]) -> bool:
    name = str(arguments[0])
    known = members.member(wrapper.className(), name)
    if known is not None and known.kind == "property" and known.property is not None:
        if known.property.write is None:
            return False
        wrapper._write_property(known, arguments[1])
        return True
    target.setProperty(name, to_cpp("QVariant", arguments[1], (), False))
    return False


def _property(wrapper: Any, target: QObject, _signature: Signature, arguments: tuple[Any, ...]) -> Any:
    name = str(arguments[0])
    known = members.member(wrapper.className(), name)
    if known is not None and known.kind == "property":
        return wrapper._read_property(known)
    return to_python(target.property(name))


def _parent(_wrapper: Any, target: QObject, _signature: Signature, _arguments: tuple[Any, ...]) -> Any:
    return to_python(target.parent())


def _set_parent(wrapper: Any, target: QObject, _signature: Signature, arguments: tuple[Any, ...]) -> None:
    parent = unwrap(arguments[0])
    if parent is None:
        target.setParent(None)
    else:
        target.setParent(parent)
        wrapper._keep_with_object()


def _children(_wrapper: Any, target: QObject, _signature: Signature, _arguments: tuple[Any, ...]) -> Any:
    return to_python(target.children())


def _matches(child: QObject, kind: Any) -> bool:
    name = kind if isinstance(kind, str) else kind.__name__
    return name in members.ancestry(class_name_of(child))


def _find_children(_wrapper: Any, target: QObject, _signature: Signature, arguments: tuple[Any, ...]) -> Any:
    wanted = str(arguments[1]) if len(arguments) == 2 else ""
    found = target.findChildren(QObject, wanted) if wanted else target.findChildren(QObject)
    return tuple(to_python(child) for child in found if _matches(child, arguments[0]))


def _find_child(wrapper: Any, target: QObject, signature: Signature, arguments: tuple[Any, ...]) -> Any:
    found = _find_children(wrapper, target, signature, arguments)
    return found[0] if found else None


def _translate(wrapper: Any, _target: QObject, _signature: Signature, arguments: tuple[Any, ...]) -> str:
    return QCoreApplication.translate(wrapper.className(), str(arguments[0]))


def _delete_later(_wrapper: Any, target: QObject, _signature: Signature, _arguments: tuple[Any, ...]) -> None:
    if shiboken6.isValid(target):
        target.deleteLater()


SPECIAL = {
    "connect": _connect,
    "disconnect": _disconnect,
    "setProperty": _set_property,
    "property": _property,
    "parent": _parent,
    "setParent": _set_parent,
    "children": _children,
    "findChild": _find_child,
    "findChildren": _find_children,
    "tr": _translate,
    "deleteLater": _delete_later,
}
