"""Observers of VTK objects that survive whatever order things die in.

VTK calls the observers of an object once more while it dies. Where the garbage collector takes the object and an
observer apart together (a session that nobody closed, kept by the frames of an error), the observer is half gone when
it is called, and the interpreter ends. What VTK is given here has nothing that could be taken from it; the method it
reacts with is kept apart and referred to weakly.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from weakref import WeakMethod

import slicer
from vtkmodules.vtkCommonCore import VTK_STRING, vtkObject

_numbers = count(1)
_methods: dict[int, WeakMethod[Callable[..., None]]] = {}


class WeakReaction(int):
    """Calls a method without arguments whenever VTK invokes an event, as long as the method's object lives.

    Parameters
    ----------
    react : bound method
    """

    __slots__ = ()  # a function's or an object's attributes are what the collector takes

    def __new__(cls, react: Callable[..., None]) -> WeakReaction:
        """Keep the method apart, under a number which is all that VTK is given."""
        number = next(_numbers)
        _methods[number] = WeakMethod(react, lambda _dead: _methods.pop(number, None))
        return super().__new__(cls, number)

    def __call__(self, _caller: vtkObject, _event: str) -> None:
        """Answer an event."""
        if (react := self._method()) is not None:
            react()

    def _method(self) -> Callable[..., None] | None:
        kept = _methods.get(int(self))
        return kept() if kept is not None else None


class WeakEventReaction(WeakReaction):
    """The same for a method that is given who invoked which event."""

    __slots__ = ()

    def __call__(self, caller: vtkObject, event: str) -> None:
        """Answer an event."""
        if (react := self._method()) is not None:
            react(caller, event)


class WeakTextReaction(WeakReaction):
    """The same for an event that comes with a text, which the method is given."""

    __slots__ = ()
    CallDataType = VTK_STRING

    def __call__(self, _caller: slicer.vtkSegmentation, _event: str, text: str | None = None) -> None:
        """Answer an event with its text."""
        if (react := self._method()) is not None:
            react(text or "")
