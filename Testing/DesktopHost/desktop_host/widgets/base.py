"""Registration of the host's classes under their C++ names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..facts import raw

IMPLEMENTATIONS: dict[str, type] = {}
_C = TypeVar("_C", bound=type)


def implements(**stored: Any) -> Callable[[_C], _C]:
    """Register a class as the C++ class of its name.

    Parameters
    ----------
    **stored
        Properties that are only remembered, with their initial values: accessors named as in C++ are added.
        A class may define ``_stored_changed(name)`` to act on a new value.
    """

    def register(cls: _C) -> _C:
        classes = raw()["slicer_classes"]
        properties: dict[str, Any] = {}
        for name in reversed([cls.__name__, *classes[cls.__name__].get("mro", ())]):
            properties.update(classes.get(name, {}).get("props", {}))
        for name, initial in stored.items():
            _kind, read, write, _notify = properties[name]
            setattr(cls, read, _getter(name, initial))
            if write is not None:
                setattr(cls, write, _setter(name))
        IMPLEMENTATIONS[cls.__name__] = cls
        return cls

    return register


def _values(target: Any) -> dict[str, Any]:
    values: dict[str, Any] = target.__dict__.setdefault("_stored_values", {})
    return values


def _getter(name: str, initial: Any) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        values = _values(self)
        if name not in values:
            values[name] = initial() if callable(initial) else initial
        return values[name]

    return read


def _setter(name: str) -> Callable[[Any, Any], None]:
    def write(self: Any, value: Any) -> None:
        _values(self)[name] = value
        changed = getattr(self, "_stored_changed", None)
        if changed is not None:
            changed(name)

    return write
