"""What a name means on a class: property, method, signal, enum value or enum type, in PythonQt's order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ..facts import Property
from . import enums
from .meta import NOTHING, MetaFacts, all_facts
from .runtime import current
from .signatures import Signature, parse

# members that Qt 6 added to its meta objects: Slicer may be built with Qt 5.15
_ONLY_QT6 = {
    *("checkStateChanged(Qt::CheckState)", "iconTextChanged(QString)", "checkableChanged(bool)"),
    *("enabledChanged(bool)", "visibleChanged()", "resetIconSize()", "labelDrawingModeChanged"),
    *("sortRoleChanged(int)", "hotSpotChanged"),
}
# enum values that Qt 5.15 has as aliases under another name
_DECORATORS = {
    "QObject": (
        *("parent()", "setParent(QObject*)", "children()", "setProperty(const char*,QVariant)"),
        *("property(const char*)", "tr(QString)", "tr(QString,QString)", "tr(QString,QString,int)", "metaObject()"),
        *("findChild(PyObject*)", "findChild(PyObject*,QString)", "findChildren(PyObject*)"),
        *("findChildren(PyObject*,QString)", "deleteLater()"),
        *("connect(QByteArray,PyObject*)", "connect(QByteArray,QObject*,QByteArray)"),
        *("connect(QObject*,QByteArray,QByteArray)", "disconnect(QByteArray,PyObject*)", "disconnect(QByteArray)"),
        "disconnect(QByteArray,QObject*,QByteArray)",
    ),
}
# PythonQt's own statics
_STATIC_DECORATORS = {"QTimer": ("singleShot(int,PyObject*)",)}


@dataclass(frozen=True)
class Member:
    """One name of a class.

    Attributes
    ----------
    kind : str
        ``"property"``, ``"method"``, ``"signal"``, ``"static"``, ``"enum value"`` or ``"enum"``.
    owner : str
        Class that declares it.
    """

    kind: str
    name: str
    owner: str
    overloads: tuple[Signature, ...] = ()
    property: Property | None = None
    value: Any = None


@cache
def ancestry(name: str) -> tuple[str, ...]:
    """The class and its C++ bases that have meta information, nearest first."""
    facts = current().facts
    known = facts.slicer_classes.get(name)
    if known is None:
        return _qt_ancestry(name)
    chain: list[str] = [name]
    for base in known.bases:
        chain.extend(n for n in ((base,) if base in facts.slicer_classes else _qt_ancestry(base)) if n not in chain)
    return tuple(chain)


@cache
def _qt_ancestry(name: str) -> tuple[str, ...]:
    found = enums.qt_class(name)
    if not isinstance(found, type):
        return (name,)
    return tuple(c.__name__ for c in found.__mro__ if c.__module__.startswith("PySide6") or c is found)


@cache
def member(class_name: str, name: str) -> Member | None:
    """What ``name`` is on an instance of the class; None when PythonQt knows nothing of the kind."""
    found = _property(class_name, name) or _callable(class_name, name) or _enum_member(class_name, name)
    if found is None and name.endswith("_") and len(name) > 1:
        return _callable(class_name, name[:-1])
    return found


def _property(class_name: str, name: str) -> Member | None:
    for owner in ancestry(class_name):
        found = _own_properties(owner).get(name)
        if found is not None:
            return Member("property", name, owner, property=found)
    if name == "name" and "QObject" in ancestry(class_name):
        return Member("property", name, "QObject", property=_own_properties("QObject")["objectName"])
    return None


@cache
def _own_properties(owner: str) -> dict[str, Property]:
    known = current().facts.slicer_classes.get(owner)
    if known is not None:
        return known.properties
    found = _meta_facts(owner).properties
    return {n: Property(n, kind, None, "" if writable else None, None) for n, (kind, writable) in found.items()}


def _meta_facts(owner: str) -> MetaFacts:
    # a class of the host that stands for a Qt class has none of its own
    return all_facts().get(owner, NOTHING) if owner in current().facts.qt_classes else NOTHING


def _callable(class_name: str, name: str) -> Member | None:
    overloads: list[Signature] = []
    owner_of_first, kind = "", ""
    for owner in ancestry(class_name):
        for found_kind in ("static", "method", "signal"):
            for signature in _own_callables(owner)[found_kind].get(name, ()):
                if not overloads:
                    owner_of_first, kind = owner, found_kind
                if found_kind == kind or kind == "static":
                    overloads.append(signature)
    if not overloads:
        return None
    return Member(kind, name, owner_of_first, overloads=tuple(dict.fromkeys(overloads)))


def only_static(found: Member, class_name: str) -> Member:
    """A static without the instance methods of the same name."""
    statics = tuple(
        signature for owner in ancestry(class_name) for signature in _own_callables(owner)["static"].get(found.name, ())
    )
    return replace(found, overloads=tuple(dict.fromkeys(statics)))


@cache
def _own_callables(owner: str) -> dict[str, dict[str, tuple[Signature, ...]]]:
    known = current().facts.slicer_classes.get(owner)
    if known is not None:
        texts = {"static": known.statics, "method": known.slots, "signal": known.signals}
    else:
        texts = _qt_callables(owner)
    return {kind: _by_name(signatures) for kind, signatures in texts.items()}


def _by_name(texts: tuple[str, ...]) -> dict[str, tuple[Signature, ...]]:
    found: dict[str, list[Signature]] = {}
    for text in texts:
        signature = parse(text)
        found.setdefault(signature.name, []).append(signature)
    return {name: tuple(signatures) for name, signatures in found.items()}


def _qt_callables(owner: str) -> dict[str, tuple[str, ...]]:
    entry = current().facts.qt_classes.get(owner, {})
    methods = [*entry.get("methods", ()), *_DECORATORS.get(owner, ())]
    meta = _meta_facts(owner)
    signals = tuple(text for text in meta.signals if _is_of_both(text))
    methods += [text for text in meta.slots if _is_of_both(text)]
    statics = (*entry.get("static", ()), *_STATIC_DECORATORS.get(owner, ()))
    return {"static": statics, "method": tuple(methods), "signal": signals}


def _is_of_both(text: str) -> bool:
    """Whether Qt 5 has it too, and it is no private slot."""
    return text not in _ONLY_QT6 and not text.startswith("_q_")


def _enum_member(class_name: str, name: str) -> Member | None:
    for owner in ancestry(class_name):
        found = _own_enums(owner).get(name)
        if found is not None:
            return found
    return None


@cache
def _own_enums(owner: str) -> dict[str, Member]:
    facts = current().facts
    known = facts.slicer_classes.get(owner)
    if known is None:
        return _qt_enums(owner, {**_meta_facts(owner).enums, **facts.qt_classes.get(owner, {}).get("enums", {})})
    found = {}
    for enum_name, values in known.enums.items():
        kind = enums.enum_type(owner, enum_name)
        found[enum_name] = Member("enum", enum_name, owner, value=kind)
        for value_name, number in values.items():
            found[value_name] = Member("enum value", value_name, owner, value=kind(number))
    for flag, enum_name in known.flags.items():
        found.setdefault(flag, Member("enum", flag, owner, value=enums.enum_type(owner, enum_name)))
    return found


def _qt_enums(owner: str, names: dict[str, list[str]]) -> dict[str, Member]:
    found = {}
    for enum_name, values in names.items():
        qt = enums.qt_enum(owner, enum_name)
        if qt is None:
            continue
        kind = enums.enum_type(owner, qt.__name__)
        found[enum_name] = Member("enum", enum_name, owner, value=kind)
        for value_name in values:
            # a value that Qt 6 dropped is refused, so that code works with both
            if value_name in qt.__members__:
                value = kind(qt.__members__[value_name].value)
                found.setdefault(value_name, Member("enum value", value_name, owner, value=value))
    return found


@cache
def constructors(class_name: str) -> tuple[Signature, ...]:
    """Overloads of the constructor; empty for abstract classes."""
    facts = current().facts
    known = facts.slicer_classes.get(class_name)
    if known is None:
        return tuple(parse(text) for text in facts.qt_classes.get(class_name, {}).get("constructors", ()))
    if not known.constructible:
        return ()
    parent = "QWidget*" if "QWidget" in ancestry(class_name) else "QObject*"
    return (Signature(class_name, (parent,)), Signature(class_name, ()))


def all_names(class_name: str) -> set[str]:
    """Every name that resolves on an instance."""
    names: set[str] = set()
    for owner in ancestry(class_name):
        names.update(_own_properties(owner), _own_enums(owner))
        for by_name in _own_callables(owner).values():
            names.update(by_name)
    return names


def signal_signatures(class_name: str) -> set[str]:
    """Every signal of the class and its bases in normal form."""
    return {
        str(signature)
        for owner in ancestry(class_name)
        for overloads in _own_callables(owner)["signal"].values()
        for signature in overloads
    }


def unreachable(class_name: str, name: str) -> bool:
    """Whether C++ has a member of that name that PythonQt does not show."""
    classes = current().facts.slicer_classes
    return any(name in classes[owner].unreachable for owner in ancestry(class_name) if owner in classes)
