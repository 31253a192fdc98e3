"""What was done on one level of a scan, said for another: prompts of an overview go to the full resolution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..core.crop import with_tile
from ..core.mask import Mask, PackedMask
from ..core.oblique_plane import ObliquePlane
from ..core.placed_masks import PlacedMasks
from ..core.prompts import BoxPrompt, PointPrompt, Prompt, Prompts
from ..core.slices import ARRAY_AXIS, Axis, SliceKey
from ..core.voxel_grid import VoxelGrid
from ..errors import PromptError
from .record_file import SegmentationRecord
from .steps import HandEdit, Keyframe, PromptedSlice, RecordedPropagation, ScanFacts, Step

_MOST_TURNED = 1e-3
"""Of a voxel: levels of a scan lie along the same axes."""


def on_other_level(record: SegmentationRecord, before: VoxelGrid, after: VoxelGrid) -> SegmentationRecord:
    """The same steps, in voxels of another level of the scan.

    A point goes to the middle of its voxel, a box to the outer edges of its corners, a slice to the one in its middle,
    a mask to all voxels that its pixels are made of.

    Parameters
    ----------
    record : SegmentationRecord
        Made on `before`.
    before, after : VoxelGrid
        Of both levels.

    Raises
    ------
    PromptError
        If the grids are no levels of one scan, or something was prompted on an oblique plane.
    """
    lattice = _Lattice.between(before, after)
    return replace(record, steps=tuple(lattice.step(each) for each in record.steps), scan=ScanFacts(record.scan.name))


@dataclass(frozen=True)
class _Axis:
    """Places along an axis of one level in voxels of another: `factor` times the place, plus `offset`."""

    factor: float
    offset: float
    count: int

    def middle(self, index: float) -> int:
        return self._inside(round(self.factor * index + self.offset))

    def first(self, index: int) -> int:
        return self._inside(round(self.factor * (index - 0.5) + self.offset + 0.5))

    def last(self, index: int) -> int:
        return self._inside(round(self.factor * (index + 0.5) + self.offset - 0.5))

    def every(self, index: int) -> range:
        """All that lie in one voxel of the level before, or the one that it lies in."""
        middle = self.middle(index)
        return range(self.first(index), self.last(index) + 1) if self.factor > 1 else range(middle, middle + 1)

    def back(self) -> np.ndarray:
        """Which place of the level before each voxel of this one comes from, rounded."""
        places: np.ndarray = np.rint((np.arange(self.count) - self.offset) / self.factor).astype(int)
        return places

    def _inside(self, index: int) -> int:
        return min(max(0, index), self.count - 1)


@dataclass(frozen=True)
class _Lattice:
    """How voxels of one level lie among those of another."""

    axes_kji: tuple[_Axis, _Axis, _Axis]

    @classmethod
    def between(cls, before: VoxelGrid, after: VoxelGrid) -> _Lattice:
        matrix = after.ras_to_ijk @ before.ijk_to_ras
        factors = np.diag(matrix)[:3]
        turned = matrix[:3, :3] - np.diag(factors)
        if np.abs(turned).max() > _MOST_TURNED or factors.min() <= 0:
            raise PromptError("The prompts were made on a scan that is turned otherwise: open that one.")
        k, j, i = (_Axis(float(factors[axis]), float(matrix[axis, 3]), after.shape_kji[2 - axis]) for axis in (2, 1, 0))
        return cls((k, j, i))

    def step(self, step: Step) -> Step:
        if isinstance(step, HandEdit):
            return step
        withheld = tuple(self._masks(step.withheld))
        if isinstance(step, PromptedSlice):
            return replace(self._prompted(step), withheld=withheld, voxels=None)
        if isinstance(step, RecordedPropagation):
            return replace(self._propagated(step), withheld=withheld, voxels=None)
        masks, lost = tuple(self._masks(step.masks)), tuple(self._masks(step.lost))
        return replace(step, masks=masks, lost=lost, withheld=withheld, voxels=None)

    def _prompted(self, step: PromptedSlice) -> PromptedSlice:
        if isinstance(step.slice, ObliquePlane):
            raise PromptError(
                f"Class '{step.class_id}' is prompted on an oblique plane, which is no plane of another level: work on "
                "the level that it was prompted on."
            )
        key = SliceKey(step.slice.axis, self._along(step.slice.axis).middle(step.slice.index))
        return replace(step, slice=key, prompts=self._prompts(step.prompts, key.axis))

    def _propagated(self, step: RecordedPropagation) -> RecordedPropagation:
        along, settings = self._along(step.axis), step.settings
        keyframes = tuple(
            Keyframe(
                along.middle(each.index),
                None if each.prompts is None else self._prompts(each.prompts, step.axis),
                None if each.mask is None else self._keyframe(each.mask, step.axis),
            )
            for each in step.keyframes
        )
        first = None if settings.first is None else along.first(settings.first)
        last = None if settings.last is None else along.last(settings.last)
        return replace(step, keyframes=keyframes, settings=replace(settings, first=first, last=last))

    def _prompts(self, prompts: Prompts, axis: Axis) -> Prompts:
        x, y = self._across(axis)
        items = tuple(_moved(item, x, y) for item in prompts.items)
        return with_tile(replace(prompts, items=items, tile_xyxy=None), (y.count, x.count), "auto")

    def _keyframe(self, mask: PackedMask, axis: Axis) -> PackedMask:
        scaled = self._mask(mask, axis)
        if scaled is None:
            raise PromptError("The mask of a slice has no pixel on this level: work on a finer one.")
        return scaled

    def _mask(self, mask: PackedMask, axis: Axis) -> PackedMask | None:
        """None where nothing is left of it."""
        x, y = self._across(axis)
        rows, columns = y.back(), x.back()
        whole = mask.unpack().to_array()
        inside = np.ix_(np.clip(rows, 0, whole.shape[0] - 1), np.clip(columns, 0, whole.shape[1] - 1))
        scaled = Mask.from_array(whole[inside])
        return None if scaled.is_empty else PackedMask.of(scaled)

    def _masks(self, masks: PlacedMasks) -> Iterator[tuple[SliceKey, PackedMask]]:
        for key, mask in masks:
            along, scaled = self._along(key.axis), self._mask(mask, key.axis)
            if scaled is None:
                continue
            for index in along.every(key.index):
                yield SliceKey(key.axis, index), scaled

    def _along(self, axis: Axis) -> _Axis:
        return self.axes_kji[ARRAY_AXIS[axis]]

    def _across(self, axis: Axis) -> tuple[_Axis, _Axis]:
        """Along the columns and rows of slices: x and y."""
        y, x = (each for number, each in enumerate(self.axes_kji) if number != ARRAY_AXIS[axis])
        return x, y


def _moved(prompt: Prompt, x: _Axis, y: _Axis) -> Prompt:
    if isinstance(prompt, PointPrompt):
        return replace(prompt, x=x.middle(prompt.x), y=y.middle(prompt.y))
    if isinstance(prompt, BoxPrompt):
        left, top = x.first(prompt.x_min), y.first(prompt.y_min)
        return BoxPrompt(left, top, max(left, x.last(prompt.x_max)), max(top, y.last(prompt.y_max)))
    points = tuple((x.middle(column), y.middle(row)) for column, row in prompt.points_xy)
    if prompt.half_width_px is None:
        return replace(prompt, points_xy=points)
    return replace(prompt, points_xy=points, half_width_px=prompt.half_width_px * (x.factor + y.factor) / 2)
