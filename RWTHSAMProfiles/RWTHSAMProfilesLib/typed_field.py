"""Text that a person is typing, which no refresh may take away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from .field_message import FieldMessage

Value = TypeVar("Value")


class TypedField(Generic[Value]):
    """Decides when a field shows what the profile holds: whenever that changes, but not while it is typed into.

    Parameters
    ----------
    write : callable
        Puts a value into the widgets.
    message : FieldMessage
        What is said about the text; goes away with it.
    """

    def __init__(self, write: Callable[[Value], None], message: FieldMessage) -> None:
        self._write = write
        self._message = message
        self._held: Value | None = None
        self._is_typing = False

    def show(self, value: Value, is_other: bool = False) -> None:
        """Take note of the value that the profile holds, and show it if it is new.

        Parameters
        ----------
        value : Value
            Name, window, or None.
        is_other : bool
            Whether it is the value of something else than before, new in any case.
        """
        is_new = is_other or value != self._held
        self._held = value
        if is_new and not self._is_typing:
            self._write(value)
            self._message.clear()

    @contextmanager
    def typing(self) -> Iterator[None]:
        """While the text is tried: it stays as it is, valid or not."""
        self._is_typing = True
        try:
            yield
        finally:
            self._is_typing = False
