"""What keys do to a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from .parts.automatic_masks import AutomaticMasks
from .parts.prompting import Prompting
from .parts.winding_tracing import WindingTracing
from .workspace import AnnotationMode


class KeyTarget(Protocol):
    """What keys need of a session."""

    @property
    def mode(self) -> AnnotationMode:
        """What a left click does, and with it what is submitted."""

    @property
    def prompting(self) -> Prompting:
        """The prompts that are not submitted yet."""

    @property
    def automatic(self) -> AutomaticMasks:
        """The objects that were found."""

    @property
    def windings(self) -> WindingTracing:
        """The lines along windings."""

    def submit(self) -> None:
        """Put the temporary masks into the class."""

    def undo(self) -> None:
        """Take back the last action."""

    def redo(self) -> None:
        """Do it again."""

    def step_class(self, step: int) -> None:
        """Choose another class."""


def _submit(session: KeyTarget) -> None:
    """Prompts come first; without any, objects that were found are meant."""
    if _means_objects(session):
        session.automatic.submit()
    else:
        session.submit()


def _clear(session: KeyTarget) -> None:
    if _means_objects(session):
        session.automatic.select(())
    else:
        session.prompting.delete_all()


def _means_objects(session: KeyTarget) -> bool:
    return session.mode == "automatic" and not session.prompting.is_unfinished


KEYS: Mapping[str, Callable[[KeyTarget], None]] = {
    "Return": _submit,
    "Escape": _clear,
    "Ctrl+K": lambda session: session.prompting.delete_selected(),
    "Ctrl+Shift+K": lambda session: session.prompting.delete_all(),
    "Ctrl+Z": lambda session: session.undo(),
    "Ctrl+Y": lambda session: session.redo(),
    "Ctrl+Shift+Z": lambda session: session.redo(),
    "C": lambda session: session.prompting.next_candidate(),
    "W": lambda session: session.prompting.wait(not session.prompting.waits),
    "O": lambda session: session.windings.again(outwards=True),
    "I": lambda session: session.windings.again(outwards=False),
    "N": lambda session: session.step_class(1),
    "Shift+N": lambda session: session.step_class(-1),
}
"""What each key does."""
