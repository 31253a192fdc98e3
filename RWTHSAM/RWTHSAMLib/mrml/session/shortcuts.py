"""What keys do to a session, when they mean something, and how that is said: for every front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .parts.automatic_masks import AutomaticMasks
from .parts.prompting import Prompting
from .parts.winding_tracing import WindingTracing
from .status import SessionStatus
from .workspace import AnnotationMode


class KeyTarget(Protocol):
    """What keys need of a session."""

    @property
    def mode(self) -> AnnotationMode:
        """What a left click does, and with it what is submitted."""

    @property
    def status(self) -> SessionStatus:
        """What the session is doing."""

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


def _has_something_to_submit(session: KeyTarget) -> bool:
    return session.status.prompted_slices > 0 or (session.mode == "automatic" and session.automatic.can_submit)


def _has_something_to_clear(session: KeyTarget) -> bool:
    return session.status.prompted_slices > 0 or (session.mode == "automatic" and bool(session.automatic.selection))


def _always(session: KeyTarget) -> bool:
    return True


@dataclass(frozen=True)
class Shortcut:
    """What a key does to a session, in every front.

    Attributes
    ----------
    keys : tuple of str
        As fronts name them, such as ``"Ctrl+Z"``.
    help : str
        What it does, for people.
    do : callable
    means_something : callable
        Whether it would do anything at present: else a host may use the key for something of its own.
    """

    keys: tuple[str, ...]
    help: str
    do: Callable[[KeyTarget], None]
    means_something: Callable[[KeyTarget], bool] = _always

    @property
    def keys_text(self) -> str:
        """The keys as people read them."""
        return ", ".join(key.replace("Return", "Enter").replace("+", " + ") for key in self.keys)


SHORTCUTS = (
    Shortcut(
        ("Return",),
        "submit the masks, or the selected objects, to the chosen class",
        _submit,
        _has_something_to_submit,
    ),
    Shortcut(("Escape",), "delete all prompts, or deselect objects", _clear, _has_something_to_clear),
    Shortcut(
        ("C",),
        "next of the masks offered for a first prompt",
        lambda session: session.prompting.next_candidate(),
        lambda session: len(session.status.candidate_scores) > 1,
    ),
    Shortcut(
        ("W",),
        "let the model wait while prompts are gathered, then compute their masks",
        lambda session: session.prompting.wait(not session.prompting.waits),
    ),
    Shortcut(("N",), "next class", lambda session: session.step_class(1)),
    Shortcut(("Shift+N",), "previous class", lambda session: session.step_class(-1)),
    Shortcut(
        ("I",),
        "the last line along a winding again, one winding further inwards",
        lambda session: session.windings.again(outwards=False),
        lambda session: session.windings.can_repeat,
    ),
    Shortcut(
        ("O",),
        "the same one winding further outwards",
        lambda session: session.windings.again(outwards=True),
        lambda session: session.windings.can_repeat,
    ),
    Shortcut(
        ("Ctrl+K",),
        "delete the selected prompt, else the newest",
        lambda session: session.prompting.delete_selected(),
    ),
    Shortcut(("Ctrl+Shift+K",), "delete all prompts", lambda session: session.prompting.delete_all()),
    Shortcut(("Ctrl+Z",), "undo", lambda session: session.undo(), lambda session: session.status.can_undo),
    Shortcut(
        ("Ctrl+Y", "Ctrl+Shift+Z"), "redo", lambda session: session.redo(), lambda session: session.status.can_redo
    ),
)
SHORTCUT_OF: Mapping[str, Shortcut] = {key: each for each in SHORTCUTS for key in each.keys}
