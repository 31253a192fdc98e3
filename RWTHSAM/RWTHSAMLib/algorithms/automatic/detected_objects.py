"""Everything that was found in a scan: masks of neighbouring slices linked to objects, measured, told apart.

Slices may come in any order, now and later; objects keep their numbers while they grow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...core.automatic_mask import WEAK_CONTRAST, FoundMask
from ...core.extent import Extent, union_of
from ...core.mask import Mask
from ...core.slices import Axis, SliceKey
from .found_block import FoundBlock, Pairs
from .found_codec import FoundSlices
from .linking import SAME_OBJECT_IOU, chained, pairs
from .mask_quantities import MeasuredMask, measured

NEAR_PIXELS = 2
"""Masks of a slice that are no further apart are neighbours."""


@dataclass(frozen=True, eq=False)
class DetectedObject:
    """One object.

    Attributes
    ----------
    number : int
        From 1; stays while the object grows.
    masks : tuple of MeasuredMask
        In the order of slices, without gaps.
    spacing_mm_ijk : tuple of float
    """

    number: int
    masks: tuple[MeasuredMask, ...]
    spacing_mm_ijk: tuple[float, float, float]

    @property
    def voxel_count(self) -> int:
        """Voxels of all slices."""
        return sum(each.area for each in self.masks)

    @property
    def volume_mm3(self) -> float:
        """Volume of these voxels."""
        return self.voxel_count * float(np.prod(self.spacing_mm_ijk))

    @property
    def extent(self) -> Extent:
        """Bounding box in voxels."""
        extent = union_of(each.key.extent(each.found.mask.bounds_xyxy) for each in self.masks)
        assert extent is not None  # an object has a mask
        return extent

    @property
    def is_doubtful(self) -> bool:
        """Whether the picture speaks against most of its masks."""
        return self.is_doubtful_below(WEAK_CONTRAST)

    def is_doubtful_below(self, least_contrast: float) -> bool:
        """As `is_doubtful`, for those who want another contrast of a mask to what is around it."""
        doubtful = [each.found.judgement.is_doubtful_below(least_contrast) for each in self.masks]
        return sum(doubtful) * 2 > len(doubtful)

    @property
    def middle_xy(self) -> tuple[float, float]:
        """Centroid in pixels of its slices."""
        return self._mean(lambda each: each.middle_xy[0]), self._mean(lambda each: each.middle_xy[1])

    @cached_property
    def measured(self) -> dict[str, float]:
        """Every quantity of `class_rules.QUANTITIES`."""
        middle_x, middle_y = self.middle_xy
        width_mm, height_mm = self.masks[0].key.pixel_mm_xy(self.spacing_mm_ijk)
        rows, columns = self.masks[0].found.mask.shape_yx
        off_mm = np.hypot((middle_x - (columns - 1) / 2) * width_mm, (middle_y - (rows - 1) / 2) * height_mm)
        return {
            "area_mm2": max(each.area for each in self.masks) * width_mm * height_mm,
            "volume_mm3": self.volume_mm3,
            "slice_count": len(self.masks),
            "mean_grey": self._mean(lambda each: each.mean_grey),
            "roundness": self._mean(lambda each: each.roundness),
            "x_share": (middle_x + 0.5) / columns,
            "y_share": (middle_y + 0.5) / rows,
            "from_middle": float(off_mm / (min(rows * height_mm, columns * width_mm) / 2)),
            "predicted_iou": self._mean(lambda each: each.found.predicted_iou),
            "stability_score": self._mean(lambda each: each.found.stability_score),
        }

    def _mean(self, of: Callable[[MeasuredMask], float]) -> float:
        """Mean over its masks, each counting by its area."""
        return float(np.average([of(each) for each in self.masks], weights=[each.area for each in self.masks]))


class DetectedObjects:
    """The objects of a run along one axis.

    Parameters
    ----------
    axis : str
        The slices lie along it.
    spacing_mm_ijk : tuple of float
    min_iou : float
        Least overlap of two masks of one object on neighbouring slices.
    min_slices : int
        Shorter objects are left out.
    """

    def __init__(
        self,
        axis: Axis,
        spacing_mm_ijk: tuple[float, float, float],
        min_iou: float = SAME_OBJECT_IOU,
        min_slices: int = 1,
    ) -> None:
        self.axis, self.spacing_mm_ijk = axis, spacing_mm_ijk
        self._min_iou, self._min_slices = min_iou, min_slices
        self._masks: dict[int, tuple[MeasuredMask, ...]] = {}
        self._joined: dict[int, list[tuple[int, int]]] = {}
        self._touching: dict[int, frozenset[tuple[int, int]]] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._known: dict[int, DetectedObject] = {}
        self._beside: dict[int, frozenset[int]] | None = None
        self._highest_number = 0
        self._last_unpacked: tuple[int, list[Mask]] = (-2, [])
        self._objects: tuple[DetectedObject, ...] | None = None
        self._on_slice: dict[int, list[tuple[int, MeasuredMask]]] = {}

    @property
    def min_slices(self) -> int:
        """Shorter objects are left out."""
        return self._min_slices

    @min_slices.setter
    def min_slices(self, count: int) -> None:
        self._min_slices, self._objects, self._beside = count, None, None

    @property
    def slice_keys(self) -> tuple[SliceKey, ...]:
        """Slices that were looked at, in their order."""
        return tuple(SliceKey(self.axis, index) for index in sorted(self._masks))

    @property
    def objects(self) -> tuple[DetectedObject, ...]:
        """All objects, the largest first."""
        if self._objects is None:
            self._objects = tuple(sorted(self._linked(), key=lambda each: -each.voxel_count))
            self._on_slice = {index: [] for index in self._masks}
            for each in self._objects:
                for part in each.masks:
                    self._on_slice[part.key.index].append((each.number, part))
        return self._objects

    def put(self, key: SliceKey, found: Sequence[FoundMask], values: np.ndarray) -> None:
        """Take the masks of a slice; those of an earlier look at it are forgotten.

        Parameters
        ----------
        key : SliceKey
            On the axis of this run.
        found : sequence of FoundMask
        values : numpy.ndarray
            The scan's values of the slice, (rows, columns) or (rows, columns, channels).
        """
        masks = [each.mask.unpack() for each in found]
        size = key.pixel_mm_xy(self.spacing_mm_ijk)
        self._masks[key.index] = tuple(
            measured(key, each, mask, values, size) for each, mask in zip(found, masks, strict=True)
        )
        self._numbers = {anchor: number for anchor, number in self._numbers.items() if anchor[0] != key.index}
        self._touching[key.index] = touching(masks)
        for first in (key.index - 1, key.index):
            if first in self._masks and first + 1 in self._masks:
                here = {key.index: masks}
                ends = [here.get(index) or self._unpacked(index) for index in (first, first + 1)]
                self._joined[first] = pairs(ends[0], ends[1], self._min_iou)
        self._last_unpacked = (key.index, masks)
        self._objects = self._beside = None

    def block(self) -> FoundBlock:
        """All that is known of the slices, for `put_block`."""
        return FoundBlock(dict(self._masks), dict(self._touching), dict(self._joined))

    def put_block(self, block: FoundBlock) -> None:
        """Take slices that were looked through elsewhere; those before and after them are joined by `join`."""
        self._masks |= block.masks
        self._touching |= block.touching
        self._joined |= block.joined
        self._objects = self._beside = None

    def join(self, first: int, joined: Pairs) -> None:
        """Say which masks of a slice and of the next are the same object."""
        self._joined[first] = joined
        self._objects = self._beside = None

    def found(self) -> FoundSlices:
        """All masks as they were put, and the numbers of their objects: for keeping them in a file."""
        numbers = {} if not self.objects else dict(self._numbers)
        masks = {index: tuple(each.found for each in masks) for index, masks in self._masks.items()}
        return FoundSlices(self.axis, masks, numbers)

    def number_as(self, numbers: Mapping[tuple[int, int], int]) -> None:
        """Give objects the numbers that they had, by index of the slice and position of a mask of theirs."""
        self._numbers = dict(numbers)
        self._highest_number = max([self._highest_number, *numbers.values()])
        self._objects = self._beside = None

    def on(self, key: SliceKey) -> dict[int, Mask]:
        """Masks of the objects on a slice, by their numbers."""
        if key.axis != self.axis or not self.objects:
            return {}
        return {number: part.found.mask.unpack() for number, part in self._on_slice.get(key.index, ())}

    def at(self, key: SliceKey, x: int, y: int, among: Collection[int]) -> int | None:
        """Number of the smallest of some objects at a pixel, or None."""
        there = [
            (mask.area, number) for number, mask in self.on(key).items() if number in among and _has_pixel(mask, x, y)
        ]
        return min(there)[1] if there else None

    def neighbours(self) -> dict[int, frozenset[int]]:
        """Which objects lie beside or in each other on any slice, by number."""
        if self._beside is None:
            self._beside = self._find_neighbours()
        return self._beside

    def _find_neighbours(self) -> dict[int, frozenset[int]]:
        number_of = {id(part): each.number for each in self.objects for part in each.masks}
        beside: dict[int, set[int]] = {each.number: set() for each in self.objects}
        for index, every in self._touching.items():
            for one, other in every:
                first, second = (number_of.get(id(self._masks[index][each])) for each in (one, other))
                if first is not None and second is not None and first != second:
                    beside[first].add(second)
                    beside[second].add(first)
        return {number: frozenset(others) for number, others in beside.items()}

    def _unpacked(self, index: int) -> list[Mask]:
        if self._last_unpacked[0] == index:
            return self._last_unpacked[1]
        return [each.found.mask.unpack() for each in self._masks[index]]

    def _linked(self) -> list[DetectedObject]:
        found: dict[int, DetectedObject] = {}
        for run in _runs(sorted(self._masks)):
            counts = [len(self._masks[index]) for index in run]
            joined = [self._joined[index] for index in run[:-1]]
            for instance in chained(counts, joined, self._min_slices):
                where = [(run[position], mask) for position, mask in instance.masks]
                number = self._number_of(where, found)
                found[number] = self._object(number, where)
        return list(found.values())

    def _object(self, number: int, where: list[tuple[int, int]]) -> DetectedObject:
        """An object of some masks; one that has not changed stays the same, with all that was measured of it."""
        masks = tuple(self._masks[index][mask] for index, mask in where)
        known = self._known.get(number)
        if known is None or known.masks != masks:  # masks are equal only to themselves
            known = self._known[number] = DetectedObject(number, masks, self.spacing_mm_ijk)
        return known

    def _number_of(self, where: list[tuple[int, int]], taken: Collection[int]) -> int:
        """The number that one of its masks had before, else a new one; all its masks get it."""
        known = (self._numbers[each] for each in where if each in self._numbers)
        number = next((each for each in known if each not in taken), None)
        if number is None:
            number = self._highest_number = self._highest_number + 1
        self._numbers.update(dict.fromkeys(where, number))
        return number


def touching(masks: Sequence[Mask]) -> frozenset[tuple[int, int]]:
    """Positions of the masks of a slice that lie beside or in each other, the lower first."""
    if len(masks) < 2:
        return frozenset()
    labels = np.full(masks[0].shape_yx, -1, np.int32)
    for position in sorted(range(len(masks)), key=lambda each: -masks[each].area):
        (x, y), pixels = masks[position].origin_xy, masks[position].pixels
        labels[y : y + pixels.shape[0], x : x + pixels.shape[1]][pixels] = position
    beside = np.zeros((len(masks), len(masks)), bool)
    for step in range(1, NEAR_PIXELS + 1):
        for one, other in ((labels[:, step:], labels[:, :-step]), (labels[step:], labels[:-step])):
            met = (one != other) & (one >= 0) & (other >= 0)
            beside[one[met], other[met]] = True
    first, second = np.nonzero(np.triu(beside | beside.T))
    return frozenset(zip(first.tolist(), second.tolist(), strict=True))


def _runs(indices: Sequence[int]) -> list[list[int]]:
    """Consecutive numbers together."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _has_pixel(mask: Mask, x: int, y: int) -> bool:
    left, top = mask.origin_xy
    rows, columns = mask.pixels.shape
    return 0 <= x - left < columns and 0 <= y - top < rows and bool(mask.pixels[y - top, x - left])
