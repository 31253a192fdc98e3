"""Qt connections that end together: one left behind keeps a dead panel alive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import qt


class Connections:
    """Remembers what it connected."""

    def __init__(self) -> None:
        self._made: list[tuple[qt.QObject, str, Callable[..., None]]] = []

    def connect(self, sender: qt.QObject, signal: str, slot: Callable[..., None]) -> None:
        """Connect a signal, given as in C++: ``"clicked(bool)"``.

        Raises
        ------
        AttributeError
            If the sender has no such signal; Qt itself would only print that.
        """
        if not sender.connect(signal, slot):
            raise AttributeError(f"{sender.className()} has no signal {signal}")
        self._made.append((sender, signal, slot))

    def close(self) -> None:
        """End everything; safe to call twice."""
        for sender, signal, slot in self._made:
            with suppress(ValueError):  # the sender was destroyed before, and its connections with it
                sender.disconnect(signal, slot)
        self._made.clear()
