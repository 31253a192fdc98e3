"""What a report counts, and shows on slices, of a segmentation that stays on its disk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..algorithms.measurement.grey_values import grey_values_of
from ..algorithms.measurement.slab_parts import SlabParts
from ..algorithms.measurement.slab_statistics import LabelSums
from ..core.extent import Extent, union_of
from ..core.settings.measurement import Connectivity
from ..core.slices import ARRAY_AXIS, SliceKey
from ..export.labelmap import LabelledClass
from ..volumes.formats.segment_keys import Place
from ..volumes.labelled_slabs import LabelledSlabs
from .compose import MasksOfSlice
from .statistics import ClassStatistics, ReportStatistics, voxels_of_slices

BYTES_OF_A_VOXEL = 32
_CONNECTED: Connectivity = 26


@dataclass(frozen=True)
class ClassOnDisk:
    """A class, and where its voxels are in the file."""

    entry: LabelledClass
    place: Place

    def of(self, labels: np.ndarray) -> np.ndarray:
        """Its voxels among labels (k, j, i, layers): bool (k, j, i)."""
        voxels: np.ndarray = labels[..., self.place[0]] == self.place[1]
        return voxels


def statistics_from_disk(slabs: LabelledSlabs, classes: Sequence[ClassOnDisk]) -> ReportStatistics:
    """As `statistics_of`, up to rounding; the scan is read once."""
    sums = [
        _ClassSums(each, {axis: np.zeros(slabs.shape_kji[n], int) for axis, n in ARRAY_AXIS.items()})
        for each in classes
    ]
    labelled = 0
    for first, labels, values in slabs:
        any_class = np.zeros(labels.shape[:3], bool)
        for each in sums:
            mask = each.of.of(labels)
            any_class |= mask
            each.add(first, mask, values)
        labelled += int(np.count_nonzero(any_class))
    return ReportStatistics(tuple(each.statistics() for each in sums), int(np.prod(slabs.shape_kji)), labelled)


def _no_areas(shape_kji: tuple[int, int, int]) -> dict[str, np.ndarray]:
    return {axis: np.zeros(shape_kji[position], int) for axis, position in ARRAY_AXIS.items()}


@dataclass(eq=False)
class _ClassSums:
    """What is added up of a class, slab by slab."""

    of: ClassOnDisk
    areas: dict[str, np.ndarray]
    sums: LabelSums = field(default_factory=LabelSums)
    parts: SlabParts = field(default_factory=lambda: SlabParts(_CONNECTED))

    def add(self, first: int, mask: np.ndarray, values: np.ndarray) -> None:
        self.parts.look_at(mask.astype(np.uint8))
        extent = Extent.around(mask, (0, 0, first))
        if extent is None:
            return
        own = extent.slices_kji((0, 0, first))
        block = mask[own].astype(np.uint8)
        count = int(np.count_nonzero(block))
        self.sums.voxel_count += count
        self.sums.add_grey(count, grey_values_of(block, values[own])[1])
        self.sums.extent = union_of(each for each in (self.sums.extent, extent) if each is not None)
        for axis, areas in voxels_of_slices(mask).items():
            if axis == "k":
                self.areas[axis][first : first + len(areas)] = areas
            else:
                self.areas[axis] += areas

    def statistics(self) -> ClassStatistics:
        found, extent = self.sums, self.sums.extent
        if extent is None:
            return ClassStatistics(self.of.entry, 0, np.nan, np.nan, None, self.areas, np.zeros(0, np.int64))
        mean, spread, not_finite = found.grey
        sizes = self.parts.sizes()
        return ClassStatistics(self.of.entry, found.voxel_count, mean, spread, extent, self.areas, sizes, not_finite)


def masks_from_disk(
    slabs: LabelledSlabs, classes: Sequence[ClassOnDisk], keys: Sequence[SliceKey], wanted: Collection[int]
) -> list[MasksOfSlice]:
    """What classes, by their labels, have on each of some slices; all labels are read once."""
    shown = [each for each in classes if each.entry.label in wanted]
    found = [[np.zeros(key.shape_yx(slabs.shape_kji), bool) for _ in shown] for key in keys]
    for first, labels in slabs.labels():
        for key, masks in zip(keys, found, strict=True):
            for each, mask in zip(shown, masks, strict=True):
                if key.axis != "k":
                    mask[first : first + len(labels)] = key.take(each.of(labels))
                elif first <= key.index < first + len(labels):
                    mask[:] = each.of(labels[key.index - first : key.index - first + 1])[0]
    return [[(each.entry, mask) for each, mask in zip(shown, masks, strict=True)] for masks in found]
