"""One object tells others that something has happened, without keeping them alive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec
from weakref import WeakMethod

_P = ParamSpec("_P")


class Signal(Generic[_P]):
    """Calls methods of objects that live elsewhere, in the order in which they were connected.

    Notes
    -----
    An owner that is told by what it owns would otherwise be part of a cycle, and would live until the garbage collector
    comes by.
    """

    def __init__(self) -> None:
        self._methods: list[WeakMethod[Callable[_P, None]]] = []

    def connect(self, method: Callable[_P, None]) -> None:
        """Call a bound method from now on, as long as its object lives."""
        self._methods.append(WeakMethod(method))

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Tell everybody who is connected and still alive."""
        for kept in self._methods:
            if (method := kept()) is not None:
                method(*args, **kwargs)
