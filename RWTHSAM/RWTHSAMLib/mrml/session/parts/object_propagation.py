"""From the temporary masks of some slices to an object in the volume, which is submitted as a whole.

The object follows its keyframes: a mask corrected by another prompt, or one more prompted slice, and it is found
anew as far as it depends on that. It is dropped with the last of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import slicer

from ....algorithms.propagation.neighbourhood import deepest_pixel
from ....algorithms.propagation.seed import seeds_of
from ....algorithms.propagation.step_cache import StepCache
from ....algorithms.propagation.table import COLUMNS, rows_of
from ....algorithms.propagation.track import TrackedSlice
from ....algorithms.propagation.tracks import PropagatedObject, PropagationTracks
from ....core.image import grey_near_window
from ....core.json_document import Node
from ....core.mask import Mask
from ....core.oblique_plane import ObliquePlane
from ....core.settings.propagation_run import PropagationRunSettings
from ....core.slices import ARRAY_AXIS, Axis, SliceKey
from ....core.system.csv_file import write_rows
from ....core.voxel_block import VoxelBlock, joined
from ....errors import NotReadyYet, RwthSamError, StateError
from ....worker.client import Reply
from ...previews.object import ObjectPreview
from ..part import Found, SessionPart
from ..session_engine import SessionEngine
from ..session_state import parsed_or_default
from ..workspace import Workspace
from .object_room import has_room_for, lack_of_room
from .prompting import Prompting
from .propagated_kept import Keyframes, KnownObject, begun, known_of, known_to_dict, same_masks
from .propagation_run import PropagationProgress, PropagationRun
from .refining import mask_of_class, no_voxels_on_slice

# choices: as often as an eye follows; blocks that are written in a moment
_SHOWN_EVERY_S = 0.25
_SLICES_A_BLOCK = 16


class ObjectPropagation(SessionPart):
    """The propagated object of a session, if there is one.

    Parameters
    ----------
    workspace : Workspace
    engine : SessionEngine
    prompting : Prompting
        Its masks are propagated.
    """

    FOUND_AS = "propagation"

    def __init__(self, workspace: Workspace, engine: SessionEngine, prompting: Prompting) -> None:
        self._workspace, self._engine, self._prompting = workspace, engine, prompting
        self._settings = PropagationRunSettings()
        self._used = self._settings
        self._step_cache = StepCache()
        self._keyframes: Keyframes | None = None
        self._run: PropagationRun | None = None
        self._known: KnownObject | None = None
        self._preview: ObjectPreview | None = None
        self._shown_s = 0.0
        self.error: RwthSamError | None = None

    # what is chosen and what is there

    @property
    def settings(self) -> PropagationRunSettings:
        """Rules, direction and range."""
        return self._settings

    def set_settings(self, choices: PropagationRunSettings) -> None:
        """Choose others; an object that is there is found anew, with the steps that are known.

        Raises
        ------
        SettingsError
            If a slice that the object comes from lies outside the range. The old choices stay then.
        """
        before, self._settings = self._settings, choices
        if choices != before and self._keyframes is not None:
            try:
                self._begin(self._keyframes)
            except RwthSamError:
                self._settings = before
                raise
        self._workspace.changed()

    @property
    def is_there(self) -> bool:
        """Whether an object is there, whole, in part, or under way."""
        return self._keyframes is not None

    @property
    def progress(self) -> PropagationProgress | None:
        """Of the propagation, until it has ended."""
        return self._run.progress if self._run is not None else None

    @property
    def result(self) -> PropagatedObject | None:
        """The object, or what there is of it after `stop`; None before."""
        return self._known.result if self._known is not None else None

    @property
    def axis(self) -> Axis | None:
        """Along which it is propagated."""
        return self._keyframes.axis if self._keyframes is not None else None

    @property
    def span(self) -> str:
        """Slices of the object in words, as in ``k = 4 to 12``; empty without one."""
        return self._known.result.span_on(self._known.keyframes.axis) if self._known is not None else ""

    @property
    def keyframe_indices(self) -> tuple[int, ...]:
        """The slices that it was propagated from."""
        return tuple(sorted(self._keyframes.masks)) if self._keyframes is not None else ()

    @property
    def voxel_count(self) -> int:
        """Number of voxels of the object."""
        return sum(each.mask.area for each in self._known.result.slices) if self._known is not None else 0

    @property
    def doubtful(self) -> tuple[SliceKey, ...]:
        """Slices to look at, in an order in which corrections help."""
        if self._known is None:
            return ()
        return tuple(SliceKey(self._known.keyframes.axis, each.index) for each in self._known.result.doubtful)

    @property
    def proposed(self) -> SliceKey | None:
        """The slice whose correction helps most, doubtful or not; None without an object or where all are prompted."""
        known = self._known
        if known is None or known.result.proposed is None:
            return None
        return SliceKey(known.keyframes.axis, known.result.proposed.index)

    @property
    def can_submit(self) -> bool:
        """Whether the object is there and no propagation goes on."""
        return self._known is not None

    @property
    def preview_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation that shows the object, or None while there is none."""
        return self._preview.node if self._preview is not None else None

    def middle_of(self, index: int) -> tuple[float, float, float]:
        """Voxel coordinates (i, j, k) of a pixel of the object deep inside one of its slices.

        Raises
        ------
        StateError
            If the object does not lie on the slice.
        """
        if self._known is not None:
            for each in self._known.result.slices:
                if each.index == index and not each.mask.is_empty:
                    return SliceKey(self._known.keyframes.axis, index).ijk_at(*deepest_pixel(each.mask))
        raise StateError("The object does not lie on this slice: go to one of its slices.")

    # a propagation

    def start(self) -> None:
        """Propagate the temporary masks along the axis of the slice that was prompted last.

        Raises
        ------
        StateError
            If there is no mask, one is awaited, or no model is loaded.
        SettingsError
            If a prompted slice lies outside the chosen range.
        """
        self._workspace.follow_scan(closely=True)
        key = self._prompting.active_plane
        if self._prompting.awaits_masks:
            raise NotReadyYet("The mask is still being computed: propagate it when it is shown.")
        if isinstance(key, ObliquePlane):
            raise StateError(
                "Objects are propagated along the scan's own axes: turn the view back onto the scan and click there."
            )
        own = (
            self._keyframes.own
            if self._keyframes is not None and key is not None and self._keyframes.axis == key.axis
            else {}
        )
        masks = {**own, **self._prompted(key.axis)} if key is not None else {}
        if key is None or not masks:
            raise StateError("There is no mask to propagate: click on the object on one of its slices first.")
        self._begin(Keyframes(key.axis, masks, own))
        self._workspace.changed()

    def start_from_class(self, slices: Sequence[SliceKey]) -> None:
        """Propagate what the chosen class has on some slices along one axis, and the temporary masks of that axis.

        Raises
        ------
        StateError
            If the class has no voxels there, or no model is loaded.
        """
        self._workspace.follow_scan(closely=True)
        if not slices or len({key.axis for key in slices}) != 1:
            raise StateError("A class is propagated from slices along one axis: choose at least one slice.")
        masks = {key.index: mask_of_class(self._workspace, key, self._workspace.class_id) for key in slices}
        own = {index: mask for index, mask in masks.items() if not mask.is_empty}
        if not own:
            raise no_voxels_on_slice(self._workspace.class_name)
        axis = slices[0].axis
        self._begin(Keyframes(axis, {**own, **self._prompted(axis)}, own))
        self._workspace.changed()

    def confirm(self, slice_key: SliceKey) -> None:
        """Say that the object is right on a slice: it is propagated from there too.

        Raises
        ------
        StateError
            If the object does not lie on the slice.
        """
        self._workspace.follow_scan(closely=True)
        found = {each.index: each.mask for each in self._known.result.slices} if self._known is not None else {}
        if self._keyframes is None or slice_key.axis != self._keyframes.axis or slice_key.index not in found:
            raise StateError("The object does not lie on this slice: go to one of its slices.")
        own = {**self._keyframes.own, slice_key.index: found[slice_key.index]}
        self._begin(Keyframes(self._keyframes.axis, {**own, **self._prompted(self._keyframes.axis)}, own))
        self._workspace.changed()

    def stop(self) -> None:
        """End the propagation; what is known of the object stays."""
        if self._run is not None:
            self._run.stop()
            self._end_run()
        self._workspace.changed()

    def clear(self) -> None:
        """Drop the object; prompts and classes stay."""
        if self._run is not None:
            self._run.drop()
        if self._preview is not None:
            self._preview.clear()
        self._keyframes, self._run, self._known, self.error = None, None, None, None
        self._workspace.changed()

    def leave_volume(self) -> None:
        """Drop everything that belongs to the volume."""
        self.clear()
        self._preview, self._step_cache = None, StepCache()

    def forget_voxels(self) -> None:
        """Drop the object: the scan has other grey values."""
        self.leave_volume()

    def pause(self) -> None:
        """Show nothing for a while, and end what goes on; an object that is known stays."""
        if self._run is not None:
            self.clear()
        if self._preview is not None:
            self._preview.clear()
        self._preview = None

    def follow_place(self, spacing: bool) -> None:
        """Show the object where the scan lies now."""
        if self._preview is not None:
            self._preview.clear()
        self._preview = None
        if self._known is not None:
            self._show({each.index: each.mask for each in self._known.result.slices})

    def ask_again(self) -> None:
        """Another model or window: no step that was taken counts any more."""
        self._step_cache = StepCache()
        if self._run is not None:
            self._run.drop()
            self._run = None

    def take(self, replies: Sequence[Reply]) -> bool:
        """Use what the engine answered; True if anything that is shown has changed."""
        changed = self._follow_prompts()
        if self._run is None:
            return changed
        changed = self._run.take(replies) or changed
        if self._run.result is not None:
            self._end_run()
            return True
        now_s = time.monotonic()
        if changed and now_s - self._shown_s > _SHOWN_EVERY_S:
            self._shown_s = now_s
            self._show(self._run.masks)
            if not has_room_for(self._workspace, self._run.axis, self._run.masks):
                self.stop()
                self.error = lack_of_room(self._workspace)
        return changed

    @property
    def problem(self) -> RwthSamError | None:
        """Why the propagation ended early."""
        return self.error

    @property
    def is_unfinished(self) -> bool:
        """Whether there is an object, or will be."""
        return self.is_there

    @property
    def is_awaited(self) -> bool:
        """Whether the propagation goes on."""
        return self.progress is not None

    def kept(self) -> dict[str, str]:
        """What was chosen."""
        return {"propagation": self._settings.to_json() if self._settings != PropagationRunSettings() else ""}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Choose it again."""
        self.set_settings(
            parsed_or_default(kept.get("propagation", ""), PropagationRunSettings.parse, PropagationRunSettings())
        )

    def found(self) -> Found | None:
        """The object; while a propagation goes on, what it comes from."""
        if self._keyframes is None:
            return None
        known = self._known or begun(self._keyframes, self._settings)
        return lambda: known_to_dict(known)

    def take_up_found(self, found: Node) -> None:
        """Let the object be there again, or be propagated again where it was under way."""
        shape_kji = self._workspace.require_geometry().shape_kji
        known, chosen = known_of(found, shape_kji, self._workspace.scan.version), self._settings
        self.give_back(known)
        self._settings = chosen  # the latest choice, with which what is under way goes on
        if known.is_only_begun:
            self._known = None

    @property
    def work_stamp(self) -> object:
        """The object, and what it comes from besides prompts."""
        own = None if self._keyframes is None else (self._keyframes.axis, *self._keyframes.own.items())
        return self._known, own

    # into a class

    def known(self) -> KnownObject:
        """The object and what it came from.

        Raises
        ------
        StateError
            If there is none, or it is not there yet.
        """
        if self._keyframes is None:
            raise StateError("There is no propagated object yet: propagate a mask first.")
        if self._known is None:
            raise NotReadyYet("The object is still being propagated: submit it at the end, or stop that first.")
        return self._known

    def give_back(self, known: KnownObject | None) -> None:
        """Let an object be there again, with its range, or none, as it has gone into a class.

        The next object has the whole scan before it. One that was found in other voxels than the scan has now is not
        given back.
        """
        first, last = (None, None) if known is None else (known.settings.first, known.settings.last)
        self._settings = replace(self._settings, first=first, last=last)
        if known is None or known.scan_version != self._workspace.scan.version:
            self.clear()
            return
        if self._run is not None:
            self._run.drop()
        self._keyframes, self._run, self._known, self.error = known.keyframes, None, known, None
        self._show({each.index: each.mask for each in known.result.slices})
        self._workspace.changed()

    def blocks(self) -> Iterator[VoxelBlock]:
        """Voxels of the object, some slices at a time; none without an object."""
        there = [each for each in self.result.slices if not each.mask.is_empty] if self.result is not None else []
        for first in range(0, len(there), _SLICES_A_BLOCK):
            yield _block(self.axis or "k", there[first : first + _SLICES_A_BLOCK])

    def save_table(self, path: Path) -> None:
        """Write the slices as a CSV file: area, score, whether doubtful or a keyframe, and what was wrong.

        Raises
        ------
        StateError
            If there is no object.
        InputError
            If the file cannot be written.
        """
        known = self.known()
        write_rows(path, [COLUMNS, *rows_of(known.keyframes.axis, known.result, known.keyframes.masks)])

    # inside

    def _begin(self, keyframes: Keyframes) -> None:
        self._engine.require_ready("masks can be propagated")
        geometry = self._workspace.require_geometry()
        count = geometry.shape_kji[ARRAY_AXIS[keyframes.axis]]
        first, last = self._settings.span(tuple(keyframes.masks), count)
        rules = self._settings.rules.resolved(geometry.slice_step(keyframes.axis))
        self._used = replace(self._settings, rules=rules)
        seeds = seeds_of(
            keyframes.masks,
            lambda index: self._values_of(SliceKey(keyframes.axis, index)),
            lambda index: self._workspace.image_of(SliceKey(keyframes.axis, index)),
            rules,
        )
        if self._run is not None:
            self._run.drop()
        tracks = PropagationTracks(
            keyframes.masks, seeds, first, last, rules, self._step_cache, self._settings.limits(count)
        )
        self._keyframes, self._known, self.error = keyframes, None, None
        self._run = PropagationRun(
            self._engine,
            self._workspace.image_of,
            self._values_of,
            keyframes.axis,
            count,
            tracks,
            rules.reach_px,
        )
        self._run.go()

    def _end_run(self) -> None:
        if self._run is None or self._keyframes is None or self._run.result is None:
            return
        prompts = {
            index: self._prompting.prompts_on(SliceKey(self._keyframes.axis, index))
            for index in self._prompted(self._keyframes.axis)
        }
        is_whole = self._run.is_finished and self._run.error is None
        is_stopped = not (self._run.is_finished or self._run.error)
        self._known = KnownObject(
            self._keyframes,
            self._run.result.as_stopped() if is_stopped else self._run.result,
            self._used,
            prompts,
            is_whole,
            self._workspace.scan.version,
            self._circumstances,
        )
        self.error = self._run.error
        self._show(self._run.masks)
        self._run = None

    def _follow_prompts(self) -> bool:
        """Begin anew where the masks that the object came from have changed."""
        are_there = not (self._prompting.awaits_masks or self._prompting.gathered)
        if self._keyframes is None or not are_there or self._engine.status.phase != "ready":
            return False
        masks = {**self._keyframes.own, **self._prompted(self._keyframes.axis)}
        if self._is_current and same_masks(masks, self._keyframes.masks):
            # those of an opened project were computed anew, and are compared only once
            self._keyframes = Keyframes(self._keyframes.axis, masks, self._keyframes.own)
            return False
        if not masks:
            self.clear()
            return True
        try:
            self._begin(Keyframes(self._keyframes.axis, masks, self._keyframes.own))
        except RwthSamError as error:
            self.clear()
            self.error = error
        return True

    @property
    def _is_current(self) -> bool:
        """Whether what is there, or under way, is what the model finds in what it is shown now."""
        if self._known is None:
            return self._run is not None
        return self._known.circumstances in ("", self._circumstances)

    @property
    def _circumstances(self) -> str:
        """What a mask depends on besides its prompts."""
        window = self._workspace.window
        shown = "" if window is None else f"{float(window.lower)!r} to {float(window.upper)!r}"
        return f"{self._engine.model_name} {shown}"

    def _prompted(self, axis: Axis) -> dict[int, Mask]:
        masks = self._prompting.masks.items()
        return {key.index: mask for key, mask in masks if isinstance(key, SliceKey) and key.axis == axis}

    def _values_of(self, key: SliceKey) -> np.ndarray:
        return grey_near_window(self._workspace.values_on(key), self._workspace.window, self._used.rules.grey)

    def _show(self, masks: Mapping[int, Mask]) -> None:
        if self._keyframes is None or self._workspace.scan_problem is not None:
            return
        axis, place = self._keyframes.axis, self._workspace
        shown = masks if has_room_for(place, axis, masks) else {}
        self._preview = self._preview or ObjectPreview(place.scene, place.require_grid_node())
        self._preview.show({SliceKey(axis, index): mask for index, mask in shown.items()})


def _block(axis: Axis, slices: Iterable[TrackedSlice]) -> VoxelBlock:
    block = joined(VoxelBlock.of_mask(each.mask, SliceKey(axis, each.index)) for each in slices)
    assert block is not None  # nobody asks for a block of no slice
    return block
