"""How a value is written into and read from a parameter node."""

from __future__ import annotations

import enum
import json
import pathlib
import types as python_types
import typing
from collections.abc import Callable, Iterable
from typing import Any

from .types import Default, FloatRange, getNodeTypes, isParameterPack, splitAnnotations
from .validators import Choice, IsInstance, NotNone, Validator, WithinRange

__all__ = ["Serializer", "ValidatedSerializer", "createSerializerFromAnnotatedType"]

_UNIONS = (typing.Union, getattr(python_types, "UnionType", typing.Union))
_PATHS = (
    *(pathlib.PurePath, pathlib.Path, pathlib.PurePosixPath, pathlib.PosixPath),
    *(pathlib.PureWindowsPath, pathlib.WindowsPath),
)


class Serializer:
    """Text form of one type."""

    def __init__(self, kind: Any, default: Any) -> None:
        self.kind, self._default = kind, default

    def default(self) -> Any:
        return self._default

    def validate(self, value: Any) -> None:
        if not isinstance(value, self.kind):
            raise TypeError(f"Expected {self.kind.__name__}, got {type(value).__name__} ({value!r})")

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return bool(parameterNode.HasParameter(name))

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        self.validate(value)
        parameterNode.SetParameter(name, self.text(value))

    def read(self, parameterNode: Any, name: str) -> Any:
        return self.value(parameterNode.GetParameter(name))

    def remove(self, parameterNode: Any, name: str) -> None:
        parameterNode.UnsetParameter(name)

    def text(self, value: Any) -> str:
        return str(value)

    def value(self, text: str) -> Any:
        return self.kind(text)


class NumberSerializer(Serializer):
    def validate(self, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"Expected {self.kind.__name__}, got {type(value).__name__} ({value!r})")

    def text(self, value: Any) -> str:
        return repr(self.kind(value))


class BoolSerializer(Serializer):
    def validate(self, value: Any) -> None:
        if not isinstance(value, (bool, int)):
            raise TypeError(f"Expected bool, got {type(value).__name__} ({value!r})")

    def text(self, value: Any) -> str:
        return str(bool(value))

    def value(self, text: str) -> Any:
        return text == "True"


class EnumSerializer(Serializer):
    def text(self, value: Any) -> str:
        name: str = value.name
        return name

    def value(self, text: str) -> Any:
        return self.kind[text]


class FloatRangeSerializer(Serializer):
    def text(self, value: Any) -> str:
        return json.dumps([value.minimum, value.maximum])

    def value(self, text: str) -> Any:
        return FloatRange(*json.loads(text))


class PathSerializer(Serializer):
    def validate(self, value: Any) -> None:
        if not isinstance(value, (str, pathlib.PurePath)):
            raise TypeError(f"Expected a path, got {type(value).__name__} ({value!r})")


class ContainerSerializer(Serializer):
    """list, tuple and dict of what JSON can hold."""

    def text(self, value: Any) -> str:
        return json.dumps(value)

    def value(self, text: str) -> Any:
        return self.kind(json.loads(text))


class ColorSerializer(Serializer):
    """qt.QColor, kept with its alpha."""

    def text(self, value: Any) -> str:
        return json.dumps([value.red(), value.green(), value.blue(), value.alpha()])

    def value(self, text: str) -> Any:
        return self.kind(*json.loads(text))


class NodeSerializer(Serializer):
    """A node, kept as node reference."""

    def __init__(self, kinds: Iterable[type]) -> None:
        super().__init__(tuple(kinds), None)

    def validate(self, value: Any) -> None:
        if value is not None and not isinstance(value, self.kind):
            names = " or ".join(kind.__name__ for kind in self.kind)
            raise TypeError(f"Expected {names}, got {type(value).__name__}")

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return parameterNode.GetNodeReferenceID(name) is not None

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        self.validate(value)
        parameterNode.SetNodeReferenceID(name, value.GetID() if value is not None else None)

    def read(self, parameterNode: Any, name: str) -> Any:
        return parameterNode.GetNodeReference(name)

    def remove(self, parameterNode: Any, name: str) -> None:
        parameterNode.SetNodeReferenceID(name, None)


class OptionalSerializer(Serializer):
    """A type or None."""

    def __init__(self, inner: Serializer) -> None:
        super().__init__(inner.kind, None)
        self.inner = inner

    def validate(self, value: Any) -> None:
        if value is not None:
            self.inner.validate(value)

    def text(self, value: Any) -> str:
        return "None" if value is None else "some " + self.inner.text(value)

    def value(self, text: str) -> Any:
        return None if text == "None" else self.inner.value(text.removeprefix("some "))


class ValidatedSerializer(Serializer):
    """Another serializer with limits on its values."""

    def __init__(self, serializer: Serializer, validators: list[Validator]) -> None:
        super().__init__(serializer.kind, serializer.default())
        self.serializer, self.validators = serializer, validators

    def default(self) -> Any:
        found = self.serializer.default()
        choice = next((v for v in self.validators if isinstance(v, Choice)), None)
        if choice is not None and found not in choice.choices:
            return choice.choices[0]
        limits = next((v for v in self.validators if isinstance(v, WithinRange)), None)
        if limits is not None and not limits.minimum <= found <= limits.maximum:
            return limits.minimum
        return found

    def validate(self, value: Any) -> None:
        for validator in self.validators:
            validator.validate(value)

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return self.serializer.isIn(parameterNode, name)

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        self.validate(value)
        self.serializer.write(parameterNode, name, value)

    def read(self, parameterNode: Any, name: str) -> Any:
        return self.serializer.read(parameterNode, name)

    def remove(self, parameterNode: Any, name: str) -> None:
        self.serializer.remove(parameterNode, name)


class PackSerializer(Serializer):
    """Each member under ``name.member``."""

    def __init__(self, kind: Any) -> None:
        super().__init__(kind, None)

    def default(self) -> Any:
        return self.kind()

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return all(s.isIn(parameterNode, f"{name}.{m}") for m, (s, _d, _k) in self.kind.allParameters.items())

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        self.validate(value)
        for member, (serializer, _default, _kind) in self.kind.allParameters.items():
            serializer.write(parameterNode, f"{name}.{member}", getattr(value, member))

    def read(self, parameterNode: Any, name: str) -> Any:
        found = self.kind()
        for member, (serializer, _default, _kind) in self.kind.allParameters.items():
            found._values[member] = serializer.read(parameterNode, f"{name}.{member}")
        # a change of the value is a change of the node
        found._changed = lambda: self.write(parameterNode, name, found)
        return found

    def remove(self, parameterNode: Any, name: str) -> None:
        for member, (serializer, _default, _kind) in self.kind.allParameters.items():
            serializer.remove(parameterNode, f"{name}.{member}")


def createSerializerFromAnnotatedType(annotatedType: Any) -> tuple[Serializer, Default | None]:
    """Serializer and default of a possibly annotated type."""
    kind, annotations = splitAnnotations(annotatedType)
    serializer = _plain(kind)
    validators = [a for a in annotations if isinstance(a, Validator)]
    if validators:
        serializer = ValidatedSerializer(serializer, validators)
    return serializer, next((a for a in annotations if isinstance(a, Default)), None)


def _plain(kind: Any) -> Serializer:
    if typing.get_origin(kind) in _UNIONS:
        return _union(kind)
    origin = typing.get_origin(kind) or kind
    import qt

    makers: dict[Any, Callable[[], Serializer]] = {
        int: lambda: NumberSerializer(int, 0),
        float: lambda: NumberSerializer(float, 0.0),
        bool: lambda: BoolSerializer(bool, False),
        str: lambda: Serializer(str, ""),
        list: lambda: ContainerSerializer(list, []),
        tuple: lambda: ContainerSerializer(tuple, ()),
        dict: lambda: ContainerSerializer(dict, {}),
        FloatRange: lambda: FloatRangeSerializer(FloatRange, FloatRange()),
        qt.QColor: lambda: ColorSerializer(qt.QColor, qt.QColor(0, 0, 0)),
    }
    if origin in makers:
        return makers[origin]()
    if origin in _PATHS:
        return PathSerializer(origin, origin("."))
    if isinstance(origin, type) and issubclass(origin, enum.Enum):
        return EnumSerializer(origin, next(iter(origin)))
    if isinstance(origin, type) and origin.__name__.startswith("vtkMRML"):
        return NodeSerializer([origin])
    if isParameterPack(origin):
        return PackSerializer(origin)
    raise Exception(f"Unable to create serializer for {kind}")


def _union(kind: Any) -> Serializer:
    nodes = getNodeTypes(kind)
    inner = [k for k in typing.get_args(kind) if k is not type(None)]
    if nodes and len(nodes) == len(inner):
        return NodeSerializer(nodes)
    if len(inner) == 1 and type(None) in typing.get_args(kind):
        return OptionalSerializer(_plain(inner[0]))
    raise Exception(f"the desktop host's parameterNodeWrapper has no serializer for {kind}")


_KEPT = (IsInstance, NotNone)
