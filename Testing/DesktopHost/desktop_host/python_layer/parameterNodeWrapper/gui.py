"""Widgets that can show a parameter: exactly the classes that Slicer's own connectors accept."""

from __future__ import annotations

import enum
import pathlib

import ctk
import qt
import slicer

from .types import FloatRange, findFirstAnnotation, getNodeTypes, splitAnnotations
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

    def __init__(self, widget, signal, read, write):
        self._widget, self._signal, self._read, self._write = widget, signal, read, write
        self._callback = None

    def widget(self):
        return self._widget

    def read(self):
        return self._read()

    def write(self, value):
        self._write(value)

    def onChanged(self, callback):
        if self._callback is not None:
            self._widget.disconnect(self._signal, self.changed)
        self._callback = callback
        if callback is not None and not self._widget.connect(self._signal, self.changed):
            raise RuntimeError(f"{self._widget.className()} has no signal {self._signal}")

    def changed(self):
        if self._callback is not None:
            self._callback()


def createGuiConnector(widget, datatype):
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


def _property(widget, name, signal, convert=lambda value: value, revert=lambda value: value):
    return GuiConnector(
        widget, signal, lambda: convert(getattr(widget, name)), lambda value: setattr(widget, name, revert(value))
    )


def _boolean(widget, kind, _annotations):
    if kind is not bool:
        return None
    if type(widget) in (qt.QCheckBox, ctk.ctkCheckBox):
        return _property(widget, "checked", "stateChanged(int)")
    if type(widget) is qt.QPushButton:
        if not widget.checkable:
            raise ValueError(f"button {widget.objectName} must be checkable to show a bool")
        return _property(widget, "checked", "toggled(bool)")
    if type(widget) is ctk.ctkCheckablePushButton:
        return _property(widget, "checked", "toggled(bool)")
    return None


def _limits(annotations):
    within = findFirstAnnotation(annotations, WithinRange)
    if within is not None:
        return within.minimum, within.maximum
    low, high = findFirstAnnotation(annotations, Minimum), findFirstAnnotation(annotations, Maximum)
    return (low.minimum if low else None), (high.maximum if high else None)


def _set_up_number(widget, annotations):
    low, high = _limits(annotations)
    if low is not None:
        widget.minimum = low
    if high is not None:
        widget.maximum = high
    for annotation, name in ((Decimals, "decimals"), (SingleStep, "singleStep")):
        found = findFirstAnnotation(annotations, annotation)
        if found is not None:
            setattr(widget, name, found.value)


def _number(widget, kind, annotations):
    if kind is int and type(widget) in (qt.QSlider, qt.QSpinBox):
        if type(widget) is qt.QSlider and None in _limits(annotations):
            raise RuntimeError("Cannot have a connection to QSlider where there is not a minimum and maximum.")
        _set_up_number(widget, annotations)
        return _property(widget, "value", "valueChanged(int)")
    floats = (qt.QDoubleSpinBox, ctk.ctkSliderWidget, ctk.ctkDoubleSlider, ctk.ctkDoubleSpinBox)
    if kind in (int, float) and type(widget) in (*floats, slicer.qMRMLSliderWidget, slicer.qMRMLSpinBox):
        _set_up_number(widget, annotations)
        return _property(widget, "value", "valueChanged(double)", kind)
    return None


def _choice(widget, kind, annotations):
    if type(widget) not in (qt.QComboBox, ctk.ctkComboBox):
        return None
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        values = {member.name: member for member in kind}
    else:
        choice = findFirstAnnotation(annotations, Choice)
        if choice is None:
            return None
        values = {str(value): value for value in choice.choices}
    if widget.count == 0:
        widget.addItems(list(values))
    texts = {value: text for text, value in values.items()}
    return GuiConnector(
        widget,
        "currentIndexChanged(int)",
        lambda: values[widget.currentText],
        lambda value: widget.setCurrentText(texts[value]),
    )


def _text(widget, kind, _annotations):
    if kind is not str:
        return None
    if type(widget) is qt.QLineEdit:
        return _property(widget, "text", "textChanged(QString)")
    if type(widget) is qt.QTextEdit:
        return _property(widget, "plainText", "textChanged()")
    if type(widget) is qt.QLabel:
        connector = _property(widget, "text", "")
        connector.onChanged = lambda callback: None
        return connector
    return None


def _range(widget, kind, annotations):
    if kind is not FloatRange or type(widget) not in (
        ctk.ctkRangeWidget,
        ctk.ctkDoubleRangeSlider,
        slicer.qMRMLRangeWidget,
    ):
        return None
    bounds = findFirstAnnotation(annotations, RangeBounds)
    if bounds is not None:
        widget.setRange(bounds.minimum, bounds.maximum)
    return GuiConnector(
        widget,
        "valuesChanged(double,double)",
        lambda: FloatRange(widget.minimumValue, widget.maximumValue),
        lambda value: widget.setValues(value.minimum, value.maximum),
    )


def _path(widget, kind, _annotations):
    if not (isinstance(kind, type) and issubclass(kind, pathlib.PurePath)):
        return None
    if type(widget) is ctk.ctkPathLineEdit:
        return _property(widget, "currentPath", "currentPathChanged(QString)", kind, str)
    if type(widget) is ctk.ctkDirectoryButton:
        return _property(widget, "directory", "directoryChanged(QString)", kind, str)
    return None


def _node(widget, kind, _annotations):
    if not getNodeTypes(kind) or type(widget) is not slicer.qMRMLNodeComboBox:
        return None
    if not widget.nodeTypes:
        widget.nodeTypes = [node.__name__ for node in getNodeTypes(kind)]
    return GuiConnector(
        widget, "currentNodeChanged(vtkMRMLNode*)", lambda: widget.currentNode(), lambda n: widget.setCurrentNode(n)
    )


def _color(widget, kind, _annotations):
    if kind is not qt.QColor or type(widget) is not ctk.ctkColorPickerButton:
        return None
    return _property(widget, "color", "colorChanged(QColor)")
