"""Widgets that can show a parameter: exactly the classes that Slicer's own connectors accept."""

from __future__ import annotations

import enum
import logging
import math
import pathlib
import typing
from collections.abc import Callable, Container
from typing import Any

import ctk
import qt
import slicer

from .types import Default, FloatRange, findFirstAnnotation, getNodeTypes, splitAnnotations
from .validators import Choice, Decimals, Maximum, Minimum, RangeBounds, SingleStep, WithinRange

__all__ = ["GuiConnector", "createGuiConnector"]


class GuiConnector:
    """Reads and writes one widget, and tells when the user changed it.

    Parameters
    ----------
    widget : object
        The widget.
    signal : str
        Signal of a change.
    read, write : callable
        Value of the widget, and its setter.
    """

    def __init__(self, widget: Any, signal: str, read: Callable[[], Any], write: Callable[[Any], object]) -> None:
        self._widget, self._signal, self._read, self._write = widget, signal, read, write
        self._callback: Callable[[], object] | None = None

    def widget(self) -> Any:
        return self._widget

    def read(self) -> Any:
        return self._read()

    def write(self, value: Any) -> None:
        self._write(value)

    def onChanged(self, callback: Callable[[], object] | None) -> None:
        if self._callback is not None:
            self._widget.disconnect(self._signal, self.changed)
        self._callback = callback
        if callback is not None and not self._widget.connect(self._signal, self.changed):
            raise RuntimeError(f"{self._widget.className()} has no signal {self._signal}")

    def changed(self) -> None:
        if self._callback is not None:
            self._callback()


class _LabelConnector(GuiConnector):
    """Of a text that the user cannot change."""

    def onChanged(self, callback: Callable[[], object] | None) -> None:
        pass


def createGuiConnector(widget: Any, datatype: Any) -> GuiConnector:
    """Connector of a widget for a type.

    Raises
    ------
    Exception
        Slicer knows no connector for this pair.
    """
    if isinstance(widget, GuiConnector):
        return widget
    kind, annotations = splitAnnotations(datatype)
    for maker in (_boolean, _number, _choice, _text, _range, _path, _node, _color):
        found = maker(widget, kind, annotations)
        if found is not None:
            return found
    raise Exception(f"No suitable GuiConnector for {type(widget).__name__} and {datatype}")


def _property(
    widget: Any,
    name: str,
    signal: str,
    convert: Callable[[Any], Any] = lambda value: value,
    revert: Callable[[Any], Any] = lambda value: value,
) -> GuiConnector:
    return GuiConnector(
        widget, signal, lambda: convert(getattr(widget, name)), lambda value: setattr(widget, name, revert(value))
    )


def _boolean(widget: Any, kind: Any, _annotations: list[Any]) -> GuiConnector | None:
    if kind is not bool:
        return None
    if type(widget) in (qt.QCheckBox, ctk.ctkCheckBox):
        return _property(widget, "checked", "stateChanged(int)")
    if type(widget) is qt.QPushButton:
        _make_checkable(widget)
        return _property(widget, "checked", "toggled(bool)")
    if type(widget) is ctk.ctkCheckablePushButton:
        if not widget.checkBoxControlsButtonToggleState:
            _make_checkable(widget)
        return GuiConnector(
            widget, "toggled(bool)", lambda: widget.checked, lambda value: _write_checkable(widget, value)
        )
    return None


def _make_checkable(widget: Any) -> None:
    if not widget.checkable:
        logging.warning("Making push button checkable for conversion to bool: %s", widget.objectName)
        widget.checkable = True


def _write_checkable(widget: Any, value: Any) -> None:
    if not widget.checkBoxControlsButtonToggleState:
        widget.checked = value
    elif value:
        widget.checkable = True
        widget.checked = True
    else:
        widget.checkable = False


def _limits(annotations: list[Any]) -> tuple[float | None, float | None]:
    within = findFirstAnnotation(annotations, WithinRange)
    if within is not None:
        return within.minimum, within.maximum
    low, high = findFirstAnnotation(annotations, Minimum), findFirstAnnotation(annotations, Maximum)
    return (low.minimum if low else None), (high.maximum if high else None)


def _set_up_number(widget: Any, annotations: list[Any], names: Container[str], unbounded: tuple[float, float]) -> None:
    """Steps and limits; a number without a limit gets the type's own."""
    for annotation, name in ((Decimals, "decimals"), (SingleStep, "singleStep")):
        found = findFirstAnnotation(annotations, annotation)
        if found is not None and name in names:
            setattr(widget, name, found.value)
    for name, limit, none in zip(("minimum", "maximum"), _limits(annotations), unbounded, strict=True):
        setattr(widget, name, none if limit is None else limit)


def _number(widget: Any, kind: Any, annotations: list[Any]) -> GuiConnector | None:
    bounded = None not in _limits(annotations)
    if kind is int and type(widget) in (qt.QSlider, qt.QSpinBox):
        if type(widget) is qt.QSlider and not bounded:
            raise RuntimeError("Cannot have a connection to QSlider where the int types is unbounded.")
        _set_up_number(widget, annotations, ("decimals", "singleStep"), (-(2**31), 2**31 - 1))
        return _property(widget, "value", "valueChanged(int)")
    sliders = (ctk.ctkSliderWidget, slicer.qMRMLSliderWidget)
    boxes = (qt.QDoubleSpinBox, ctk.ctkDoubleSlider, ctk.ctkDoubleSpinBox, slicer.qMRMLSpinBox)
    if kind not in (int, float) or type(widget) not in (*sliders, *boxes):
        return None
    if type(widget) in sliders and not bounded:
        raise RuntimeError("Cannot have a connection to ctkSliderWidget where the float types is unbounded.")
    names = {"singleStep"}
    if type(widget) is not ctk.ctkDoubleSlider:
        if kind is int:
            widget.decimals = 0
        else:
            names.add("decimals")
    _set_up_number(widget, annotations, names, (-math.inf, math.inf))
    return _property(widget, "value", "valueChanged(double)", kind, kind)


def _choice(widget: Any, kind: Any, annotations: list[Any]) -> GuiConnector | None:
    if type(widget) not in (qt.QComboBox, ctk.ctkComboBox):
        return None
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        values = list(kind)
        labels = [getattr(kind, "label", lambda member: member.name)(member) for member in values]
        chosen = values[widget.currentIndex]
    elif kind in (int, float, str, bool):
        choice = findFirstAnnotation(annotations, Choice)
        if choice is None:
            raise RuntimeError("ComboBoxToStringableConnector requires the Choice annotation to be used.")
        values, chosen = list(choice.choices), None
        labels = [str(value) for value in values]
    else:
        return None
    widget.clear()
    for label in labels:
        widget.addItem(label)
    if chosen is not None:
        widget.currentIndex = values.index(chosen)
    return GuiConnector(
        widget,
        "currentIndexChanged(int)",
        lambda: values[widget.currentIndex],
        lambda value: setattr(widget, "currentIndex", _position(values, value)),
    )


def _position(values: list[Any], value: Any) -> int:
    if value not in values:
        raise ValueError(f"Unable to find value {value} in choices {values}")
    return values.index(value)


def _text(widget: Any, kind: Any, _annotations: list[Any]) -> GuiConnector | None:
    if kind is not str:
        return None
    if type(widget) is qt.QLineEdit:
        return _property(widget, "text", "textChanged(QString)")
    if type(widget) is qt.QTextEdit:
        return _property(widget, "plainText", "textChanged()")
    if type(widget) is qt.QLabel:
        return _LabelConnector(widget, "", lambda: widget.text, lambda value: setattr(widget, "text", value))
    return None


def _range(widget: Any, kind: Any, annotations: list[Any]) -> GuiConnector | None:
    if kind is not FloatRange or type(widget) not in (
        ctk.ctkRangeWidget,
        ctk.ctkDoubleRangeSlider,
        slicer.qMRMLRangeWidget,
    ):
        return None
    for annotation, name in ((Decimals, "decimals"), (SingleStep, "singleStep")):
        found = findFirstAnnotation(annotations, annotation)
        if found is not None and not (name == "decimals" and type(widget) is ctk.ctkDoubleRangeSlider):
            setattr(widget, name, found.value)
    bounds = findFirstAnnotation(annotations, RangeBounds)
    if bounds is None:
        raise RuntimeError("Cannot have a connection to a range widget where the float is unbounded.")
    if findFirstAnnotation(annotations, Default) is None and not bounds.minimum <= 0 <= bounds.maximum:
        raise RuntimeError("RangeBounds that do not cover 0 need a Default() value to initialize the GUI")
    widget.setRange(bounds.minimum, bounds.maximum)
    return GuiConnector(
        widget,
        "valuesChanged(double,double)",
        lambda: FloatRange(widget.minimumValue, widget.maximumValue),
        lambda value: widget.setValues(value.minimum, value.maximum),
    )


def _path(widget: Any, kind: Any, _annotations: list[Any]) -> GuiConnector | None:
    if not (isinstance(kind, type) and issubclass(kind, pathlib.PurePath)):
        return None
    if type(widget) is ctk.ctkPathLineEdit:
        return _property(widget, "currentPath", "currentPathChanged(QString)", kind, str)
    if type(widget) is ctk.ctkDirectoryButton:
        return _property(widget, "directory", "directoryChanged(QString)", kind, str)
    return None


def _node(widget: Any, kind: Any, _annotations: list[Any]) -> GuiConnector | None:
    if not getNodeTypes(kind) or type(widget) is not slicer.qMRMLNodeComboBox:
        return None
    if typing.get_args(kind) and typing.get_origin(kind) is not typing.Union:
        return None  # a union written with | can be stored, but is no union of nodes to Slicer's connectors
    widget.nodeTypes = [node.__name__ for node in getNodeTypes(kind)]
    return GuiConnector(
        widget, "currentNodeChanged(vtkMRMLNode*)", lambda: widget.currentNode(), lambda n: widget.setCurrentNode(n)
    )


def _color(widget: Any, kind: Any, _annotations: list[Any]) -> GuiConnector | None:
    if kind is not qt.QColor or type(widget) is not ctk.ctkColorPickerButton:
        return None
    return _property(widget, "color", "colorChanged(QColor)")
