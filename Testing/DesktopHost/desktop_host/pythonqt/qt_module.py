"""The modules ``qt`` and ``ctk``: nothing but the classes that PythonQt wraps."""

from __future__ import annotations

import types
from typing import Any

from ..errors import HostLimit
from . import enums
from .registry import wrapper_class
from .runtime import current

# parts of Qt whose classes Slicer's qt module holds
_PARTS = {"core", "gui", "network", "uitools", "multimedia"}


class QtModule(types.ModuleType):
    """All of Qt's wrapped classes in one flat module."""

    def __getattr__(self, name: str) -> Any:
        entry = current().facts.qt_classes.get(name)
        if name.startswith("__") or entry is None or entry["module"] not in _PARTS:
            raise AttributeError(f"module 'qt' has no attribute '{name}'")
        if enums.qt_class(name) is None:
            if entry["module"] == "multimedia":
                raise HostLimit(f"qt.{name} belongs to Qt Multimedia, which the desktop host lacks")
            raise AttributeError(f"module 'qt' has no attribute '{name}' (Qt 5 only: it is gone with Qt 6)")
        return wrapper_class(name)

    def __dir__(self) -> list[str]:
        return sorted(current().facts.qt_classes)


class NamespaceModule(types.ModuleType):
    """Classes of one namespace of the facts, such as ``ctk``."""

    def __init__(self, name: str, namespace: str) -> None:
        super().__init__(name)
        self._namespace = namespace

    def __getattr__(self, name: str) -> Any:
        entry = current().facts.slicer_classes.get(name)
        if entry is None or entry.namespace != self._namespace:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        return wrapper_class(name)
