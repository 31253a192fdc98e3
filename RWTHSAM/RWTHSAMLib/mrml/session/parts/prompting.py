"""What a person does to prompts: each change is an undo step, and the temporary masks follow from it.

`PromptedSlices` holds and shows the prompts of one volume; here are the doors to them, which last as long as the
session.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import slicer

from ....core.crop import DETAILS, Detail, with_tile
from ....core.mask import Mask
from ....core.oblique_plane import Plane
from ....core.prompts import BoxPrompt, Prompt, Prompts
from ....core.word_check import one_of
from ....errors import StateError
from ....worker.client import EngineClient, Reply
from ...nodes.geometry import VolumeGeometry
from ..edits import ClearEdit, PromptEdit
from .prompted_slices import PromptedSlices

if TYPE_CHECKING:
    from ..session import Session


class Prompting:
    """The prompts of a session that are not submitted yet.

    Parameters
    ----------
    session : Session
    client : EngineClient

    Attributes
    ----------
    slices : PromptedSlices, optional
        Prompts and masks of the scan; None without one.
    active_plane : SliceKey or ObliquePlane, optional
        The slice that buttons act on: the one prompted last.
    """

    def __init__(self, session: Session, client: EngineClient) -> None:
        # weakly: a cycle through a scene's observers would be taken apart by the garbage collector in any order
        self._session: Session = weakref.proxy(session)
        self._client = client
        self._detail: Detail = "auto"
        self._waits = False
        self.slices: PromptedSlices | None = None
        self.active_plane: Plane | None = None

    # what is there

    def prompts_on(self, plane: Plane) -> Prompts:
        """Prompts of a slice, possibly none."""
        return self.slices.prompts_on(plane) if self.slices is not None else Prompts()

    @property
    def masks(self) -> dict[Plane, Mask]:
        """Temporary masks that are not empty, by slice."""
        return self.slices.masks() if self.slices is not None else {}

    @property
    def awaits_masks(self) -> bool:
        """Whether prompts were given whose mask is not there yet."""
        return self.slices is not None and bool(self.slices.awaited)

    @property
    def gathered(self) -> tuple[Plane, ...]:
        """Slices whose prompts are kept for later because the model waits."""
        return self.slices.gathered if self.slices is not None else ()

    @property
    def detail(self) -> Detail:
        """Whether the model looks at the whole of a large slice or at the part around the prompts."""
        return self._detail

    @property
    def waits(self) -> bool:
        """Whether prompts are gathered while the model waits."""
        return self._waits

    # changes

    def add(self, plane: Plane, prompt: Prompt, text: str) -> None:
        """Add a prompt to a slice; a bounding box replaces an older one. `text` is for the undo history."""
        self.set_prompts(plane, self._require_slices().prompts_on(plane).adding(prompt), text)

    def set_prompts(self, plane: Plane, prompts: Prompts, text: str = "Set prompts") -> None:
        """Replace the prompts of a slice as one undo step.

        Raises
        ------
        StateError
            If there is no volume.
        GeometryError, PromptError
            If slice or prompts lie outside it.
        """
        slices = self._require_slices()
        shape = VolumeGeometry.of(self._session.require_volume()).shape_kji
        plane.check_inside(shape)
        replace(prompts, tile_xyxy=None).check_inside(plane.shape_yx(shape))
        prompts = with_tile(prompts, plane.shape_yx(shape), self._detail)
        edit = PromptEdit(text, slices, plane, slices.prompts_on(plane), prompts)
        edit.redo()
        self.active_plane = plane
        self._session.record(edit)

    def draw_box(self, plane: Plane, first_xy: tuple[int, int], second_xy: tuple[int, int]) -> None:
        """Show a bounding box that is still being drawn; `Session.set_box` ends that."""
        self._require_slices().draw_box(plane, BoxPrompt.around(first_xy, second_xy))

    def draw_stroke(self, plane: Plane, path_xy: Sequence[tuple[int, int]]) -> None:
        """Show a line that is still being drawn; the next change of prompts ends that."""
        self._require_slices().draw_stroke(plane, path_xy)

    def redraw(self) -> None:
        """Show the prompts as they are: what was being drawn is abandoned."""
        self._require_slices().redraw()

    def select(self, plane: Plane, position: int | None) -> None:
        """Select a prompt of a slice by its position, or none.

        Raises
        ------
        StateError
            If the slice has no such prompt.
        """
        if position is not None and not 0 <= position < len(self._require_slices().prompts_on(plane)):
            raise StateError("There is no such prompt on this slice.")
        self._require_slices().select(None if position is None else (plane, position))
        self.active_plane = plane
        self._session.changed()

    def delete_selected(self) -> None:
        """Delete the selected prompt; without a selection the newest of the active slice."""
        slices = self._require_slices()
        plane = self._require_active_plane()
        prompts = slices.prompts_on(plane)
        if not len(prompts):
            raise StateError("There is no prompt to delete on this slice.")
        selected = slices.selected
        position = selected[1] if selected and selected[0] == plane else len(prompts) - 1
        slices.select(None)
        self.set_prompts(plane, prompts.without(position), "Delete prompt")

    def delete_all(self) -> None:
        """Delete all prompts of all slices, and with them the temporary masks."""
        if not self._require_slices().prompts:
            self._session.changed()
            return
        edit = self.clearing("Delete all prompts")
        edit.redo()
        self._session.record(edit)

    def clearing(self, text: str = "") -> ClearEdit:
        """The edit that deletes all prompts, not done yet."""
        slices = self._require_slices()
        return ClearEdit(text, slices, slices.prompts)

    def next_candidate(self, step: int = 1) -> None:
        """Show another of the masks offered for the first prompt."""
        slices = self._require_slices()
        plane = self._require_active_plane()
        prompts, answer = slices.prompts_on(plane), slices.segmentation_on(plane)
        if answer is None or len(answer.candidates) < 2:
            raise StateError("Only the first prompt of a slice offers several masks; later prompts refine one.")
        choice = (prompts.candidate + step) % len(answer.candidates)
        self.set_prompts(plane, prompts.choosing(choice), "Choose another mask")

    def set_detail(self, detail: Detail) -> None:
        """Choose the detail; prompts that are there get their masks anew, as an undo step each.

        Raises
        ------
        SettingsError
            If there is no such detail.
        """
        self._detail = one_of("detail", detail, DETAILS)
        for plane, prompts in (self.slices.prompts if self.slices is not None else {}).items():
            self.set_prompts(plane, prompts, "Choose detail")
        self._session.changed()

    def wait(self, waits: bool) -> None:
        """Let the model wait while prompts are gathered, on any number of slices; then one run computes all masks."""
        self._waits = waits
        if self.slices is not None:
            self.slices.wait(waits)
        self._session.changed()

    # the engine and the volume

    def ask_again(self, forget: bool) -> None:
        """Ask for every mask that is missing; `forget` also those that are there (new model, new window)."""
        if self.slices is not None:
            self.slices.ask_again(forget)

    def check_pictures(self) -> None:
        """Raise `StateError` where a mask was computed from other grey values than its slice has now; it is forgotten.

        An array may be written into without a word to anybody.
        """
        if self.slices is not None and self.slices.has_stale_masks():
            self.ask_again(forget=True)
            raise StateError(
                "The grey values of the scan have changed: the masks are computed anew. Look at them, then submit."
            )

    def hide(self) -> None:
        """Show nothing and await nothing for a while; prompts stay."""
        if self.slices is not None:
            self.slices.hide()

    def show_again(self) -> None:
        """Show everything where the scan lies now."""
        if self.slices is not None:
            self.slices.show_again()

    def take(self, replies: list[Reply]) -> bool:
        """Use what the engine answered; True if anything that is shown has changed."""
        return self.slices is not None and self.slices.take(replies)

    def begin(self, volume_node: slicer.vtkMRMLVolumeNode) -> None:
        """Take prompts for a volume."""
        # a bound method of the session would be a cycle
        session = self._session
        self.slices = PromptedSlices(session.scene, volume_node, self._client, lambda plane: session.image_of(plane))
        self.slices.wait(self._waits)

    def leave_volume(self) -> None:
        """Drop everything that belongs to the volume."""
        if self.slices is not None:
            self.slices.close()
        self.slices, self.active_plane = None, None

    # inside

    def _require_slices(self) -> PromptedSlices:
        self._session.follow_scan()
        if self._session.scan_problem is not None:
            raise self._session.scan_problem
        if self.slices is None:
            raise StateError("There is no scan yet: load one first.")
        return self.slices

    def _require_active_plane(self) -> Plane:
        if self.active_plane is None:
            raise StateError("No slice has been prompted yet: click on the object first.")
        return self.active_plane
