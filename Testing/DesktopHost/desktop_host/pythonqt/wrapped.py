"""What every wrapper is, whatever it offers: a Python object that holds one C++ object."""

from __future__ import annotations

import weakref
from typing import Any

from PySide6.QtCore import QObject


class Wrapped:
    """Holds the C++ object; `Wrapper` adds the members."""

    __slots__ = ("_pythonqt_object", "__weakref__")
    _pythonqt_object: Any

    def _attach(self, target: Any) -> None:
        object.__setattr__(self, "_pythonqt_object", target)
        if isinstance(target, QObject):
            # the next wrap of the same object finds this wrapper
            target._pythonqt_wrapper = weakref.ref(self)  # type: ignore[attr-defined]
