"""Signals: connecting by signature, calling Python with as many arguments as it takes."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import SIGNAL, QObject

from ..errors import HostLimit
from . import members
from .conversion import to_python, unwrap
from .overloads import implementation, matched
from .runtime import call_python, complain, current
from .signatures import Signature, normalised, parse


@dataclass
class _Connection:
    signal: str
    receiver: Any
    dispatcher: Callable[..., None]


def _accepted_count(receiver: Any) -> int | None:
    """How many arguments PythonQt passes; None for all.

    Functions and methods tell their number of positional parameters, those with defaults included; other callables
    get everything.
    """
    function = receiver.__func__ if isinstance(receiver, types.MethodType) else receiver
    if not isinstance(function, types.FunctionType) or function.__code__.co_flags & inspect.CO_VARARGS:
        return None
    return function.__code__.co_argcount - isinstance(receiver, types.MethodType)


def _dispatcher(receiver: Any) -> Callable[..., None]:
    accepted = _accepted_count(receiver)

    def dispatch(*values: Any) -> None:
        given = values if accepted is None else values[:accepted]
        call_python(receiver, *(to_python(value) for value in given))

    return dispatch


def connect(wrapper: Any, signal: str, receiver: Any) -> bool:
    """``QObject.connect(signal, callable)``: False and a line on stderr for an unknown signal."""
    sender = wrapper._alive("connect")
    class_name = wrapper.className()
    text = _known_signal(class_name, signal)
    if text is None:
        complain(f"PythonQt: QObject::connect() signal '{signal}' does not exist on {class_name}")
        return False
    if not callable(receiver):
        return False
    dispatcher = _dispatcher(receiver)
    _attach(sender, parse(text), dispatcher)
    _connections(sender).append(_Connection(text, receiver, dispatcher))
    return True


def connect_slot(wrapper: Any, signal: str, receiver: Any, slot: str) -> bool:
    """``QObject.connect(signal, receiver, slot)``."""
    target = receiver._alive("connect to")
    wanted = parse(slot[1:] if slot[:1].isdigit() else slot)
    member = members.member(receiver.className(), wanted.name)
    if member is None or not any(str(overload) == str(wanted) for overload in member.overloads):
        complain(f"QObject::connect: No such slot {receiver.className()}::{slot}")
        return False
    text = _known_signal(wrapper.className(), signal)
    if text is None:
        complain(f"QObject::connect: No such signal {wrapper.className()}::{signal}")
        return False
    if parse(text).arguments[: len(wanted.arguments)] != wanted.arguments:
        complain(f"QObject::connect: Incompatible sender/receiver arguments {signal} --> {slot}")
        return False
    return _attach_slot(wrapper, text, target, wanted, member)


def _attach_slot(wrapper: Any, signal: str, target: QObject, slot: Signature, member: Any) -> bool:
    function = implementation(target, slot, member.owner)

    def dispatch(*values: Any) -> None:
        function(*values[: len(slot.arguments)])

    sender = wrapper._alive("connect")
    _attach(sender, parse(signal), dispatch)
    _connections(sender).append(_Connection(signal, (target, str(slot)), dispatch))
    return True


def disconnect(wrapper: Any, signal: str, receiver: Any = None) -> bool:
    """Undo one connection, or all of a signal when no receiver is named."""
    sender = wrapper._alive("disconnect")
    text = _known_signal(wrapper.className(), signal)
    if text is None:
        complain(f"PythonQt: QObject::disconnect() signal '{signal}' does not exist on {wrapper.className()}")
        return False
    found = [c for c in _connections(sender) if c.signal == text and (receiver is None or c.receiver == receiver)]
    for connection in found:
        _detach(sender, parse(text), connection.dispatcher)
        _connections(sender).remove(connection)
    return bool(found)


def forget(sender: QObject) -> None:
    """Undo every connection made from Python."""
    for connection in list(_connections(sender)):
        _detach(sender, parse(connection.signal), connection.dispatcher)
    _connections(sender).clear()


def _connections(sender: QObject) -> list[_Connection]:
    known: list[_Connection] | None = getattr(sender, "_pythonqt_connections", None)
    if known is None:
        known = []
        sender._pythonqt_connections = known  # type: ignore[attr-defined]
    return known


def _known_signal(class_name: str, signal: str) -> str | None:
    text = normalised(signal[1:] if signal[:1].isdigit() else signal)
    known = members.signal_signatures(class_name)
    if text in known:
        return text
    # a signal whose last arguments have defaults exists in shorter forms; Qt's meta object lists those
    return text if text in _dynamic_signals(class_name) else None


def _dynamic_signals(_class_name: str) -> set[str]:
    return set()


def python_signal(sender: QObject, signature: Signature) -> Any:
    """The host's own signal behind a C++ signal, or None for a signal of Qt itself."""
    typed = f"{signature.name}_{'_'.join(_letters(kind) for kind in signature.arguments)}"
    return getattr(sender, typed, None) or (None if _is_native(sender, signature) else getattr(sender, signature.name))


def _is_native(sender: QObject, signature: Signature) -> bool:
    return sender.metaObject().indexOfSignal(str(signature)) >= 0


def _letters(kind: str) -> str:
    return "".join(character for character in kind if character.isalnum())


def _attach(sender: QObject, signature: Signature, dispatcher: Callable[..., None]) -> None:
    if not _is_native(sender, signature):
        try:
            own = python_signal(sender, signature)
        except AttributeError:
            raise HostLimit(
                f"signal {signature} of {type(sender).__name__} is never sent by the desktop host"
            ) from None
        own.connect(dispatcher)
        return
    QObject.connect(sender, SIGNAL(str(signature)), dispatcher)


def _detach(sender: QObject, signature: Signature, dispatcher: Callable[..., None]) -> None:
    if _is_native(sender, signature):
        QObject.disconnect(sender, SIGNAL(str(signature)), dispatcher)
    else:
        python_signal(sender, signature).disconnect(dispatcher)


class BoundSignal:
    """``object.signal``: ``connect``, ``disconnect``, ``emit``; calling it emits."""

    def __init__(self, member: Any, wrapper: Any) -> None:
        self._member = member
        self._wrapper = wrapper

    def connect(self, receiver: Any) -> bool:
        """Connect the first overload."""
        return connect(self._wrapper, str(self._member.overloads[0]), receiver)

    def disconnect(self, receiver: Any = None) -> bool:
        """Disconnect the first overload."""
        return disconnect(self._wrapper, str(self._member.overloads[0]), receiver)

    def emit(self, *arguments: Any) -> None:
        """Send the signal."""
        sender = self._wrapper._alive("emit")
        signature, converted = matched(self._member, self._wrapper.className(), arguments)
        if _is_native(sender, signature):
            getattr(sender, signature.name).emit(*converted)
        else:
            python_signal(sender, signature).emit(*(unwrap(value) for value in converted))

    __call__ = emit


def errors_so_far() -> int:
    """How many exceptions were printed instead of raised."""
    return len(current().errors)
