"""Python classes derived from Qt's: virtual methods written in Python are called by Qt."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import cache
from typing import Any

from ..errors import HostLimit
from . import enums
from .conversion import to_python, unwrap
from .runtime import call_python, current

# virtual methods whose missing or wrong answer needs a value of the right type
_ANSWER_IS_BOOL = {"eventFilter", "event", "eventTest"}


def construct(wrapper: Any, class_name: str, arguments: list[Any]) -> Any:
    """A new C++ object for a wrapper, able to call back into a Python-derived class."""
    runtime = current()
    if class_name in runtime.facts.slicer_classes or class_name in runtime.implementations:
        made = runtime.implementations.get(class_name)
        if made is None:
            raise HostLimit(f"{class_name} exists in Slicer, but the desktop host does not draw it")
        return made(*arguments)
    qt_class = enums.qt_class(class_name)
    if qt_class is None:
        raise HostLimit(f"qt.{class_name} exists with Qt 5, but not with the Qt 6 that the desktop host runs on")
    if "_pythonqt_native" in type(wrapper).__dict__:
        return qt_class(*arguments)
    python_class: type = type(wrapper)
    shell: Any = _shell(python_class, qt_class)(*arguments)
    shell._pythonqt_wrapper = weakref.ref(wrapper)
    if arguments and hasattr(shell, "parent") and shell.parent() is not None:
        shell._pythonqt_keep = wrapper
    return shell


@cache
def _shell(python_class: type, qt_class: type) -> type:
    overrides: dict[str, Any] = {"_pythonqt_shell_base": qt_class, "_pythonqt_class": python_class.__name__}
    for base in python_class.__mro__:
        if "_pythonqt_native" in base.__dict__:
            break
        for name, function in base.__dict__.items():
            if callable(function) and not name.startswith("__") and callable(getattr(qt_class, name, None)):
                overrides.setdefault(name, _forwarder(name, qt_class))
    return type(f"Shell_{qt_class.__name__}", (qt_class,), overrides)


def _forwarder(name: str, qt_class: type) -> Callable[..., Any]:
    def forward(self: Any, *arguments: Any) -> Any:
        reference = getattr(self, "_pythonqt_wrapper", None)
        wrapper = reference() if reference else None
        if wrapper is None:
            return getattr(qt_class, name)(self, *arguments)
        answer = call_python(getattr(wrapper, name), *(to_python(value) for value in arguments))
        if name in _ANSWER_IS_BOOL:
            return bool(answer)
        return unwrap(answer)

    return forward
