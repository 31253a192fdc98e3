"""What a session records for undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...core.oblique_plane import Plane
from ...core.profile import SegmentationProfile
from ...core.prompts import Prompts
from ...core.undo_history import Edit
from ...errors import StateError
from ...record.steps import Step
from ..nodes import segments
from ..nodes.scan_watch import ScanWatch
from ..nodes.writing import SegmentChange, SegmentWriter
from .prompted_slices import PromptedSlices
from .workspace import Workspace

_State = TypeVar("_State")


@dataclass(frozen=True, eq=False)
class PromptEdit:
    """A change of one slice's prompts."""

    text: str
    slices: PromptedSlices
    plane: Plane
    before: Prompts
    after: Prompts

    def undo(self) -> None:
        """Give the slice the prompts it had."""
        self.slices.set_prompts(self.plane, self.before)

    def redo(self) -> None:
        """Give it the new ones again."""
        self.slices.set_prompts(self.plane, self.after)


@dataclass(frozen=True, eq=False)
class ClearEdit:
    """Removal of all prompts of all slices."""

    text: str
    slices: PromptedSlices
    before: dict[Plane, Prompts]

    def undo(self) -> None:
        """Bring all prompts back."""
        for plane, prompts in self.before.items():
            self.slices.set_prompts(plane, prompts)

    def redo(self) -> None:
        """Remove them again."""
        self.slices.clear()


@dataclass(frozen=True, eq=False)
class Submission:
    """What became part of classes at once, and the voxels that this changed.

    Attributes
    ----------
    steps : tuple of Step
        How it is recorded.
    writer : SegmentWriter, optional
        None for one that is only known from a record, and for an edit by hand.
    changes : tuple of SegmentChange
    """

    steps: tuple[Step, ...]
    writer: SegmentWriter | None = None
    changes: tuple[SegmentChange, ...] = ()

    @property
    def changed_voxels(self) -> bool:
        """Whether any voxel changed; not so where the class had them all before."""
        return any(change.gained.any for change in self.changes)

    @property
    def is_there(self) -> bool:
        """Whether any voxel of it is left: a host's own undo may have taken it back."""
        if self.writer is None or not self.changed_voxels:
            return True
        return any(self.writer.holds_any(change) for change in self.changes)

    def check_counts_so(self) -> None:
        """Raise `StateError` unless its voxels can still be taken out or put back."""
        if self.writer is not None:
            self.writer.check_counts_so()

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
    """Masks that became part of a class, as one step: voxels, history and what lies beside them go back together.

    Attributes
    ----------
    text : str
    submission : Submission
    beside : Edit
    history : list of Submission
    scan : ScanWatch
        Of the scan whose voxels the masks were found in.
    scan_version : int
        Which of its voxels these were.
    """

    text: str
    submission: Submission
    beside: Edit
    history: list[Submission]
    scan: ScanWatch
    scan_version: int

    def undo(self) -> None:
        """Take the voxels out and bring back what they came from, such as prompts.

        Raises
        ------
        StateError
            If the segmentation was put onto another grid meanwhile. Nothing is changed then.
        """
        self.submission.take_back()
        self.history.remove(self.submission)
        self.beside.undo()

    def redo(self) -> None:
        """Submit again exactly what was submitted.

        Raises
        ------
        StateError
            If that was found in other voxels than the scan has now, or the segmentation was put onto another grid.
            Nothing is changed then.
        """
        if self.scan_version != self.scan.version:
            raise StateError(
                "The scan has other grey values than when this was submitted, so it is not submitted again: its "
                "prompts are kept and get their masks anew."
            )
        self.submission.check_counts_so()
        self.beside.redo()  # classes must be there before their voxels
        self.submission.do_again()
        self.history.append(self.submission)


@dataclass(frozen=True, eq=False)
class NoteEdit:
    """A note in the history, such as that of an edit by hand, which comes and goes with that edit."""

    noted: Submission
    history: list[Submission]
    keep: Callable[[], None]
    text: str = ""

    def undo(self) -> None:
        """Take the note away."""
        self.history.remove(self.noted)
        self.keep()

    def redo(self) -> None:
        """Note it again."""
        self.history.append(self.noted)
        self.keep()


@dataclass(frozen=True, eq=False)
class StateEdit(Generic[_State]):
    """A change of something that is given back as a whole, such as what a person did with objects that were found."""

    text: str
    give_back: Callable[[_State], None]
    before: _State
    after: _State

    def undo(self) -> None:
        """Back to how it was before."""
        self.give_back(self.before)

    def redo(self) -> None:
        """As it was afterwards."""
        self.give_back(self.after)


@dataclass(frozen=True, eq=False)
class ProfileEdit:
    """More classes in the profile."""

    workspace: Workspace
    before: SegmentationProfile
    after: SegmentationProfile
    text: str = ""

    def undo(self) -> None:
        """Take the classes away, and their segments where they are empty."""
        known = {each.id for each in self.before.classes}
        added = [each.id for each in self.after.classes if each.id not in known]
        self.workspace.set_profile(self.before)
        if self.workspace.segmentation_node is not None:
            segments.remove_empty(self.workspace.segmentation_node, added)

    def redo(self) -> None:
        """Add them again."""
        self.workspace.set_profile(self.after)


@dataclass(frozen=True, eq=False)
class Together:
    """Several edits as one."""

    edits: tuple[Edit, ...]
    text: str = ""

    def undo(self) -> None:
        """Take them back, the last one first."""
        for edit in reversed(self.edits):
            edit.undo()

    def redo(self) -> None:
        """Do them again in their order."""
        for edit in self.edits:
            edit.redo()
