"""Keeps a session's state in its scene, and takes up what an opened scene brings."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import StateError
from .part import SessionPart
from .session_state import SessionState, recall, remember
from .workspace import Workspace


class ScenePersistence:
    """What a scene knows of a session.

    Parameters
    ----------
    workspace : Workspace
    parts : sequence of SessionPart
        Each says what is to be kept of it; may grow afterwards.
    """

    def __init__(self, workspace: Workspace, parts: Sequence[SessionPart]) -> None:
        self._workspace, self._parts = workspace, parts
        self._is_restoring = False

    def keep(self) -> None:
        """Let the scene remember the present state."""
        if not self._is_restoring:
            remember(self._workspace.scene, self.state())

    def state(self) -> SessionState:
        """What is to be kept at present."""
        place = self._workspace
        kept = {name: text for part in self._parts for name, text in part.kept().items()}
        return SessionState(
            place.volume_node, place.segmentation_node, place.profile, place.class_id, place.window, kept
        )

    def restore(self) -> None:
        """Take up the state that the scene remembers, if it remembers a scan; called whenever a scene was opened."""
        place = self._workspace
        state = recall(place.scene)
        if state is None or state.volume_node is None or state.volume_node is place.volume_node:
            return
        if state.volume_node.GetImageData() is None:
            return
        if self._has_unfinished_work:  # a scene was added to this one, not opened instead of it
            place.remark(
                StateError(
                    "The scene that was added holds work of its own. Your prompts are not submitted yet, so they stay "
                    "with their scan: choose the other scan when you are done."
                )
            )
            return
        self.take_up(state)

    def take_up(self, state: SessionState) -> None:
        """Go on with a state whose nodes are in the scene."""
        self._is_restoring = True
        try:
            self._take_up(state)
        finally:
            self._is_restoring = False
        self._workspace.changed()

    @property
    def _has_unfinished_work(self) -> bool:
        """Whether something would be lost with the scan."""
        return self._workspace.volume_node is not None and any(part.is_unfinished for part in self._parts)

    def _take_up(self, state: SessionState) -> None:
        place = self._workspace
        place.set_profile(state.profile)
        place.set_volume(state.volume_node, state.on_disk)
        if state.window is not None:
            place.set_window(state.window)
        if state.segmentation_node is not None:
            place.attempt(lambda: place.set_segmentation(state.segmentation_node))
        place.select_class(state.class_id)
        for part in self._parts:
            part.take_up(state.parts)
        place.undo_history.clear()
