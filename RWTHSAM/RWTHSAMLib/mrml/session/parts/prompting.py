"""What a person does to prompts: each change is an undo step, and the temporary masks follow from it.

`PromptedSlices` holds and shows the prompts of one volume; here are the doors to them, which last as long as the
session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from ....algorithms.refine.class_part import part_at, prompts_of_part
from ....algorithms.windings.next_winding import stroke_along
from ....core.crop import DETAILS, Detail, with_tile
from ....core.mask import Mask
from ....core.oblique_plane import ObliquePlane, Plane
from ....core.prompts import BoxPrompt, PointPrompt, Prompt, Prompts
from ....core.word_check import one_of
from ....errors import RwthSamError, StateError
from ....record.record_file import SegmentationRecord, parse_prompt_file
from ....record.steps import PromptedSlice
from ....worker.client import Reply
from ..edits import ClearEdit, PromptEdit
from ..part import SessionPart
from ..prompted_slices import PromptedSlices
from ..session_engine import SessionEngine
from ..session_state import parsed_or_default
from ..workspace import Workspace
from .refining import mask_of_class, no_voxels_on_slice

_WAITS = "yes"


class Prompting(SessionPart):
    """The prompts of a session that are not submitted yet.

    Parameters
    ----------
    workspace : Workspace
    engine : SessionEngine

    Attributes
    ----------
    slices : PromptedSlices, optional
        Prompts and masks of the scan; None without one.
    active_plane : SliceKey or ObliquePlane, optional
        The slice that buttons act on: the one prompted last.
    """

    def __init__(self, workspace: Workspace, engine: SessionEngine) -> None:
        self._workspace, self._engine = workspace, engine
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
        """Temporary masks that are not empty, in pixels of their slices."""
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

    def add_point(self, plane: Plane, x: int, y: int, positive: bool = True) -> None:
        """Add a positive or negative point at a pixel of a slice."""
        text = "Add positive point" if positive else "Add negative point"
        self.add(plane, PointPrompt(x, y, positive), text)

    def set_box(self, plane: Plane, first_xy: tuple[int, int], second_xy: tuple[int, int]) -> None:
        """Give a slice a bounding box by two opposite corner pixels; it replaces an older one."""
        self.add(plane, BoxPrompt.around(first_xy, second_xy), "Draw box")

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
        shape = self._workspace.require_geometry().shape_kji
        if isinstance(plane, ObliquePlane):
            self._workspace.check_in_memory("An oblique plane", "turn the view back onto the scan")
        plane.check_inside(shape)
        replace(prompts, tile_xyxy=None).check_inside(plane.shape_yx(shape))
        prompts = with_tile(prompts, plane.shape_yx(shape), self._detail)
        edit = PromptEdit(text, slices, plane, slices.prompts_on(plane), prompts)
        edit.redo()
        self.active_plane = plane
        self._workspace.record(edit)

    def refine_class(self, plane: Plane, at_xy: tuple[int, int] | None = None) -> None:
        """Let the model look again at what the chosen class has on a slice; one undo step.

        The part under a pixel, else the largest one, becomes a box and a point. Clicks improve the mask as usual, and
        its submit replaces the part.

        Raises
        ------
        StateError
            If the class has no voxels there.
        """
        held = mask_of_class(self._workspace, plane, self._workspace.class_id)
        if held.is_empty:
            raise no_voxels_on_slice(self._workspace.class_name)
        self.set_prompts(plane, prompts_of_part(part_at(held, at_xy)), "Refine class")

    def draw_box(self, plane: Plane, first_xy: tuple[int, int], second_xy: tuple[int, int]) -> None:
        """Show a bounding box that is still being drawn; `set_box` ends that."""
        self._require_slices().draw_box(plane, BoxPrompt.around(first_xy, second_xy))

    def draw_stroke(self, plane: Plane, path_xy: Sequence[tuple[int, int]]) -> None:
        """Show a line that is still being drawn; the next change of prompts ends that."""
        self._require_slices().draw_stroke(plane, path_xy)

    def scribble(self, plane: Plane, path_xy: Sequence[tuple[int, int]], positive: bool = True) -> None:
        """Ask the model with a line that was drawn over what is meant, or over what is not; one undo step.

        Parameters
        ----------
        path_xy : sequence of (int, int)
            Pixels of the slice, in the order of drawing.

        Raises
        ------
        PromptError
            If the line is shorter than two pixels.
        """
        shape_yx = plane.shape_yx(self._workspace.require_geometry().shape_kji)
        self.add(plane, stroke_along(np.asarray(path_xy, float), shape_yx, None, positive), "Scribble")

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
        self._workspace.changed()

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
            self._workspace.changed()
            return
        edit = self.clearing("Delete all prompts")
        edit.redo()
        self._workspace.record(edit)

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
        self._workspace.changed()

    def wait(self, waits: bool) -> None:
        """Let the model wait while prompts are gathered, on any number of slices; then one run computes all masks."""
        self._waits = waits
        if self.slices is not None:
            self.slices.wait(waits)
        self._workspace.changed()

    # the engine and the volume

    def ask_again(self) -> None:
        """Ask for every mask anew: the model or the window is another."""
        if self.slices is not None:
            self.slices.ask_again(forget=True)

    def engine_ready(self) -> None:
        """Ask for every mask that is missing."""
        if self.slices is not None:
            self.slices.ask_again(forget=False)

    def check_pictures(self) -> None:
        """Raise `StateError` where a mask was computed from other grey values than its slice has now; it is forgotten.

        An array may be written into without a word to anybody.
        """
        if self.slices is not None and self.slices.has_stale_masks():
            self.ask_again()
            raise StateError(
                "The grey values of the scan have changed: the masks are computed anew. Look at them, then submit."
            )

    def pause(self) -> None:
        """Show nothing and await nothing for a while; prompts stay."""
        if self.slices is not None:
            self.slices.hide()

    def forget_voxels(self) -> None:
        """Ask for every mask anew: the scan has other grey values."""
        self.ask_again()
        self.follow_place(spacing=False)

    def follow_place(self, spacing: bool) -> None:
        """Show everything where the scan lies now."""
        if self.slices is not None:
            self.slices.show_again()

    def take(self, replies: Sequence[Reply]) -> bool:
        """Use what the engine answered; True if anything that is shown has changed."""
        return self.slices is not None and self.slices.take(replies)

    def begin_volume(self) -> None:
        """Take prompts for the scan."""
        workspace = self._workspace
        place = workspace.require_grid_node()
        self.slices = PromptedSlices(workspace.scene, place, self._engine, workspace.image_of, workspace.begin_reading)
        self.slices.wait(self._waits)

    def leave_volume(self) -> None:
        """Drop everything that belongs to the volume."""
        if self.slices is not None:
            self.slices.close()
        self.slices, self.active_plane = None, None

    @property
    def problem(self) -> RwthSamError | None:
        """Why a mask did not come."""
        return self.slices.error if self.slices is not None else None

    @property
    def is_unfinished(self) -> bool:
        """Whether any prompt is not submitted yet."""
        return self.slices is not None and bool(self.slices.prompts)

    @property
    def is_awaited(self) -> bool:
        """Whether a mask is."""
        return self.awaits_masks

    def kept(self) -> dict[str, str]:
        """The prompts, except where negative points alone describe nothing that could be done again."""
        prompts = self.slices.prompts if self.slices is not None else {}
        kept = [PromptedSlice(*each, self._workspace.class_id) for each in prompts.items() if each[1].can_segment]
        detail = "" if self._detail == "auto" else self._detail
        pending = SegmentationRecord(tuple(kept)).to_json() if kept else ""
        return {"pending": pending, "detail": detail, "waits": _WAITS if self._waits else ""}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Give the prompts again."""
        self._detail = next((each for each in DETAILS if each == kept.get("detail")), "auto")
        self.wait(kept.get("waits") == _WAITS)
        for each in parsed_or_default(kept.get("pending", ""), parse_prompt_file, SegmentationRecord(())).slices:
            self._workspace.attempt(partial(self.set_prompts, each.slice, each.prompts))

    @property
    def work_stamp(self) -> object:
        """The prompts."""
        return tuple(self.slices.prompts.items()) if self.slices is not None else ()

    # inside

    def _require_slices(self) -> PromptedSlices:
        self._workspace.follow_scan()
        if self._workspace.scan_problem is not None:
            raise self._workspace.scan_problem
        if self.slices is None:
            raise StateError("There is no scan yet: load one first.")
        return self.slices

    def _require_active_plane(self) -> Plane:
        if self.active_plane is None:
            raise StateError("No slice has been prompted yet: click on the object first.")
        return self.active_plane
