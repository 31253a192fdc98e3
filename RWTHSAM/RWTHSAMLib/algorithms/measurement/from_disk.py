"""Classes measured slab by slab: neither scan nor segmentation need be in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import numpy as np

from ...core.image import grey_of
from ...core.settings.measurement import MeasureSettings
from ...core.slices import ARRAY_AXIS, Axis
from ...core.voxel_grid import VoxelGrid
from ...volumes.formats.segment_keys import Place
from ...volumes.labelled_slabs import LabelledSlabs
from ...volumes.lazy_segmentation import LazySegmentation
from ...volumes.scan import Scan
from ...volumes.volume_data import check_upright
from .along import AlongAxis
from .class_names import names_to_measure
from .files import MeasuredScan
from .left_out import PartsLeftOut
from .quantities import Measured
from .slab_parts import SlabParts
from .slab_statistics import SlabStatistics
from .thickness_counts import ThicknessCounts
from .thickness_from_disk import ThicknessOnDisk

_BYTES_OF_A_VOXEL = 64
"""What is computed of a voxel takes about so much at a time."""


def measure_from_disk(
    segmentation: LazySegmentation,
    scan: Scan,
    choices: MeasureSettings,
    classes: Sequence[str] | None = None,
    region: str | None = None,
    voxel_size_mm: tuple[float, float, float] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> MeasuredScan:
    """Measure classes; the numbers are those of `measure`, up to rounding.

    What needs all voxels at once is not measured: the distance from part to part. Thickness is, up to the largest balls
    that memory has room for.

    Parameters
    ----------
    segmentation : LazySegmentation
        On the scan's grid.
    scan : Scan
    choices : MeasureSettings
    classes, region
        Names, as of `measure_segmentation`.
    voxel_size_mm : tuple of float, optional
        Along i, j and k, instead of what the files say.
    say : callable, optional
        Told in a sentence where thickness was cut off.

    Raises
    ------
    StateError
        If there is no such segment; the message names those there are.
    GeometryError
        If the segmentation lies on another grid.
    VolumeError
        If the grid is sheared, or a file is damaged.
    """
    check_upright(scan.ijk_to_ras, scan.name)
    places = {each.name: each.place for each in segmentation.about.entries}
    wanted = names_to_measure(places, classes, region)
    slabs = LabelledSlabs(segmentation, scan, _BYTES_OF_A_VOXEL)
    sized = scan if voxel_size_mm is None else scan.with_spacing(voxel_size_mm)
    layers = {layer: _Layer([], sized.grid, choices) for layer, _ in (places[name] for name in wanted)}
    for layer, label in sorted({places[name] for name in wanted}):
        layers[layer].known.append(label)
    if choices.parts:
        for _, labels, _ in slabs:
            for layer, each in layers.items():
                each.find_parts(labels[..., layer])
    if choices.thickness:
        with ExitStack() as open_files:
            for name in wanted:
                layer, label = places[name]
                kept = ThicknessOnDisk(slabs, (layer, label), sized.grid.spacing_mm_kji)
                layers[layer].take_thickness(label, open_files.enter_context(kept))
                if kept.cut_mm is not None:
                    say(_cut_text(name, kept.cut_mm))
            return _measured(slabs, layers, wanted, places, region, sized)
    return _measured(slabs, layers, wanted, places, region, sized)


def _cut_text(name: str, cut_mm: float) -> str:
    return (
        f"Memory has no room for the largest balls of '{name}': what is thicker than {cut_mm:g} mm counts as that. "
        "Work on a coarser level for it (rwthsam convert SCAN OUT.ome.zarr, then OUT.ome.zarr/1)."
    )


def _measured(
    slabs: LabelledSlabs,
    layers: dict[int, _Layer],
    wanted: Sequence[str],
    places: dict[str, Place],
    region: str | None,
    sized: Scan,
) -> MeasuredScan:
    region_size = 0
    for first, labels, values in slabs:
        inside = None if region is None else labels[..., places[region][0]] == places[region][1]
        region_size += labels[..., 0].size if inside is None else int(np.count_nonzero(inside))
        for layer, each in layers.items():
            each.measure(first, labels[..., layer], values, inside)
    rows = [row for name in wanted for row in layers[places[name][0]].rows(name, places[name][1], region_size)]
    along = [layers[places[name][0]].along(name, places[name][1]) for name in wanted]
    there = tuple(each for each in along if each is not None)
    left_out = [layers[places[name][0]].left_out(name, places[name][1]) for name in wanted]
    left = tuple(each for each in left_out if each is not None)
    return MeasuredScan(slabs.scan.name, sized.spacing_mm, sized.unit_known, tuple(rows), region or "", there, left)


class _Layer:
    """What is known of the classes of one layer.

    Attributes
    ----------
    known : list of int
        Their labels, in their order.
    """

    def __init__(self, known: list[int], grid: VoxelGrid, choices: MeasureSettings) -> None:
        self.known = known
        self._grid, self._choices = grid, choices
        self._whole, self._of_parts = SlabStatistics(grid), SlabStatistics(grid)
        self._parts = SlabParts(choices.connectivity)
        self._names: dict[int, tuple[int, int]] = {}
        self._final: np.ndarray | None = None
        self._parts_done = 0
        self._along = _AlongSums(choices.along, grid) if choices.along is not None else None
        self._thickness: dict[int, _Thickness] = {}

    def take_thickness(self, label: int, found: ThicknessOnDisk) -> None:
        self._thickness[label] = _Thickness(found, self._choices.along)

    def find_parts(self, labels: np.ndarray) -> None:
        self._parts.look_at(self._positions(labels))

    def measure(self, first: int, labels: np.ndarray, values: np.ndarray, region: np.ndarray | None) -> None:
        positions = self._positions(labels)
        self._whole.add(first, positions, values, region)
        if self._along is not None:
            self._along.add(first, positions, grey_of(values, 3), len(self.known))
        if self._choices.parts:
            if self._final is None:
                self._final, self._names = self._parts.numbers(self._choices.least_voxels)
            ids, self._parts_done = self._parts.named(positions, self._parts_done)
            numbers = self._final[ids]
            self._of_parts.add(first, numbers, values, region)
        for each in self._thickness.values():
            each.add(first, labels, numbers if self._choices.parts else None)

    def rows(self, name: str, label: int, region_size: int) -> list[Measured]:
        position = self.known.index(label) + 1
        if (sums := self._whole.sums.get(position)) is None:
            return []
        thickness = self._thickness.get(label)
        whole = sums.measured(name, 0, self._grid, region_size, has_grey=True)
        rows = [whole if thickness is None else thickness.whole.with_thickness(whole, 0)]
        parts = {number: part for part, (of, number) in self._names.items() if of == position}
        for number, part in sorted(parts.items()):
            row = self._of_parts.sums[part].measured(name, number, self._grid, region_size, has_grey=True)
            rows.append(row if thickness is None else thickness.parts.with_thickness(row, part))
        return rows

    def left_out(self, name: str, label: int) -> PartsLeftOut | None:
        counts = self._parts.left_out.get(self.known.index(label) + 1)
        return None if counts is None else PartsLeftOut(name, *counts)

    def along(self, name: str, label: int) -> AlongAxis | None:
        position = self.known.index(label) + 1
        if self._along is None or position not in self._whole.sums:
            return None
        found = self._along.of(name, position)
        if (thickness := self._thickness.get(label)) is not None:
            found.values.update(thickness.of_slices(len(found.values["position"])))
        return found

    def _positions(self, labels: np.ndarray) -> np.ndarray:
        """Position of each voxel's class among those of the layer, from 1; 0 for all others."""
        if labels.dtype in (np.uint8, np.uint16):
            table = np.zeros(np.iinfo(labels.dtype).max + 1, np.uint16)
            there = [label for label in self.known if label < len(table)]
            table[there] = np.arange(1, len(there) + 1)  # they are in their order
            return np.asarray(table[labels])
        known = np.array(self.known)
        at = np.minimum(np.searchsorted(known, labels), len(known) - 1)
        positions = np.where(known[at] == labels, at + 1, 0)
        return positions.astype(np.uint16 if len(known) < 2**16 else np.uint32)


class _Thickness:
    """How thick the voxels of a class are: of all of it, of its parts, and of slices along an axis."""

    def __init__(self, found: ThicknessOnDisk, along: Axis | None) -> None:
        self._found, self._axis = found, along
        self.whole, self.parts, self._slices = (ThicknessCounts(found.values_mm) for _ in range(3))

    def add(self, first: int, labels: np.ndarray, numbers: np.ndarray | None) -> None:
        steps = self._found.steps(first, first + len(labels))
        self.whole.add(np.zeros(steps.shape, np.uint8), steps)
        if numbers is not None:
            self.parts.add(numbers, steps)
        if self._axis is not None:
            across = ARRAY_AXIS[self._axis]
            indices = np.arange(steps.shape[across]) + (first if self._axis == "k" else 0)
            lengthwise = indices.reshape([-1 if each == across else 1 for each in range(3)])
            self._slices.add(np.broadcast_to(lengthwise, steps.shape), steps)

    def of_slices(self, count: int) -> dict[str, np.ndarray]:
        means, spreads = zip(*(self._slices.mean_and_spread(each) for each in range(count)), strict=True)
        return {"thickness_mean": np.array(means), "thickness_spread": np.array(spreads)}


class _AlongSums:
    """Voxels and grey values of classes by slices along an axis."""

    def __init__(self, axis: Axis, grid: VoxelGrid) -> None:
        self._axis, self._grid = axis, grid
        self._count = grid.shape_kji[ARRAY_AXIS[axis]]
        self._voxels, self._finite, self._sums = np.zeros(0), np.zeros(0), np.zeros(0)

    def add(self, first: int, positions: np.ndarray, grey: np.ndarray, class_count: int) -> None:
        if not positions.any():
            return
        across = ARRAY_AXIS[self._axis]
        indices = np.arange(positions.shape[across]) + (first if self._axis == "k" else 0)
        lengthwise = indices.reshape([-1 if each == across else 1 for each in range(3)])
        places = (positions.astype(np.int64) * self._count + lengthwise).ravel()
        size = (class_count + 1) * self._count
        finite = np.isfinite(grey).ravel()
        voxels = np.bincount(places, minlength=size)
        sums = np.bincount(places[finite], grey.ravel()[finite].astype(np.float64), size)
        counted = np.bincount(places[finite], minlength=size)
        if not self._voxels.size:
            self._voxels, self._finite, self._sums = (np.zeros(size) for _ in range(3))
        self._voxels += voxels
        self._finite += counted
        self._sums += sums

    def of(self, name: str, position: int) -> AlongAxis:
        own = slice(position * self._count, (position + 1) * self._count)
        across = ARRAY_AXIS[self._axis]
        spacing = self._grid.spacing_mm_kji
        others = [each for index, each in enumerate(spacing) if index != across]
        with np.errstate(invalid="ignore", divide="ignore"):
            means = self._sums[own] / self._finite[own]
        values = {
            "position": np.arange(self._count) * spacing[across],
            "voxel_count": self._voxels[own],
            "area": self._voxels[own] * others[0] * others[1],
            "grey_mean": means,
        }
        return AlongAxis(name, self._axis, values)
