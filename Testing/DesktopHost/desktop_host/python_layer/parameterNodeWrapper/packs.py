"""Groups of parameters as one value."""

from __future__ import annotations

import typing
from typing import Any

from .storage import createSerializerFromAnnotatedType
from .types import Default, isParameterPack

__all__ = ["parameterPack", "isParameterPack", "nestedParameterNames"]


def parameterPack(classtype: type | None = None) -> Any:
    """Class decorator: members become typed properties."""
    return _made if classtype is None else _made(classtype)


def _made(cls: Any) -> Any:
    parameters = {}
    for name, kind in typing.get_type_hints(cls, include_extras=True).items():
        serializer, default = createSerializerFromAnnotatedType(kind)
        if name in cls.__dict__:
            default = Default(cls.__dict__[name])
        parameters[name] = (serializer, default or Default(serializer.default()), kind)
        setattr(cls, name, _member(name))
    cls.allParameters = parameters
    cls._is_parameter_pack = True
    cls.__init__ = _init
    cls.__eq__ = lambda self, other: type(self) is type(other) and self._values == other._values
    cls.__repr__ = lambda self: f"{type(self).__name__}({self._values})"
    cls.getValue = _get_value
    cls.setValue = _set_value
    cls.dataType = staticmethod(lambda name: _data_type(cls, name))
    return cls


def _init(self: Any, *args: Any, **kwargs: Any) -> None:
    self._values = {name: default.value for name, (_s, default, _k) in self.allParameters.items()}
    self._changed = None
    given = {**dict(zip(self.allParameters, args)), **kwargs}  # noqa: B905
    for name, value in given.items():
        if name not in self.allParameters:
            raise ValueError(f"Unknown member name {name}")
        setattr(self, name, value)


def _member(name: str) -> property:
    def read(self: Any) -> Any:
        return self._values[name]

    def write(self: Any, value: Any) -> None:
        self.allParameters[name][0].validate(value)
        self._values[name] = value
        if self._changed is not None:
            self._changed()

    return property(read, write)


def _split(name: str) -> tuple[str, str]:
    top, _, rest = name.partition(".")
    return top, rest


def _get_value(self: Any, membername: str) -> Any:
    top, rest = _split(membername)
    found = getattr(self, top)
    return found.getValue(rest) if rest else found


def _set_value(self: Any, membername: str, value: Any) -> None:
    top, rest = _split(membername)
    if rest:
        getattr(self, top).setValue(rest, value)
    else:
        setattr(self, top, value)


def _data_type(cls: Any, name: str) -> Any:
    top, rest = _split(name)
    if top not in cls.allParameters:
        raise ValueError(f"Cannot find a member with the given name: {top}")
    serializer, _default, kind = cls.allParameters[top]
    return serializer.kind.dataType(rest) if rest else kind


def nestedParameterNames(parameterPackClassOrInstance: Any) -> list[str]:
    names = []
    for name, (serializer, _default, _kind) in parameterPackClassOrInstance.allParameters.items():
        inner = nestedParameterNames(serializer.kind) if isParameterPack(serializer.kind) else []
        names += [f"{name}.{i}" for i in inner] or [name]
    return names
