"""Prompts, candidates, submit, undo: thin doors to the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from RWTHSAMLib.core.crop import DETAILS
from RWTHSAMLib.core.overwriting import OverwriteMode, Overwriting
from RWTHSAMLib.core.word_check import one_of
from RWTHSAMLib.errors import StateError
from RWTHSAMLib.mrml.session.gestures import TOOLS, Tool

from ..app_context import AppContext
from ..arguments import OneOf, Position
from .views import ViewActions


class PromptActions:
    """Panel 4."""

    def __init__(self, context: AppContext, views: ViewActions) -> None:
        self._context, self._views = context, views

    def set_tool(self, tool: Tool | None) -> None:
        """Choose what the left button draws, and leave a tool for editing by hand."""
        self._context.host.set_native_tool("")
        session = self._context.session
        self._do(lambda: session.set_tool(one_of("tool", tool or session.tool, TOOLS)))

    def set_detail(self, detail: Annotated[str, OneOf(DETAILS)] | None) -> None:
        """Let the model look at the whole of large slices or at the part around the prompts."""
        if detail:
            self._do(lambda: self._context.session.prompting.set_detail(one_of("detail", detail, DETAILS)))

    def toggle_wait(self) -> None:
        """Gather prompts while the model waits, or let it compute the masks of all that were gathered."""
        self._do(lambda: self._context.session.prompting.wait(not self._context.session.prompting.waits))

    def select(self, position: Position) -> None:
        """Select a prompt of the active slice."""
        self._do(lambda: self._select(position))

    def delete(self, position: Position) -> None:
        """Delete a prompt of the active slice."""
        self._do(lambda: self._delete(position))

    def choose_candidate(self, candidate: Position) -> None:
        """Show another of the first prompt's masks."""
        session = self._context.session
        if candidate >= max(1, len(session.status.candidate_scores)):
            raise StateError("There is no such mask to choose.")
        step = candidate - session.status.candidate
        if step:
            self._do(lambda: session.prompting.next_candidate(step))

    def refine(self) -> None:
        """Let the model look again at what the chosen class has on what the view in use shows."""
        self._do(lambda: self._context.session.prompting.refine_class(self._views.plane_in_use()))

    def set_winding_distance(self, text: str | None) -> None:
        """Take a typed distance of windings; nothing typed has it measured."""
        self._do(lambda: self._context.session.windings.set_distance_text(str(text or "")))

    def next_winding(self, outwards: bool) -> None:
        """The last line once more, one winding further."""
        self._do(lambda: self._context.session.windings.again(bool(outwards)))

    def submit(self) -> None:
        """Add the masks to the chosen class."""
        self._do(self._context.session.submit)

    def set_overwrite_mode(self, mode: OverwriteMode) -> None:
        """Choose whether other classes lose the voxels that a submit adds."""
        self._overwrite(replace(self._context.session.submitting.overwriting, mode=mode))

    def set_overwrite_classes(self, class_ids: list[str]) -> None:
        """Choose which of them do."""
        known = [each.id for each in self._context.session.profile.classes if each.id in class_ids]
        self._overwrite(replace(self._context.session.submitting.overwriting, class_ids=tuple(known)))

    def undo(self) -> None:
        """Take back the last action, whichever tool it was done with."""
        self._do(self._context.session.undo)

    def redo(self) -> None:
        """Do it again."""
        self._do(self._context.session.redo)

    def clear(self) -> None:
        """Delete all prompts."""
        self._do(self._context.session.prompting.delete_all)

    def _overwrite(self, overwriting: Overwriting) -> None:
        self._do(lambda: self._context.session.submitting.set_overwriting(overwriting))

    def _select(self, position: int) -> None:
        session = self._context.session
        slice_key = session.status.slice
        if slice_key is None:
            raise StateError("There is no prompt yet: click on the object first.")
        session.prompting.select(slice_key, position)

    def _delete(self, position: int) -> None:
        self._select(position)
        self._context.session.prompting.delete_selected()

    def _do(self, action: Callable[[], None]) -> None:
        # the session turns what a person can mend into its status line
        self._context.session.attempt(action)
        self._context.refresh()
