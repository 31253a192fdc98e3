"""Editing the profile of one node, with undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import slicer

from RWTHSAMLib.core.profile import SegmentationProfile
from RWTHSAMLib.core.undo_history import UndoHistory
from RWTHSAMLib.mrml.nodes.profile_node import profile_of, set_profile_of


@dataclass
class ProfileEdit:
    """One change of a profile. Typing a name is one edit: letters of the same `topic` extend it."""

    text: str
    node: slicer.vtkMRMLTextNode
    before: SegmentationProfile
    after: SegmentationProfile
    topic: str = ""

    def undo(self) -> None:
        """Put back what was before."""
        set_profile_of(self.node, self.before)

    def redo(self) -> None:
        """Put the change in again."""
        set_profile_of(self.node, self.after)


class ProfileEditor:
    """A profile node under edit. Nothing invalid enters it: a change is a valid profile or it fails before.

    Parameters
    ----------
    node : vtkMRMLTextNode
        Holds the profile; what somebody else changes there ends the history, so that undo never loses it.
    """

    def __init__(self, node: slicer.vtkMRMLTextNode) -> None:
        self.node = node
        self._undo_history = UndoHistory()
        self._newest: ProfileEdit | None = None
        self._left_at: tuple[str, str] | None = self._state()

    @property
    def profile(self) -> SegmentationProfile:
        """What the node holds; raises `ProfileError` where that is damaged."""
        return profile_of(self.node)

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back, or None."""
        self._forget_if_foreign()
        return self._undo_history.undo_text

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again, or None."""
        self._forget_if_foreign()
        return self._undo_history.redo_text

    def change(self, text: str, profile: SegmentationProfile, topic: str = "") -> None:
        """Put a profile into the node as one undo step, named by a text such as "Rename class".

        Parameters
        ----------
        text : str
            What is done.
        profile : SegmentationProfile
            The result.
        topic : str
            Changes of the same topic in a row are one step, until `end_topic`.
        """
        before = self.profile
        if profile == before:
            return
        self._forget_if_foreign()
        edit = self._newest
        # recorded before it is done: the node then calls everybody who shows what can be undone
        if edit is None or not topic or edit.topic != topic:
            edit = self._newest = ProfileEdit(text, self.node, before, profile, topic)
            self._undo_history.push(edit)
        edit.after = profile
        if edit.before == edit.after:
            self._undo_history.discard(edit)
            self._newest = None
        self._do(edit.redo)

    def revert(self, topic: str) -> None:
        """Take back what the unfinished topic changed, as if it had never been."""
        self._forget_if_foreign()
        if topic and self._newest is not None and self._newest.topic == topic:
            self.change(self._newest.text, self._newest.before, topic)

    def end_topic(self) -> None:
        """Let the next change be a step of its own."""
        self._newest = None

    def undo(self) -> None:
        """Take the last change back."""
        self._forget_if_foreign()
        self.end_topic()
        self._do(self._undo_history.undo)

    def redo(self) -> None:
        """Do the last undone change again."""
        self._forget_if_foreign()
        self.end_topic()
        self._do(self._undo_history.redo)

    def _do(self, step: Callable[[], None]) -> None:
        self._left_at = None
        try:
            step()
        finally:
            self._left_at = self._state()

    def _state(self) -> tuple[str, str]:
        return self.node.GetName(), self.node.GetText()

    def _forget_if_foreign(self) -> None:
        if self._left_at is not None and self._state() != self._left_at:
            self._undo_history.clear()
            self._newest = None
            self._left_at = self._state()
