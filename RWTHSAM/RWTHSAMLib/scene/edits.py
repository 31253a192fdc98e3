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
class Submission:
    """Prompts whose masks became part of a class at once, and the voxels that this changed.

    Attributes
    ----------
    prompted : tuple of PromptedSlice
    writer : SegmentWriter, optional
        None for a submission that is only known from a saved scene.
    changes : tuple of SegmentChange
    """

    prompted: tuple[PromptedSlice, ...]
    writer: SegmentWriter | None = None
    changes: tuple[SegmentChange, ...] = ()

    @property
    def changed_voxels(self) -> bool:
        """Whether any voxel changed; not so where the class had them all before."""
        return any(change.gained.any() for change in self.changes)

    @property
    def is_there(self) -> bool:
        """Whether any voxel of it is left: a host's own undo may have taken it back."""
        if self.writer is None or not self.changed_voxels:
            return True
        return any(self.writer.holds_any(change) for change in self.changes)

    def take_back(self) -> None:
        """Take the voxels out again; those that are out already stay so."""
        if self.writer is not None:
            self.writer.take_back(self.changes)

    def do_again(self) -> None:
        """Put the voxels back; those that are there already stay so."""
        if self.writer is not None:
            self.writer.do_again(self.changes)


@dataclass(frozen=True, eq=False)
class SubmitEdit:
    """Masks that became part of a class, as one step: voxels, prompts and history go back together."""

    text: str
    submission: Submission
    cleared: ClearEdit
    history: list[Submission]

    def undo(self) -> None:
        """Take the voxels out and bring the prompts back."""
        self.submission.take_back()
        self.history.remove(self.submission)
        self.cleared.undo()

    def redo(self) -> None:
        """Submit again exactly what was submitted."""
        self.submission.do_again()
        self.history.append(self.submission)
        self.cleared.redo()
