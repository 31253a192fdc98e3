"""Annotation without prompts: the engine looks through slices, what it finds is shown, chosen and put into classes.

Everything found is a candidate until a person submits it; classes change by `submit`, `submit_apart` and `apply_rules`
only, each one undo step, and what other classes hold already is left to them unless asked otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import slicer

from ....algorithms.automatic.detected_objects import DetectedObject, DetectedObjects
from ....algorithms.automatic.linking import get_ready
from ....algorithms.automatic.table import write_table
from ....algorithms.automatic.voxel_blocks import voxel_blocks
from ....core.json_document import Json, Node
from ....core.profile import SegmentationProfile
from ....core.settings.automatic_run import AutomaticRunSettings
from ....core.slices import Axis, SliceKey
from ....errors import RwthSamError, StateError
from ....worker.client import Reply
from ...nodes import volumes
from ...nodes.volume_geometry import VolumeGeometry
from ...nodes.written_blocks import Source
from ...previews.detected import DetectedPreview, Look
from ..edits import ProfileEdit, StateEdit, Together
from ..part import Found, SessionPart
from ..session_engine import SessionEngine
from ..workspace import Workspace
from .automatic_choices import AutomaticChoices
from .automatic_kept import KeptObjects, Review, ReviewState, kept_of, kept_to_dict
from .automatic_run import AutomaticRun, RunProgress
from .objects_as_classes import class_name, classes_by_rules, count_text, submit_text, with_class_of_each
from .prompting import Prompting
from .reviewed_object import ReviewedObject, reviewed
from .submitting import Submitting


@dataclass(frozen=True, eq=False)
class _Chosen:
    """What a person did with the objects of one run."""

    objects: DetectedObjects | None
    reviews: Mapping[int, Review]
    selection: tuple[int, ...]


class AutomaticMasks(AutomaticChoices, SessionPart):
    """Automatic masks of a session's volume.

    Parameters
    ----------
    workspace : Workspace
    engine : SessionEngine
    prompting : Prompting
        A box among its prompts may bound what is shown.
    submitting : Submitting
        Puts objects into classes.

    Attributes
    ----------
    selection : tuple of int
        Numbers of the selected objects.
    """

    FOUND_AS = "automatic"

    def __init__(
        self, workspace: Workspace, engine: SessionEngine, prompting: Prompting, submitting: Submitting
    ) -> None:
        super().__init__(workspace, prompting)
        self._engine, self._submitting = engine, submitting
        self._run: AutomaticRun | None = None
        self._objects: DetectedObjects | None = None
        self._reviews: Mapping[int, Review] = {}
        self._source: dict[str, Json] = {}  # what the objects were found with
        self._preview: DetectedPreview | None = None
        self._detected: tuple[ReviewedObject, ...] | None = None
        self._detected_for: SegmentationProfile | None = None
        self._seen_views: tuple[object, ...] = ()
        self._seen_percent = 0
        self.selection: tuple[int, ...] = ()

    # what is chosen and what is there

    def set_settings(self, choices: AutomaticRunSettings) -> None:
        """Choose; filters act on the present result at once, settings on the next run."""
        if choices.min_slices != self._settings.min_slices and self._objects is not None:
            self._objects.min_slices = choices.min_slices
        super().set_settings(choices)

    def follow_profile(self, before: SegmentationProfile) -> None:
        """Another profile was chosen: its settings are taken up, its rules apply."""
        super().follow_profile(before)
        self._detected = None

    @property
    def _axis_shown(self) -> Axis | None:
        return self.detected[0].object.masks[0].key.axis if self.detected else None

    @property
    def progress(self) -> RunProgress | None:
        """Of the run, while it goes on or where it was stopped; None before the first and after its end."""
        return None if self._run is None or self._run.is_finished else self._run.progress

    @property
    def error(self) -> RwthSamError | None:
        """Why the run ended early."""
        return self._run.error if self._run is not None else None

    @property
    def slices_done(self) -> int:
        """How many slices the present result is of."""
        return len(self._objects.slice_keys) if self._objects is not None else 0

    @property
    def unfiltered_count(self) -> int:
        """How many objects were found, with those that the choices leave out."""
        return len(self._objects.objects) if self._objects is not None else 0

    @property
    def detected(self) -> tuple[ReviewedObject, ...]:
        """What was detected and passes the filters, the largest first."""
        profile = self._workspace.profile
        if self._detected is None or self._detected_for is not profile:
            self._detected_for = profile
            rows = self._rows(self._objects) if self._objects is not None else ()
            self._detected = tuple(each for each in rows if self._is_wanted(each.object))
        return self._detected

    @property
    def can_submit(self) -> bool:
        """Whether anything is selected, or else accepted, and nothing of it submitted already."""
        chosen = [each.state for each in self.detected if each.is_selected]
        chosen = chosen or [each.state for each in self.detected if each.state == "accepted"]
        return bool(chosen) and "submitted" not in chosen

    # a run

    def start(self, slices: Sequence[SliceKey]) -> None:
        """Look through slices along one axis, in this order; what an earlier run found is dropped.

        Raises
        ------
        StateError
            If there is no volume, no model, or no slice.
        """
        self._workspace.follow_scan(closely=True)
        self._workspace.check_in_memory("Finding objects", self._command(slices))
        geometry = VolumeGeometry.of(self._workspace.require_volume())
        self._engine.require_ready("objects can be looked for")
        if not slices or len({key.axis for key in slices}) != 1:
            raise StateError("Objects are looked for in slices along one axis: choose at least one slice.")
        for key in slices:
            key.check_inside(geometry.shape_kji)
        self.clear()
        choices = self._settings
        self._objects = DetectedObjects(slices[0].axis, geometry.spacing_mm_ijk, min_slices=choices.min_slices)
        self._run = AutomaticRun(self._engine, self._workspace.image_of, slices, choices.generator, choices.mode)
        self._source = {"mode": choices.mode, **choices.generator.to_dict()}
        get_ready()
        self._run.go()
        self._refresh()

    def _command(self, slices: Sequence[SliceKey]) -> str:
        """What does it on a scan that stays on the disk."""
        words = "rwthsam auto {scan} -o objects.seg.nrrd"
        if slices:
            indices = [each.index for each in slices]
            words += f" --axis {slices[0].axis} --range {min(indices)} {max(indices)}"
        if (window := self._workspace.window) is not None:
            words += f" --window {window.lower:g} {window.upper:g}"
        return f"{words} reads it from there, slice by slice; Result, Job saves the settings for rwthsam batch"

    def stop(self) -> None:
        """Stop the run; what is done stays."""
        if self._run is not None:
            self._run.stop()
        self._refresh()

    def resume(self) -> None:
        """Go on where the run was stopped.

        Raises
        ------
        StateError
            If nothing is left to do, or no model is loaded.
        """
        self._workspace.follow_scan(closely=True)
        if self._run is None or self._run.is_finished:
            raise StateError("There is no run to go on with: start one.")
        self._engine.require_ready("objects can be looked for")
        self._run.go()
        self._refresh()

    def clear(self) -> None:
        """Drop the result and end the run."""
        if self._run is not None:
            self._run.stop()
        if self._preview is not None:
            self._preview.clear()
        self._run, self._objects, self._preview = None, None, None
        self._reviews, self.selection, self._seen_views, self._source = {}, (), (), {}
        self._refresh()

    def leave_volume(self) -> None:
        """Drop everything that belongs to the volume."""
        self.clear()

    def forget_voxels(self) -> None:
        """Drop everything that was found in other grey values."""
        self.clear()

    def pause(self) -> None:
        """Show nothing and look no further for a while; what is found stays."""
        if self._run is not None:
            self._run.stop()
        self._show_anew()

    def follow_place(self, spacing: bool) -> None:
        """Show everything where the scan lies now; objects that were measured with another spacing are dropped."""
        had_objects = self.slices_done > 0
        if spacing:
            self.clear()
        self._show_anew()
        if spacing and had_objects:
            self._workspace.remark(
                StateError(
                    "The scan has another voxel size now: objects that were found were measured with the old one and "
                    "are dropped. Look for them again."
                )
            )

    def ask_again(self) -> None:
        """Another model or window: slices under way are looked at anew."""
        if self._run is not None:
            self._run.ask_again()

    def take(self, replies: Sequence[Reply]) -> bool:
        """Use what the engine answered; True if anything that is shown has changed."""
        if self._run is None or self._objects is None:
            return False
        error = self._run.error
        found = self._run.take(replies)
        for key, masks in found.items():
            self._objects.put(key, masks, key.take(volumes.volume_array_kji(self._workspace.require_volume())))
        percent = int(self._run.progress.share * 100)
        changed = bool(found) or percent != self._seen_percent or self._run.error is not error
        self._seen_percent = percent
        if changed:
            self._detected = None
        return changed

    def look(self) -> bool:
        """Show what lies on the slices in view; called again and again, cheap where nothing has changed."""
        node = self._workspace.volume_node
        if self._objects is None or node is None or self._workspace.scan_problem is not None:
            return False
        views = self._workspace.slice_nodes()
        stamp = (self.detected, self._workspace.mode, *(each.GetMTime() for each in views))
        if stamp == self._seen_views:
            return False
        self._seen_views = stamp
        geometry = VolumeGeometry.of(node)
        keys = {geometry.slice_shown(view) for view in views} if self._workspace.mode == "automatic" else set()
        self._show(sorted(key for key in keys if key is not None and key.axis == self._objects.axis))
        return False

    @property
    def problem(self) -> RwthSamError | None:
        """Why the run ended early."""
        return self.error

    def found(self) -> Found | None:
        """The objects, what was done with them, and which of them are selected."""
        if self._objects is None:
            return None
        slices, reviews, selection, source = self._objects.found(), dict(self._reviews), self.selection, self._source
        return lambda: kept_to_dict(KeptObjects(slices, reviews, selection, source))

    def take_up_found(self, found: Node) -> None:
        """Show the objects again; a run that was stopped has ended with what it had found."""
        geometry = VolumeGeometry.of(self._workspace.require_volume())
        kept = kept_of(found, geometry.shape_kji)
        self.clear()
        axis, spacing_mm_ijk = kept.slices.axis, geometry.spacing_mm_ijk
        objects = DetectedObjects(axis, spacing_mm_ijk, min_slices=self._settings.min_slices)
        array_kji = volumes.volume_array_kji(self._workspace.require_volume())
        for index, masks in kept.slices.masks.items():
            key = SliceKey(axis, index)
            objects.put(key, masks, key.take(array_kji))
        objects.number_as(kept.slices.numbers)
        self._objects, self._reviews, self._source = objects, kept.reviews, kept.source
        self._refresh()
        self.select(kept.selection)

    @property
    def work_stamp(self) -> object:
        """The objects and what was done with them."""
        return self._objects, self.slices_done, self._reviews

    # choosing

    def select(self, numbers: Iterable[int]) -> None:
        """Select objects by their numbers; unknown ones are left out."""
        known = {each.object.number for each in self.detected}
        self.selection = tuple(number for number in numbers if number in known)
        self._refresh()

    def select_at(self, key: SliceKey, x: int, y: int, adding: bool = False) -> bool:
        """Select the smallest shown object at a pixel; False if there is none."""
        offered = {each.object.number for each in self.detected if each.state in ("open", "accepted")}
        number = self._objects.at(key, x, y, offered) if self._objects is not None else None
        if number is not None:
            self.select((*self.selection, number) if adding and number not in self.selection else (number,))
        return number is not None

    def middle_of(self, number: int) -> tuple[float, float, float]:
        """Voxel coordinates (i, j, k) of the middle of a shown object, on the middle one of its slices.

        Raises
        ------
        StateError
            If it is not shown.
        """
        for each in self.detected:
            if each.object.number == number:
                middle = each.object.masks[len(each.object.masks) // 2]
                return middle.key.ijk_at(*middle.middle_xy)
        raise StateError(f"There is no object {number} among those that are shown.")

    def review(self, state: ReviewState, numbers: Iterable[int] | None = None) -> None:
        """Accept or reject objects, by default the selected ones, or open them again; can be undone.

        Raises
        ------
        StateError
            If none is selected, or one was submitted already.
        """
        chosen = self._chosen(numbers)
        words = {"accepted": "Accept", "rejected": "Reject"}
        text = f"{words.get(state, 'Reopen')} {count_text(len(chosen))}"
        edit = self._edit(text, dict.fromkeys(chosen, Review(state)), self.selection)
        edit.redo()
        self._workspace.record(edit)

    # into classes

    def submit(self, numbers: Iterable[int] | None = None) -> None:
        """Put objects into the chosen class, by default the selected ones, without a selection the accepted ones.

        Raises
        ------
        StateError
            If there is nothing to submit, or the class is locked. Nothing is lost then.
        """
        chosen = self._chosen(numbers)
        self._write({self._workspace.class_id: chosen})

    def submit_apart(self, numbers: Iterable[int] | None = None) -> None:
        """Make a class of each object, in its colour; otherwise as `submit`."""
        chosen = self._chosen(numbers)
        before = self._workspace.profile
        after, classes = with_class_of_each(before, chosen)
        edit = ProfileEdit(self._workspace, before, after)
        edit.redo()
        try:
            self._write(classes, edit)
        except RwthSamError:
            edit.undo()
            raise

    def apply_rules(self) -> None:
        """Put every object that is not rejected or submitted into the class that the profile's rules give it.

        Raises
        ------
        StateError
            If no rule fits any object, or a class is locked. Nothing is lost then.
        """
        classes = classes_by_rules(self.detected)
        if not classes:
            raise StateError("No rule fits any object: make the ranges wider.")
        self._write(classes)

    def save_table(self, path: Path) -> None:
        """Write what is shown as a CSV file, with the class that each object was submitted to or is proposed for.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        detected = self.detected
        write_table(
            path,
            [each.object for each in detected],
            {each.object.number: each.neighbours for each in detected},
            {each.object.number: class_name(self._workspace.profile, each) for each in detected},
        )

    # inside

    def _write(self, classes: dict[str, list[int]], beside: ProfileEdit | None = None) -> None:
        of_number = {each.object.number: each.object for each in self.detected}
        reviews = {number: Review("submitted", each) for each, numbers in classes.items() for number in numbers}
        states = self._edit("", reviews, ())
        ids, groups = list(classes), [[of_number[number] for number in numbers] for numbers in classes.values()]
        blocks = ((ids[position], voxels, extent) for position, voxels, extent in voxel_blocks(groups))
        text = submit_text(self._workspace.profile, ids, len(reviews))
        side = Together((beside, states)) if beside is not None else states
        source = Source("automatic masks", self._source)
        self._submitting.write(text, ids, blocks, side, source=source)

    def _chosen(self, numbers: Iterable[int] | None) -> list[int]:
        detected = {each.object.number: each for each in self.detected}
        chosen = list(self.selection if numbers is None else numbers)
        if not chosen and numbers is None:
            chosen = [number for number, each in detected.items() if each.state == "accepted"]
        if not chosen:
            raise StateError("No object is selected: select some in the table or on the slice, or accept them first.")
        for number in chosen:
            if number not in detected:
                raise StateError(f"There is no object {number} in the table.")
            if detected[number].state == "submitted":
                raise StateError(f"Object {number} was submitted already: undo that first.")
        return chosen

    def _edit(self, text: str, reviews: Mapping[int, Review], selection: tuple[int, ...]) -> StateEdit[_Chosen]:
        before = _Chosen(self._objects, self._reviews, self.selection)
        return StateEdit(text, self._give_back, before, _Chosen(self._objects, {**self._reviews, **reviews}, selection))

    def _give_back(self, chosen: _Chosen) -> None:
        if chosen.objects is self._objects:  # a new run has other objects under these numbers
            self._reviews, self.selection = chosen.reviews, chosen.selection
            self._refresh()

    def _rows(self, objects: DetectedObjects) -> Iterable[ReviewedObject]:
        profile = self._workspace.profile
        return reviewed(objects, self._reviews, self.selection, profile, self._shows_rules)

    def _is_wanted(self, each: DetectedObject) -> bool:
        return self._settings.wants(each.measured["mean_grey"], each.middle_xy, each.is_doubtful)

    def _show(self, keys: Sequence[SliceKey]) -> None:
        if self._preview is None:
            self._preview = DetectedPreview(self._workspace.scene, self._workspace.require_volume())
        looks = {
            each.object.number: Look(each.color, each.is_selected)
            for each in self.detected
            if each.state in ("open", "accepted")
        }
        shown = {}
        for key in keys:
            masks = self._objects.on(key) if self._objects is not None else {}
            shown[key] = [(mask, looks[number]) for number, mask in masks.items() if number in looks]
        self._preview.show({key: masks for key, masks in shown.items() if masks})

    def _show_anew(self) -> None:
        """Show everything at the next look at the views, with nodes of its own."""
        if self._preview is not None:
            self._preview.clear()
        self._preview, self._seen_views = None, ()

    def _refresh(self) -> None:
        self._detected = None
        self._workspace.changed()

    @property
    def preview_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation that shows the objects, or None while there is nothing to show."""
        return self._preview.node if self._preview is not None else None
