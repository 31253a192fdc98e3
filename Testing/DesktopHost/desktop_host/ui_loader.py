"""``.ui`` files through Qt's own loader, with Slicer's and CTK's widgets known to it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtUiTools import QUiLoader as _QtLoader
from PySide6.QtWidgets import QWidget

from .errors import HostLimit
from .pythonqt import members, signals
from .pythonqt.conversion import to_python
from .pythonqt.runtime import complain, current


class QUiLoader(_QtLoader):
    """Makes the custom widgets that a form names, sets their properties and connections.

    Qt's loader does not see properties and signals of classes written in Python: those of Slicer's and CTK's widgets
    are read from the form here, and checked against the facts.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        if parent is not None:
            super().__init__(parent)
        else:
            super().__init__()
        self._problems: list[str] = []

    def createWidget(self, className: str, parent: QWidget | None = None, name: str = "") -> QWidget:
        runtime = current()
        if className not in runtime.facts.slicer_classes:
            return super().createWidget(className, parent, name)
        if className not in runtime.facts.designer_widgets:
            self._problems.append(f"{className} is no designer widget of Slicer")
        made_by = runtime.implementations.get(className)
        if made_by is None:
            self._problems.append(f"{className} exists in Slicer, but the desktop host does not draw it")
            made_by = QWidget
        widget: QWidget = made_by(parent)
        widget.setObjectName(name)
        return widget

    def load(self, device: QIODevice, parent: QWidget | None = None) -> QWidget:  # type: ignore[override]
        self._problems.clear()
        text = bytes(device.readAll().data())
        buffer = QBuffer()
        buffer.setData(QByteArray(_without_custom_connections(text)))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        form = super().load(buffer, parent)
        if self._problems:
            raise HostLimit("; ".join(self._problems))
        if form is not None:
            tree = ElementTree.fromstring(text)
            by_name = {child.objectName(): child for child in [form, *form.findChildren(QObject)]}
            _set_custom_properties(tree, by_name)
            _connect_custom(tree, by_name)
        return form


def _without_custom_connections(text: bytes) -> bytes:
    """The form for Qt's loader, which cannot connect signals of classes written in Python."""
    tree = ElementTree.fromstring(text)
    custom = {
        entry.get("name") for entry in tree.iter("widget") if entry.get("class") in current().facts.slicer_classes
    }
    connections = tree.find("connections")
    for entry in list(connections) if connections is not None else ():
        if {entry.findtext("sender"), entry.findtext("receiver")} & custom:
            connections.remove(entry)  # type: ignore[union-attr]
    return ElementTree.tostring(tree)


def _set_custom_properties(tree: ElementTree.Element, by_name: dict[str, QObject]) -> None:
    for entry in tree.iter("widget"):
        kind, widget = entry.get("class", ""), by_name.get(entry.get("name", ""))
        if widget is None or kind not in current().facts.slicer_classes:
            continue
        for prop in entry.findall("property"):
            found = members.member(kind, prop.get("name", ""))
            if found is not None and found.property is not None and found.property.read is not None:
                _set(widget, found, prop)


def _set(widget: QObject, found: members.Member, prop: ElementTree.Element) -> None:
    # Qt's loader left a dynamic property of that name
    widget.setProperty(found.name, None)
    setattr(to_python(widget), found.name, _value(prop[0], found.owner))


def _value(element: ElementTree.Element, owner: str) -> Any:
    text = element.text or ""
    if element.tag == "bool":
        return text == "true"
    if element.tag in ("number", "UInt", "longlong"):
        return int(text)
    if element.tag in ("double", "float"):
        return float(text)
    if element.tag == "stringlist":
        return [entry.text or "" for entry in element.findall("string")]
    if element.tag in ("enum", "set"):
        return sum(_enum(word, owner) for word in text.split("|") if word)
    if element.tag in ("string", "cstring"):
        return text
    raise HostLimit(f"a property given as <{element.tag}> of a Slicer widget is not read from forms")


def _enum(word: str, owner: str) -> int:
    scope, _, name = word.rpartition("::")
    # newer forms write Class::Enum::Value
    scope = scope.split("::")[0] or owner
    found = members.member(scope, name)
    if found is None:
        raise AttributeError(f"{scope} has no enum value {name}")
    return int(found.value)


def _connect_custom(tree: ElementTree.Element, by_name: dict[str, QObject]) -> None:
    for entry in tree.iter("connection"):
        names = {key: entry.findtext(key, "") for key in ("sender", "signal", "receiver", "slot")}
        sender, receiver = by_name.get(names["sender"]), by_name.get(names["receiver"])
        if sender is None or receiver is None:
            complain(f"connection of the form names unknown objects: {names}")
            continue
        wrapped = to_python(sender), to_python(receiver)
        if any(type(side).__name__ in current().facts.slicer_classes for side in wrapped):
            signals.connect_slot(wrapped[0], names["signal"], wrapped[1], names["slot"])
