"""Annotation without prompts: the engine looks through slices, what it finds is shown, chosen and put into classes.

Everything found is a candidate until a person submits it; classes change by `submit`, `submit_apart` and `apply_rules`
only, each one undo step, and what other classes hold already is left to them unless asked otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import slicer

from ....algorithms.automatic.detected_objects import DetectedObject, DetectedObjects
from ....algorithms.automatic.linking import get_ready
from ....algorithms.automatic.table import write_table
from ....algorithms.automatic.voxel_blocks import voxel_blocks
from ....core.color import Color, palette_color
from ....core.json_document import Json, Node
from ....core.oblique_plane import ObliquePlane
from ....core.profile import SegmentationProfile
from ....core.settings.automatic_run import AutomaticRunSettings
from ....core.settings.class_rules import Rule
from ....core.slices import SliceKey
from ....errors import RwthSamError, StateError
from ....worker.client import Reply
from ...nodes import volumes
from ...nodes.volume_geometry import VolumeGeometry
from ...nodes.written_blocks import Source
from ...previews.detected import DetectedPreview, Look
from ..edits import ProfileEdit, StateEdit, Together
from ..part import Found, SessionPart
from ..session_engine import SessionEngine
from ..session_state import parsed_or_default
from ..workspace import Workspace
from .automatic_kept import KeptObjects, Review, ReviewState, kept_of, kept_to_dict
from .automatic_run import AutomaticRun, RunProgress
from .prompting import Prompting
from .submitting import Submitting

# choices for the eye: more colours are not told apart; grey is what no class has
_COLORS = 12
_NO_CLASS_COLOR = (0.6, 0.6, 0.6)


@dataclass(frozen=True, eq=False)
class _Chosen:
    """What a person did with the objects of one run."""

    objects: DetectedObjects | None
    reviews: Mapping[int, Review]
    selection: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ReviewedObject:
    """An object that was found, as a row of a table shows it.

    Attributes
    ----------
    object : DetectedObject
    state : str
        ``"open"``, ``"accepted"``, ``"rejected"`` or ``"submitted"``.
    color : tuple of float
        On the slices: its own, or that of the class that a rule gives it while rules are shown.
    is_selected : bool
    class_id : str, optional
        The class that it was submitted to, else the one that the profile's rules give it.
    neighbours : frozenset of int
        Numbers of the objects beside or in it.
    """

    object: DetectedObject
    state: ReviewState
    color: Color
    is_selected: bool
    class_id: str | None
    neighbours: frozenset[int]


class AutomaticMasks(SessionPart):
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
        self._workspace, self._engine = workspace, engine
        self._prompting, self._submitting = prompting, submitting
        self._settings = AutomaticRunSettings()
        self._run: AutomaticRun | None = None
        self._objects: DetectedObjects | None = None
        self._reviews: Mapping[int, Review] = {}
        self._source: dict[str, Json] = {}  # what the objects were found with
        self._preview: DetectedPreview | None = None
        self._shows_rules = False
        self._detected: tuple[ReviewedObject, ...] | None = None
        self._detected_for: SegmentationProfile | None = None
        self._seen_views: tuple[object, ...] = ()
        self._seen_percent = 0
        self.selection: tuple[int, ...] = ()

    # what is chosen and what is there

    @property
    def settings(self) -> AutomaticRunSettings:
        """Settings of the next run, and what of the present result is shown."""
        return self._settings

    def set_settings(self, choices: AutomaticRunSettings) -> None:
        """Choose; filters act on the present result at once, settings on the next run."""
        if choices.min_slices != self._settings.min_slices and self._objects is not None:
            self._objects.min_slices = choices.min_slices
        self._settings = choices
        self._refresh()

    def use_box(self) -> None:
        """Keep only objects inside the box that was drawn last.

        Raises
        ------
        StateError
            If there is none, or it lies on an oblique plane or on a slice along another axis than the objects.
        """
        where = self._prompting.active_plane
        box = self._prompting.prompts_on(where).box if where is not None else None
        if box is None or where is None:
            raise StateError("There is no box: draw one on a slice first.")
        if isinstance(where, ObliquePlane):
            raise StateError("The box lies on an oblique plane: draw one on a slice of the scan.")
        axis = self.detected[0].object.masks[0].key.axis if self.detected else where.axis
        if axis != where.axis:
            raise StateError(
                f"The box lies on a slice along {where.axis}, the objects were looked for along {axis}: draw one there."
            )
        self.set_settings(replace(self.settings, region_xyxy=box.box_xyxy))

    def use_points(self) -> None:
        """Ask the positive points of the slice that was prompted last instead of a grid, on every slice of a run.

        Raises
        ------
        StateError
            If there is none, or they lie on an oblique plane.
        """
        where = self._prompting.active_plane
        points = self._prompting.prompts_on(where).points if where is not None else ()
        points_xy = [(each.x, each.y) for each in points if each.positive]
        if where is None or not points_xy:
            raise StateError("There is no positive point: click some on a slice first, in the mode for prompts.")
        if isinstance(where, ObliquePlane):
            raise StateError("The points lie on an oblique plane: click some on a slice of the scan.")
        shape_yx = where.shape_yx(VolumeGeometry.of(self._workspace.require_volume()).shape_kji)
        self.set_settings(replace(self.settings, generator=self.settings.generator.asking(points_xy, shape_yx)))

    def use_grid(self) -> None:
        """Ask a grid of points again."""
        self.set_settings(replace(self.settings, generator=self.settings.generator.with_grid))

    def follow_profile(self, before: SegmentationProfile) -> None:
        """Another profile was chosen: its settings are taken up, its rules apply."""
        settings = self._workspace.profile.automatic.settings
        if settings is not None and settings != before.automatic.settings:
            self._settings = replace(self._settings, generator=settings)
        self._detected = None

    def keep_settings(self) -> None:
        """Write the present settings into the profile."""
        profile = self._workspace.profile
        automatic = replace(profile.automatic, settings=self._settings.generator)
        self._workspace.set_profile(replace(profile, automatic=automatic))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The profile's rules."""
        return self._workspace.profile.automatic.rules

    def set_rules(self, rules: Iterable[Rule]) -> None:
        """Give the profile other rules.

        Raises
        ------
        ProfileError
            If a rule names a class that the profile does not have.
        """
        profile = self._workspace.profile
        self._workspace.set_profile(replace(profile, automatic=replace(profile.automatic, rules=tuple(rules))))
        self._refresh()

    @property
    def shows_rules(self) -> bool:
        """Whether objects are shown in the colours of the classes that the rules give them."""
        return self._shows_rules

    def show_rules(self, shown: bool) -> None:
        """Preview the rules, or show each object in its own colour."""
        self._shows_rules = shown
        self._refresh()

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
            beside = self._objects.neighbours() if self._objects is not None else {}
            every = self._objects.objects if self._objects is not None else ()
            self._detected = tuple(self._reviewed(each, beside[each.number]) for each in every if self._is_wanted(each))
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

    def kept(self) -> dict[str, str]:
        """What was chosen."""
        return {"automatic": self._settings.to_json() if self._settings != AutomaticRunSettings() else ""}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Choose it again."""
        self.set_settings(
            parsed_or_default(kept.get("automatic", ""), AutomaticRunSettings.parse_kept, AutomaticRunSettings())
        )

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
        text = f"{words.get(state, 'Reopen')} {_count(len(chosen))}"
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
        before = after = self._workspace.profile
        classes: dict[str, list[int]] = {}
        for number in chosen:
            name = next(n for n in _names(number) if after.class_named(n) is None)
            after = after.adding(name)
            after = after.recolouring(after.classes[-1].id, palette_color(number))
            classes[after.classes[-1].id] = [number]
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
        classes: dict[str, list[int]] = {}
        for each in self.detected:
            if each.class_id is not None and each.state in ("open", "accepted"):
                classes.setdefault(each.class_id, []).append(each.object.number)
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
            {each.object.number: self._class_name(each) for each in detected},
        )

    # inside

    def _class_name(self, reviewed: ReviewedObject) -> str:
        entry = self._workspace.profile.class_by_id(reviewed.class_id) if reviewed.class_id is not None else None
        return entry.name if entry is not None else ""

    def _write(self, classes: dict[str, list[int]], beside: ProfileEdit | None = None) -> None:
        of_number = {each.object.number: each.object for each in self.detected}
        reviews = {number: Review("submitted", each) for each, numbers in classes.items() for number in numbers}
        states = self._edit("", reviews, ())
        ids, groups = list(classes), [[of_number[number] for number in numbers] for numbers in classes.values()]
        blocks = ((ids[position], voxels, extent) for position, voxels, extent in voxel_blocks(groups))
        names = ", ".join(f"'{self._workspace.profile.require_class(each).name}'" for each in ids[:3])
        text = f"Submit {_count(len(reviews))} to {names}{', ...' if len(ids) > 3 else ''}"
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

    def _reviewed(self, each: DetectedObject, beside: frozenset[int]) -> ReviewedObject:
        proposed = self._workspace.profile.automatic.class_of(each.measured)
        review = self._reviews.get(each.number, Review())
        class_id = review.class_id or proposed
        return ReviewedObject(
            each, review.state, self._color(each, proposed), each.number in self.selection, class_id, beside
        )

    def _color(self, each: DetectedObject, proposed: str | None) -> Color:
        if not self._shows_rules:
            return palette_color((each.number - 1) % _COLORS)
        return self._workspace.profile.require_class(proposed).color if proposed is not None else _NO_CLASS_COLOR

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


def _count(number: int) -> str:
    return "1 object" if number == 1 else f"{number} objects"


def _names(number: int) -> Iterable[str]:
    """Names for the class of an object, the first one that is free is taken."""
    yield f"Object {number}"
    yield from (f"Object {number} ({copy})" for copy in range(2, 300))
