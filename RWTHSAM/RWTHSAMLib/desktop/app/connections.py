"""Signal connections, node observers and listeners that end together: one left behind keeps a dead panel alive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import qt
import vtk

from ...mrml.nodes.weak_reaction import WeakReaction

Connect = Callable[[object, str, Callable[..., None]], None]
"""See `Connections.connect`."""


class Connections:
    """Remembers what it connected."""

    def __init__(self) -> None:
        self._signals: list[tuple[qt.QObject, str, Callable[..., None]]] = []
        self._observed: list[tuple[vtk.vtkObject, int]] = []
        self._listening: list[tuple[list[Callable[[], None]], Callable[[], None]]] = []

    def connect(self, sender: qt.QObject, signal: str, slot: Callable[..., None]) -> None:
        """Connect a Qt signal, given as in C++: ``"clicked(bool)"``.

        Raises
        ------
        AttributeError
            If the sender has no such signal; Qt itself would only print that.
        """
        if not sender.connect(signal, slot):
            raise AttributeError(f"{sender.className()} has no signal {signal}")
        self._signals.append((sender, signal, slot))

    def observe(self, node: vtk.vtkObject, event: int | str, react: Callable[..., None], priority: float = 0.0) -> None:
        """Call a bound method without arguments when a VTK object invokes an event, as long as its object lives.

        Observers of a higher priority come first.
        """
        self._observed.append((node, node.AddObserver(event, WeakReaction(react), priority)))

    def listen(self, listeners: list[Callable[[], None]], react: Callable[[], None]) -> None:
        """Be called as one of some listeners, such as `Session.on_change`."""
        listeners.append(react)
        self._listening.append((listeners, react))

    def stop_observing(self) -> None:
        """End the observers, keep the signals."""
        for node, tag in self._observed:
            node.RemoveObserver(tag)
        self._observed.clear()

    def close(self) -> None:
        """End everything; safe to call twice."""
        self.stop_observing()
        for sender, signal, slot in self._signals:
            with suppress(ValueError):  # the sender was destroyed before, and its connections with it
                sender.disconnect(signal, slot)
        self._signals.clear()
        for listeners, react in self._listening:
            if react in listeners:  # whom they told may have ended before
                listeners.remove(react)
        self._listening.clear()
