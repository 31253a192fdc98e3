"""What a session records for undo and redo."""

from __future__ import annotations

from dataclasses import dataclass

from ..prompt_file import PromptedSlice
from ..prompts import Prompts
from ..slices import SliceKey
from .prompted_slices import PromptedSlices
from .writing import SegmentChange, SegmentWriter


@dataclass(frozen=True, eq=False)
class PromptEdit:
    """A change of one slice's prompts."""

    text: str
    slices: PromptedSlices
    slice_key: SliceKey
    before: Prompts
    after: Prompts

    def undo(self) -> None:
        """Give the slice the prompts it had."""
        self.slices.set_prompts(self.slice_key, self.before)

    def redo(self) -> None:
        """Give it the new ones again."""
        self.slices.set_prompts(self.slice_key, self.after)


@dataclass(frozen=True, eq=False)
class ClearEdit:
    """Removal of all prompts of all slices."""

    text: str
    slices: PromptedSlices
    before: dict[SliceKey, Prompts]

    def undo(self) -> None:
        """Bring all prompts back."""
        for slice_key, prompts in self.before.items():
            self.slices.set_prompts(slice_key, prompts)

    def redo(self) -> None:
        """Remove them again."""
        self.slices.clear()


@dataclass(frozen=True, eq=False)
class SubmitEdit:
    """Masks that became part of a class, as one step: voxels, prompts and history go back together."""

    text: str
    writer: SegmentWriter
    changes: tuple[SegmentChange, ...]
    cleared: ClearEdit
    submitted: tuple[PromptedSlice, ...]
    history: list[PromptedSlice]

    def undo(self) -> None:
        """Take the voxels out and bring the prompts back."""
        self.writer.take_back(self.changes)
        del self.history[len(self.history) - len(self.submitted) :]
        self.cleared.undo()

    def redo(self) -> None:
        """Submit again exactly what was submitted."""
        self.writer.do_again(self.changes)
        self.history.extend(self.submitted)
        self.cleared.redo()
