"""Calls of C++ methods: overloads by exact argument count, strict then lenient, no keyword arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import HostLimit
from .conversion import Unconvertible, to_cpp, to_python
from .members import Member, ancestry
from .signatures import Signature

# pointers through which Qt's dialogs answer
_OUTPUTS = {"bool*", "QString*"}


def refuse_keywords(member: Member, keywords: dict[str, Any]) -> None:
    """PythonQt takes no keyword arguments anywhere."""
    if keywords:
        raise ValueError(
            f"Called {member.overloads[0]} with keyword arguments, but called slot does not support kwargs."
        )


def matched(member: Member, class_name: str, arguments: tuple[Any, ...]) -> tuple[Signature, list[Any]]:
    """The overload that fits and its converted arguments.

    Raises
    ------
    ValueError
        As PythonQt: wrong number of arguments, or no overload takes these types.
    """
    scope = (member.owner, *ancestry(class_name))
    overloads = member.overloads
    fitting = [signature for signature in overloads if len(signature.arguments) == len(arguments)]
    for strict in (True, False) if len(overloads) > 1 else (False,):
        for signature in fitting:
            try:
                return signature, [
                    to_cpp(kind, value, scope, strict)
                    for kind, value in zip(signature.arguments, arguments, strict=True)
                ]
            except Unconvertible:
                continue
    raise ValueError(_mismatch(overloads, bool(fitting), arguments))


def _mismatch(overloads: tuple[Signature, ...], count_fits: bool, arguments: tuple[Any, ...]) -> str:
    if len(overloads) > 1:
        available = "\n".join(str(signature) for signature in overloads)
        return (
            f"Could not find matching overload for given arguments:\n{arguments}\n"
            f" The following slots are available:\n{available}\n"
        )
    what = "wrong arguments" if count_fits else "wrong number of arguments"
    return f"Called {overloads[0]} with {what}: {arguments}"


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
        from .registry import qt_or_host_class

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
        from .wrapper import Wrapper

        if not arguments or not isinstance(arguments[0], Wrapper):
            raise ValueError(
                f"slot {self._member.overloads[0]} requires {self._class_name} instance as first argument."
            )
        return BoundMethod(self._member, arguments[0])(*arguments[1:], **keywords)


def implementation(target: Any, signature: Signature, owner: str) -> Callable[..., Any]:
    """The Python function behind a C++ method.

    Raises
    ------
    HostLimit
        Real Slicer has the method, the host does not.
    """
    # the class's own function, so that an override in Python that calls its base does not call itself
    shell_base = getattr(target, "_pythonqt_shell_base", None)
    if shell_base is not None:
        function = getattr(shell_base, signature.name, None)
        if function is not None:
            return lambda *arguments: function(target, *arguments)
    typed = f"{signature.name}_{'_'.join(_word(kind) for kind in signature.arguments)}"
    found: Callable[..., Any] | None = getattr(target, typed, None) or getattr(target, signature.name, None)
    if found is None and signature.name == "exec":
        found = getattr(target, "exec_", None)
    if found is None:
        raise HostLimit(f"{owner}.{signature} exists in Slicer, but the desktop host does not implement it")
    return found


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


def _word(kind: str) -> str:
    return "".join(character for character in kind if character.isalnum())


def _special(member: Member) -> Callable[..., Any] | None:
    from . import objects

    return objects.SPECIAL.get(member.name) if member.owner == "QObject" else None
