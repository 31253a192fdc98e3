"""The class decorator that turns annotations into parameters of a node."""

from __future__ import annotations

import typing

import qt
import slicer
import vtk

from .gui import createGuiConnector
from .storage import createSerializerFromAnnotatedType
from .types import Default

__all__ = [
    "parameterNodeWrapper",
    "isParameterNodeWrapper",
    "SlicerParameterNamePropertyName",
    "findChildWidgetForParameter",
]

SlicerParameterNamePropertyName = "SlicerParameterName"
_RESERVED = (
    *("allParameters", "default", "isCached", "dataType", "getValue", "setValue", "connectGui", "disconnectGui"),
    *("connectParametersToGui", "StartModify", "EndModify", "AddObserver", "RemoveObserver", "Modified"),
)


def isParameterNodeWrapper(classOrObj):
    return getattr(classOrObj, "_is_parameter_node_wrapper", False)


def parameterNodeWrapper(classtype=None):
    """Class decorator: annotated members become parameters."""
    return _made if classtype is None else _made(classtype)


class _Parameter:
    def __init__(self, name, kind, default):
        self.basename, self.unalteredType = name, kind
        self.serializer, annotated = createSerializerFromAnnotatedType(kind)
        self.default = default or annotated or Default(self.serializer.default())


def _made(cls):
    parameters = {}
    for name, kind in typing.get_type_hints(cls, include_extras=True).items():
        if name in _RESERVED:
            raise ValueError(f"Cannot use reserved name '{name}' in a parameterNodeWrapper")
        default = Default(cls.__dict__[name]) if name in cls.__dict__ else None
        try:
            parameters[name] = _Parameter(name, kind, default)
        except Exception as error:
            raise Exception(f"Unable to create serializer for {cls} member {name}") from error
        setattr(cls, name, _member(parameters[name]))
    cls.allParameters = parameters
    cls._is_parameter_node_wrapper = True
    for name, function in vars(_Methods).items():
        if callable(function):
            setattr(cls, name, function)
    cls.dataType = staticmethod(lambda name: _data_type(cls, name))
    return cls


def _member(parameter):
    def read(self):
        return parameter.serializer.read(self.parameterNode, self._prefix + parameter.basename)

    def write(self, value):
        parameter.serializer.write(self.parameterNode, self._prefix + parameter.basename, value)

    return property(read, write)


def _check(obj, name):
    top, _, rest = name.partition(".")
    if top not in obj.allParameters:
        known = ", ".join(obj.allParameters)
        raise ValueError(f"Cannot find a param with the given name: {top}\n  Found parameters [{known}]")
    return top, rest


def _data_type(cls, name):
    top, rest = _check(cls, name)
    parameter = cls.allParameters[top]
    return parameter.serializer.kind.dataType(rest) if rest else parameter.unalteredType


class _Methods:
    """Methods of a wrapped class."""

    def __init__(self, parameterNode, prefix=None):
        self.parameterNode, self._prefix = parameterNode, prefix or ""
        self._guis, self._nextTag, self._showing = {}, 0, False
        for name, parameter in self.allParameters.items():
            if not parameter.serializer.isIn(parameterNode, self._prefix + name):
                parameter.serializer.write(parameterNode, self._prefix + name, parameter.default.value)

    def default(self, paramName):
        top, _rest = _check(self, paramName)
        return self.allParameters[top].default

    def isCached(self, paramName):
        _check(self, paramName)
        return False

    def getValue(self, name):
        top, rest = _check(self, name)
        found = getattr(self, top)
        return found.getValue(rest) if rest else found

    def setValue(self, name, value):
        top, rest = _check(self, name)
        if rest:
            getattr(self, top).setValue(rest, value)
        else:
            setattr(self, top, value)

    def connectGui(self, gui):
        """Bind every widget that names a parameter."""
        if hasattr(gui, "isWidgetType"):
            widgets = gui.findChildren(qt.QWidget)
        else:
            widgets = [w for w in vars(gui).values() if hasattr(w, "property")]
        named = [(w.property(SlicerParameterNamePropertyName), w) for w in widgets]
        return self.connectParametersToGui({name: widget for name, widget in named if name})

    def connectParametersToGui(self, mapping):
        """Bind the named widgets; the returned tag undoes it."""
        for name in mapping:
            _check(self, name)
        connectors = {name: createGuiConnector(w, self.dataType(name)) for name, w in mapping.items()}
        tag = self._nextTag
        self._nextTag += 1
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.onChanged(_Callback(self, name, connector))
        observer = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda _caller, _event: _show(self))
        self._guis[tag] = (connectors, observer)
        return tag

    def disconnectGui(self, guiTag):
        connectors, observer = self._guis.pop(guiTag, ({}, None))
        for connector in connectors.values():
            connector.onChanged(None)
        if observer is not None:
            self.RemoveObserver(observer)

    def StartModify(self):
        return self.parameterNode.StartModify()

    def EndModify(self, wasModified):
        return self.parameterNode.EndModify(wasModified)

    def AddObserver(self, event, callback, priority=0.0):
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag):
        self.parameterNode.RemoveObserver(tag)

    def Modified(self):
        self.parameterNode.Modified()


class _Callback:
    """The widget has changed: write its value to the node."""

    def __init__(self, wrapper, name, connector):
        self._wrapper, self._name, self._connector = wrapper, name, connector

    def __call__(self):
        if not self._wrapper._showing:
            with slicer.util.NodeModify(self._wrapper):
                self._wrapper.setValue(self._name, self._connector.read())


def _show(wrapper):
    if wrapper._showing:
        return
    wrapper._showing = True
    try:
        for connectors, _observer in list(wrapper._guis.values()):
            for name, connector in connectors.items():
                connector.write(wrapper.getValue(name))
    finally:
        wrapper._showing = False


def findChildWidgetForParameter(widget, parameter):
    for child in widget.findChildren(qt.QWidget):
        if child.property(SlicerParameterNamePropertyName) == parameter:
            return child
    return None
