"""What a method is in Python: of one object, static, or taken from the class. None takes keyword arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import HostLimit
from .conversion import to_python
from .members import Member
from .objects import SPECIAL
from .overloads import implementation, matched, refuse_keywords
from .registry import qt_or_host_class
from .signatures import Signature
from .wrapped import Wrapped

# pointers through which Qt's dialogs answer
_OUTPUTS = {"bool*", "QString*"}


class BoundMethod:
    """A slot or method of one object, as PythonQt's slot function."""

    def __init__(self, member: Member, wrapper: Any) -> None:
        self._member = member
        self._wrapper = wrapper
        self.__name__ = member.name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        refuse_keywords(self._member, keywords)
        target = self._wrapper._alive(f"call '{self._member.name}' on")
        class_name = self._wrapper.className()
        special = _special(self._member)
        if special is not None:
            return special(self._wrapper, target, matched(self._member, class_name, arguments)[0], arguments)
        signature, converted = matched(self._member, class_name, arguments)
        return to_python(implementation(target, signature, self._member.owner)(*converted))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, BoundMethod) and other._wrapper == self._wrapper and other._member.name == self.__name__
        )

    def __hash__(self) -> int:
        return hash((self.__name__, id(self._wrapper)))

    def __repr__(self) -> str:
        return f"<unbound qt slot {self.__name__} of {self._wrapper!r}>"


class StaticMethod:
    """A static of a class."""

    def __init__(self, member: Member, class_name: str) -> None:
        self._member = member
        self._class_name = class_name
        self.__name__ = member.name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        refuse_keywords(self._member, keywords)
        signature, converted = matched(self._member, self._class_name, arguments)
        owner = qt_or_host_class(self._class_name)
        result = implementation(owner, signature, self._member.owner)(*_without_outputs(signature, converted))
        # PySide6 returns what C++ writes through these pointers beside the answer; PythonQt does not
        return to_python(result[0] if _has_outputs(self._member) and isinstance(result, tuple) else result)


class UnboundMethod:
    """A method taken from the class, as in ``qt.QWidget.mousePressEvent(self, event)``."""

    def __init__(self, member: Member, class_name: str) -> None:
        self._member = member
        self._class_name = class_name
        self.__name__ = member.name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if not arguments or not isinstance(arguments[0], Wrapped):
            raise ValueError(
                f"slot {self._member.overloads[0]} requires {self._class_name} instance as first argument."
            )
        return BoundMethod(self._member, arguments[0])(*arguments[1:], **keywords)


def _has_outputs(member: Member) -> bool:
    return any(kind in _OUTPUTS for signature in member.overloads for kind in signature.arguments)


def _without_outputs(signature: Signature, converted: list[Any]) -> list[Any]:
    """Arguments for PySide6's dialogs: no ``bool*``; a null ``QString*`` is an empty text there."""
    kept = []
    for kind, value in zip(signature.arguments, converted, strict=True):
        if kind in _OUTPUTS and value is not None:
            raise HostLimit(f"{signature}: the desktop host passes no pointer for '{kind}', use None")
        if kind != "bool*":
            kept.append("" if kind in _OUTPUTS else value)
    return kept


def _special(member: Member) -> Callable[..., Any] | None:
    return SPECIAL.get(member.name) if member.owner == "QObject" else None
