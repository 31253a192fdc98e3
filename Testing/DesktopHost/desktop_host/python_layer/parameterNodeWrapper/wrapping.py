"""The class decorator that turns annotations into parameters of a node."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import qt
import slicer
import vtk

from .gui import GuiConnector, createGuiConnector
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


def isParameterNodeWrapper(classOrObj: object) -> bool:
    answer: bool = getattr(classOrObj, "_is_parameter_node_wrapper", False)
    return answer


def parameterNodeWrapper(classtype: type | None = None) -> Any:
    """Class decorator: annotated members become parameters."""
    return _made if classtype is None else _made(classtype)


class _Parameter:
    def __init__(self, name: str, kind: Any, default: Default | None) -> None:
        self.basename, self.unalteredType = name, kind
        self.serializer, annotated = createSerializerFromAnnotatedType(kind)
        self.default = default or annotated or Default(self.serializer.default())


def _made(cls: Any) -> Any:
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


def _member(parameter: _Parameter) -> property:
    def read(self: Any) -> Any:
        return parameter.serializer.read(self.parameterNode, self._prefix + parameter.basename)

    def write(self: Any, value: Any) -> None:
        parameter.serializer.write(self.parameterNode, self._prefix + parameter.basename, value)

    return property(read, write)


def _check(obj: Any, name: str) -> tuple[str, str]:
    top, _, rest = name.partition(".")
    if top not in obj.allParameters:
        known = ", ".join(obj.allParameters)
        raise ValueError(f"Cannot find a param with the given name: {top}\n  Found parameters [{known}]")
    return top, rest


def _data_type(cls: Any, name: str) -> Any:
    top, rest = _check(cls, name)
    parameter = cls.allParameters[top]
    return parameter.serializer.kind.dataType(rest) if rest else parameter.unalteredType


class _Methods:
    """Methods that every wrapped class gets: their ``self`` is an object of that class, so it may have any members."""

    def __init__(self: Any, parameterNode: Any, prefix: str | None = None) -> None:
        self.parameterNode, self._prefix = parameterNode, prefix or ""
        self._nextTag, self._showing = 0, False
        # tag -> connectors by parameter, and the observer of the node
        guis: dict[int, tuple[dict[str, GuiConnector], int]] = {}
        self._guis = guis
        for name, parameter in self.allParameters.items():
            if not parameter.serializer.isIn(parameterNode, self._prefix + name):
                parameter.serializer.write(parameterNode, self._prefix + name, parameter.default.value)

    def default(self: Any, paramName: str) -> Default:
        top, _rest = _check(self, paramName)
        default: Default = self.allParameters[top].default
        return default

    def isCached(self: Any, paramName: str) -> bool:
        _check(self, paramName)
        return False

    def getValue(self: Any, name: str) -> Any:
        top, rest = _check(self, name)
        found = getattr(self, top)
        return found.getValue(rest) if rest else found

    def setValue(self: Any, name: str, value: Any) -> None:
        top, rest = _check(self, name)
        if rest:
            getattr(self, top).setValue(rest, value)
        else:
            setattr(self, top, value)

    def connectGui(self: Any, gui: Any) -> int:
        """Bind every widget that names a parameter."""
        if hasattr(gui, "isWidgetType"):
            widgets = gui.findChildren(qt.QWidget)
        else:
            widgets = [w for w in vars(gui).values() if hasattr(w, "property")]
        named = [(w.property(SlicerParameterNamePropertyName), w) for w in widgets]
        tag: int = self.connectParametersToGui({name: widget for name, widget in named if name})
        return tag

    def connectParametersToGui(self: Any, mapping: dict[str, Any]) -> int:
        """Bind the named widgets; the returned tag undoes it."""
        for name in mapping:
            _check(self, name)
        connectors = {name: createGuiConnector(w, self.dataType(name)) for name, w in mapping.items()}
        tag: int = self._nextTag
        self._nextTag += 1
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.onChanged(_Callback(self, name, connector))
        observer = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda _caller, _event: _show(self))
        self._guis[tag] = (connectors, observer)
        return tag

    def disconnectGui(self: Any, guiTag: int) -> None:
        connectors, observer = self._guis.pop(guiTag, ({}, None))
        for connector in connectors.values():
            connector.onChanged(None)
        if observer is not None:
            self.RemoveObserver(observer)

    def StartModify(self: Any) -> int:
        was_modified: int = self.parameterNode.StartModify()
        return was_modified

    def EndModify(self: Any, wasModified: int) -> int:
        modified: int = self.parameterNode.EndModify(wasModified)
        return modified

    def AddObserver(self: Any, event: Any, callback: Callable[..., Any], priority: float = 0.0) -> int:
        tag: int = self.parameterNode.AddObserver(event, callback, priority)
        return tag

    def RemoveObserver(self: Any, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)

    def Modified(self: Any) -> None:
        self.parameterNode.Modified()


class _Callback:
    """The widget has changed: write its value to the node."""

    def __init__(self, wrapper: Any, name: str, connector: GuiConnector) -> None:
        self._wrapper, self._name, self._connector = wrapper, name, connector

    def __call__(self) -> None:
        if not self._wrapper._showing:
            with slicer.util.NodeModify(self._wrapper):
                self._wrapper.setValue(self._name, self._connector.read())


def _show(wrapper: Any) -> None:
    if wrapper._showing:
        return
    wrapper._showing = True
    try:
        for connectors, _observer in list(wrapper._guis.values()):
            for name, connector in connectors.items():
                connector.write(wrapper.getValue(name))
    finally:
        wrapper._showing = False


def findChildWidgetForParameter(widget: Any, parameter: str) -> Any:
    for child in widget.findChildren(qt.QWidget):
        if child.property(SlicerParameterNamePropertyName) == parameter:
            return child
    return None
