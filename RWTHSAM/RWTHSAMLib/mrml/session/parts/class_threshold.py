"""A threshold that a person is choosing: the slices in view show what would be left, the classes stay as they are."""

from __future__ import annotations

import shlex
from dataclasses import asdict

import numpy as np
import slicer

from ....errors import RwthSamError, StateError
from ...nodes.volume_geometry import VolumeGeometry
from ...nodes.written_blocks import Source
from ...previews.mask import Preview
from ..edits import Together
from ..part import SessionPart
from ..workspace import Workspace
from .submitting import Submitting
from .threshold_refinement import UNSUBMITTED, ThresholdRefinement, ThresholdSources


class ClassThreshold(SessionPart):
    """The threshold under consideration of a session, if there is one.

    Parameters
    ----------
    workspace : Workspace
    sources : ThresholdSources
    submitting : Submitting
        Writes what is left.

    Attributes
    ----------
    error : RwthSamError, optional
        Why nothing can be shown.
    shown_pixels : int
        Of all slices in view together.
    """

    def __init__(self, workspace: Workspace, sources: ThresholdSources, submitting: Submitting) -> None:
        self._workspace, self.sources, self._submitting = workspace, sources, submitting
        self._wanted: ThresholdRefinement | None = None
        self._preview: Preview | None = None
        self._seen: tuple[object, ...] = ()
        self._threshold: tuple[tuple[object, ...], float | None] = ((), None)
        self.error: RwthSamError | None = None
        self.shown_pixels = 0

    @property
    def wanted(self) -> ThresholdRefinement | None:
        """What is under consideration."""
        return self._wanted

    @property
    def preview_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation that shows what would be left, or None while there is nothing to show."""
        return self._preview.node if self._preview is not None else None

    @property
    def source(self) -> str:
        """What would be thresholded: see `ThresholdSources.now`."""
        return self.sources.now

    @property
    def source_name(self) -> str:
        """That in words."""
        if self.source == UNSUBMITTED:
            return "the temporary mask"
        return f"'{self._workspace.profile.require_class(self.source).name}'"

    def consider(self, wanted: ThresholdRefinement | None) -> None:
        """Show what this would leave, or nothing; `StateError` where the scan stays on the disk."""
        if wanted is not None:
            self._check_in_memory(wanted)
        self._wanted, self._seen, self.error = wanted, (), None
        if wanted is None:
            self._clear()
        self._workspace.changed()

    def apply(self) -> int:
        """Apply it; one undo step. Returns how many voxels are left.

        Raises
        ------
        StateError
            If nothing is under consideration, a class has no voxel, or nothing would be left.
        """
        if self._wanted is None:
            raise StateError("No threshold is being considered: choose what to keep first.")
        count = self.refine(self._wanted)
        self.consider(None)
        return count

    def refine(self, wanted: ThresholdRefinement) -> int:
        """Put the result into its class as one undo step; returns how many voxels it has.

        Raises
        ------
        StateError
            If a class has no voxel, a mask is awaited, or nothing is left; nothing is written then.
        """
        self._check_in_memory(wanted)
        self.sources.check_is_there(wanted.source)
        voxels, extent = self.sources.thresholded_voxels(wanted)
        if not voxels.any():
            raise StateError("Nothing is left of it: widen the grey values or the rim.")
        names = {UNSUBMITTED: "temporary mask", **{each.id: each.name for each in self._workspace.profile.classes}}
        source, target = (names.get(each, each) for each in (wanted.source, wanted.target))
        recorded = Source(f"'{source}' thresholded", asdict(wanted))
        write = self._submitting.write
        if wanted.source == wanted.target:
            lost = self.sources.class_voxels(wanted.source, extent) & ~voxels
            replaced = [(wanted.source, lost, extent)]
            write(f"Threshold '{source}'", [wanted.source], (), Together(()), source=recorded, replaced=replaced)
        else:
            blocks = [(wanted.target, voxels, extent)]
            giving = () if wanted.source == UNSUBMITTED else (wanted.source,)
            beside = self._submitting.leaving() if wanted.source == UNSUBMITTED else Together(())
            write(
                f"Threshold '{source}' to '{target}'", [wanted.target], blocks, beside, source=recorded, giving=giving
            )
        return int(np.count_nonzero(voxels))

    def _check_in_memory(self, wanted: ThresholdRefinement) -> None:
        words = shlex.join(self._words(wanted)).replace("{", "{{").replace("}", "}}")
        self._workspace.check_in_memory(
            "A threshold of a class",
            f"rwthsam threshold {{labels}} {{scan}} -o threshold.seg.nrrd {words} reads it from there",
        )

    def _words(self, wanted: ThresholdRefinement) -> list[str]:
        """What is under consideration, as the command takes it; an unsubmitted mask has to be submitted first."""
        names = {each.id: each.name for each in self._workspace.profile.classes}
        settings, source = wanted.settings, names.get(wanted.source, names.get(wanted.target, ""))
        words = ["--class", source, "--to", names.get(wanted.target, "")]
        for flag, classes in (("--outside", wanted.outside), ("--inside", wanted.inside)):
            words += [word for each in classes for word in (flag, names[each])]
        if settings.grey is not None:
            ends = settings.grey.lower, settings.grey.upper
            words += ["--grey", *("open" if end is None else f"{end:g}" for end in ends)]
        words += ["--otsu", settings.otsu] if settings.otsu is not None else []
        words += ["--rim", f"{settings.rim_mm:g}"] if settings.rim_mm is not None else []
        words += ["--smooth", f"{settings.smooth_mm:g}"] if settings.smooth_mm else []
        words += ["--least-voxels", str(settings.least_voxels)] if settings.least_voxels > 1 else []
        return words

    def leave_volume(self) -> None:
        """Drop everything that belongs to the volume."""
        self._wanted, self._seen, self.error = None, (), None
        self._clear()
        self._preview = None

    def pause(self) -> None:
        """Consider nothing: the scan cannot be used at present."""
        self.leave_volume()

    def follow_place(self, spacing: bool) -> None:
        """What is shown is found anew at the next look at the views."""
        self.forget_voxels()

    def forget_voxels(self) -> None:
        """What is shown is found anew at the next look at the views."""
        self._seen, self._threshold = (), ((), None)
        self._clear()
        self._preview = None

    def look(self) -> bool:
        """Show what lies on the slices in view; called again and again, cheap where nothing has changed.

        True if what is known has changed.
        """
        if self._wanted is None or self._workspace.volume_node is None or self._workspace.scan_problem is not None:
            return False
        views = self._workspace.slice_nodes()
        stamp = (self._wanted, *self.sources.stamp(self._wanted.source), *(each.GetMTime() for each in views))
        if stamp == self._seen:
            return False
        self._seen = stamp
        before, self.error = (self.error, self.shown_pixels), None
        try:
            self._show(self._wanted)
        except RwthSamError as error:
            self._clear()
            self.error = error
        return before != (self.error, self.shown_pixels)

    def _show(self, wanted: ThresholdRefinement) -> None:
        chosen = (wanted.source, wanted.outside, wanted.inside, wanted.settings.otsu is None)
        known = (*chosen, *self.sources.stamp(wanted.source))
        if self._threshold[0] != known:
            self._threshold = known, self.sources.threshold_of(wanted)
        volume = self._workspace.require_volume()
        geometry = VolumeGeometry.of(volume)
        keys = {geometry.slice_shown(view) for view in self._workspace.slice_nodes()}
        masks = {
            key: self.sources.thresholded_on_slice(wanted, key, self._threshold[1]) for key in keys if key is not None
        }
        self._clear()
        self._preview = self._preview or Preview(self._workspace.scene, volume, outlined=False)
        for key, mask in masks.items():
            self._preview.show(key, mask)
        self.shown_pixels = sum(mask.area for mask in masks.values())

    def _clear(self) -> None:
        self.shown_pixels = 0
        if self._preview is not None:
            self._preview.clear()
