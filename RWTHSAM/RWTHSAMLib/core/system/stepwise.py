"""Work in steps: generators that yield while they are at it, and return what they made."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

Made = TypeVar("Made")


def made_at_once(steps: Generator[Any, None, Made]) -> Made:
    """What steps return in the end, for whoever has nothing else to do in between."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Made = end.value
            return made
