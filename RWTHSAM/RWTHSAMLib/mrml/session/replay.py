"""Doing a recorded segmentation again: the same steps, in the same order, give the same voxels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import slicer

from ...algorithms.propagation.in_volume import propagation_in
from ...algorithms.refine.class_part import replaced_by
from ...algorithms.windings.answer import answer
from ...core.extent import Extent
from ...core.image import SliceImage
from ...core.mask import Mask
from ...core.oblique_plane import Plane
from ...core.placed_masks import count, within
from ...core.settings.propagation import PropagationSettings
from ...core.slices import ARRAY_AXIS, SliceKey, Voxels
from ...core.voxel_block import VoxelBlock
from ...core.voxel_grid import VoxelGrid
from ...core.window import Window, propose_window
from ...inference.engine import SamEngine
from ...record.fitting import check_record_fits
from ...record.record_file import SegmentationRecord
from ...record.steps import (
    HandEdit,
    Keyframe,
    MadeWith,
    PromptedSlice,
    RecordedPropagation,
    RecordedVoxels,
    ScanFacts,
    Step,
    SubmittedStep,
    made_by,
)
from ...volumes.class_ledger import ClassLedger
from ...volumes.oblique import grey_on, mask_blocks
from ..nodes import segments, volumes
from ..nodes.volume_geometry import VolumeGeometry
from .replayed_classes import ClassesOfNode, ReplayedClasses

EngineOf = Callable[[MadeWith], SamEngine]
"""A loaded engine for what a step was made with."""


@dataclass(frozen=True, eq=False)
class ReplayedScan:
    """The scan that steps are done again on.

    Attributes
    ----------
    voxels_kji : Voxels
        (k, j, i) or (k, j, i, 3).
    grid : VoxelGrid
    facts : ScanFacts
    """

    voxels_kji: Voxels
    grid: VoxelGrid
    facts: ScanFacts


@dataclass(frozen=True)
class ReplayedStep:
    """What one recorded step gave.

    Attributes
    ----------
    step : Step
        As it was recorded.
    voxels : int
        How many it has for its class, before locks and other rules were applied.
    remark : str
        Why it gave nothing, or in which way it is not what was recorded; empty where all is well.
    """

    step: Step
    voxels: int = 0
    remark: str = ""


def replay(
    volume_node: slicer.vtkMRMLVolumeNode,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    record: SegmentationRecord,
    engine_of: EngineOf,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[ReplayedStep, ...]:
    """Segment a volume by recorded steps.

    Prompts and propagations are computed anew, on whatever scan. Recorded voxels are written on the scan that they
    are of, and left out on another one; edits by hand are left out. A remark says so.

    Parameters
    ----------
    volume_node : vtkMRMLVolumeNode
        The scan.
    segmentation_node : vtkMRMLSegmentationNode
        Has a segment for each class that the file names.
    record : SegmentationRecord
        What was recorded. Where it names no window, one is proposed from the histogram.
    engine_of : callable
        Gives the engine for each step.
    progress : callable, optional
        Called with the number of steps done and their total.

    Raises
    ------
    PromptError
        If a slice or class does not exist, or a prompt lies outside its slice; checked before anything is written.
    """
    check_fits(volume_node, segmentation_node, record)
    array_kji = volumes.volume_array_kji(volume_node)
    grid, facts = VolumeGeometry.of(volume_node), volumes.facts_of(volume_node)
    classes = ClassesOfNode(segmentation_node, volume_node)
    return _replayed(ReplayedScan(array_kji, grid, facts), classes, record, engine_of, progress)


def replay_from_disk(
    scan: ReplayedScan,
    classes: ClassLedger,
    record: SegmentationRecord,
    engine_of: EngineOf,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[ReplayedStep, ...]:
    """As `replay` does, of a scan and with classes that memory has no room for.

    Parameters
    ----------
    scan : ReplayedScan
    classes : ClassLedger
        Gets the voxels.
    record : SegmentationRecord
        Names a window.
    engine_of, progress
        As of `replay`.
    """
    check_record_fits(record, scan.grid.shape_kji, classes.class_ids)
    return _replayed(scan, classes, record, engine_of, progress)


def _replayed(
    scan: ReplayedScan,
    classes: ReplayedClasses,
    record: SegmentationRecord,
    engine_of: EngineOf,
    progress: Callable[[int, int], None] | None,
) -> tuple[ReplayedStep, ...]:
    replaying = _Replay(scan, classes, record, engine_of)
    report = []
    for done, step in enumerate(record.steps):
        report.append(replaying.do(step))
        if progress is not None:
            progress(done + 1, len(record.steps))
    return tuple(report)


def check_fits(
    volume_node: slicer.vtkMRMLVolumeNode,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    record: SegmentationRecord,
) -> None:
    """Raise `PromptError` or `GeometryError` unless every recorded step can be replayed on this volume."""
    geometry = VolumeGeometry.of(volume_node)
    segments.check_editable(segmentation_node)
    segments.check_grid(segmentation_node, geometry)
    class_ids = [segments.class_id_of(segmentation_node, each) for each in segments.segment_ids(segmentation_node)]
    check_record_fits(record, geometry.shape_kji, class_ids)


class _Replay:
    def __init__(
        self, scan: ReplayedScan, classes: ReplayedClasses, record: SegmentationRecord, engine_of: EngineOf
    ) -> None:
        self._scan, self._classes, self._engine_of = scan, classes, engine_of
        self._shape_kji = scan.grid.shape_kji
        self._is_other_scan = bool(record.scan.differences(scan.facts))
        self._record = record.made_with
        self._proposed: Window | None = None

    def do(self, step: Step) -> ReplayedStep:
        """Do one step."""
        if isinstance(step, HandEdit):
            return ReplayedStep(step, remark="edited by hand: not recorded voxel by voxel, so left out")
        if isinstance(step, PromptedSlice):
            return self._prompts(step)
        if isinstance(step, RecordedPropagation):
            return self._propagation(step)
        return self._voxels(step)

    def _prompts(self, step: PromptedSlice) -> ReplayedStep:
        mask = self._mask(step, step.slice, Keyframe(0, step.prompts))
        if step.prompts.replaces:
            lost = replaced_by(self._classes.mask_on(step.class_id, step.slice), mask, step.prompts.box)
            for block in mask_blocks(lost, step.slice, self._shape_kji):
                self._classes.erase(step.class_id, *block)
        return self._masks(step, {step.slice: mask})

    def _propagation(self, step: RecordedPropagation) -> ReplayedStep:
        if self._is_other_scan and any(
            each.mask is not None and each.mask.shape_yx != SliceKey(step.axis, each.index).shape_yx(self._shape_kji)
            for each in step.keyframes
        ):
            return ReplayedStep(step, remark="propagated from a mask of another scan: left out")
        keyframes = {each.index: self._mask(step, SliceKey(step.axis, each.index), each) for each in step.keyframes}
        keyframes = {index: mask for index, mask in keyframes.items() if not mask.is_empty}
        if not keyframes:
            return ReplayedStep(step, remark="its prompts gave empty masks")
        made_with = made_by(step, self._record)
        propagation = propagation_in(
            self._scan.voxels_kji, step.axis, self._engine_of(made_with), self._window(made_with), self._rules(step)
        )
        span = step.settings.span(tuple(keyframes), self._shape_kji[ARRAY_AXIS[step.axis]])
        found = propagation.run(keyframes, *span)
        return self._masks(step, {SliceKey(step.axis, each.index): each.mask for each in found.slices})

    def _rules(self, step: RecordedPropagation) -> PropagationSettings:
        return step.settings.rules.resolved(self._scan.grid.slice_step(step.axis))

    def _voxels(self, step: RecordedVoxels) -> ReplayedStep:
        if self._is_other_scan:
            return ReplayedStep(step, remark=f"{step.source} of another scan, kept voxel by voxel: left out")
        for key, mask in step.lost:
            self._classes.erase(step.class_id, *VoxelBlock.of_mask(mask.unpack(), key))
        for key, mask in step.masks:
            self._write(step, *VoxelBlock.of_mask(mask.unpack(), key), keeps_all=not step.overwrites)
        return ReplayedStep(step, count(step.masks))

    def _masks(self, step: SubmittedStep, masks: Mapping[Plane, Mask]) -> ReplayedStep:
        blocks = [block for plane, mask in masks.items() for block in mask_blocks(mask, plane, self._shape_kji)]
        for block in blocks:
            self._write(step, *block)
        voxels = sum(int(np.count_nonzero(inside)) for inside, _ in blocks)
        return ReplayedStep(step, voxels, _difference(step, voxels))

    def _write(self, step: SubmittedStep, voxels: np.ndarray, extent: Extent, keeps_all: bool = False) -> None:
        if step.withheld and not self._is_other_scan:
            voxels = voxels & ~within(step.withheld, extent)
        kept = None if keeps_all else step.kept
        if voxels.any():
            self._classes.submit(step.class_id, voxels, extent, kept, step.spared)

    def _mask(self, step: SubmittedStep, plane: Plane, keyframe: Keyframe) -> Mask:
        if keyframe.mask is not None:
            return keyframe.mask.unpack()
        assert keyframe.prompts is not None
        made_with = made_by(step, self._record)
        image = SliceImage.of_scan(grey_on(self._scan.voxels_kji, plane), self._window(made_with))
        return answer(self._engine_of(made_with), image, keyframe.prompts).best.mask

    def _window(self, made_with: MadeWith) -> Window:
        if made_with.window is not None:
            return made_with.window
        if self._proposed is None:
            self._proposed = propose_window(np.asarray(self._scan.voxels_kji))  # on disk a record names one
        return self._proposed


def _difference(step: SubmittedStep, voxels: int) -> str:
    if voxels == 0:
        return "its prompts gave an empty mask"
    if step.voxels is None or step.voxels == voxels:
        return ""
    return f"{voxels} voxels, {step.voxels} when it was recorded"
