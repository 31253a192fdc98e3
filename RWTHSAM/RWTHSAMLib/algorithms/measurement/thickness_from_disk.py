"""Local thickness of a class that memory has no room for: tile by tile, each with all balls that reach into it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from ...core.extent import Extent, union_of
from ...core.system.spool import Spool
from ...errors import VolumeError
from ...volumes.formats.segment_keys import Place
from ...volumes.labelled_slabs import LabelledSlabs
from ...volumes.lazy.tiles import ShapeKji, Window, tile_shape_kji, tiles_of, windows_of
from ...volumes.memory import size_text, usable_bytes
from .thickness import distance_mm, radii_of, thickness_of_radii

_BYTES_OF_A_VOXEL, _BYTES_HELD = 96, 4
"""Of a voxel whose distances are looked for, and of one that waits."""
_MOST_BYTES = 1 << 31
_MOST_GROWTH = 64
"""A choice: as often a voxel is looked at, at the most, because it lies around other tiles."""
_FIRST_VOXELS = 8
"""The radius that is tried first; most layers are thinner."""

Spacing = tuple[float, float, float]


class ThicknessOnDisk:
    """Thickness of all voxels of a class, packed in a file that is gone afterwards.

    Parameters
    ----------
    slabs : LabelledSlabs
        Gone through some times: once to find the class, once or more for the radius of its largest ball, once to fill
        it with balls.
    place : (int, int)
        Layer and label of the class.
    spacing_mm_kji : tuple of float

    Attributes
    ----------
    values_mm : numpy.ndarray
        (n,) float32, thickness by step; step 0 is outside.
    cut_mm : float, optional
        Where memory has no room for the largest balls: whatever is thicker counts as this.

    Raises
    ------
    VolumeError
        If memory has no room for a voxel and those around it.
    """

    def __init__(self, slabs: LabelledSlabs, place: Place, spacing_mm_kji: Spacing) -> None:
        self.values_mm = np.zeros(1, np.float32)
        self.cut_mm: float | None = None
        self._slabs, self._place, self._spacing = slabs, place, spacing_mm_kji
        found = self._found_extent()
        self._block = None if found is None else found.widened(1)
        self._steps = Spool()
        if self._block is not None:
            try:
                self._fill(self._block)
            except BaseException:
                self._steps.close()
                raise

    def __enter__(self) -> ThicknessOnDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self._steps.close()

    def steps(self, first: int, stop: int) -> np.ndarray:
        """Steps, uint8 (k, j, i), of whole slices of the scan, 0 where the class is not."""
        whole = Extent.of_shape(self._slabs.shape_kji)
        part = whole._replace(k_min=first, k_max=stop - 1)
        steps = np.zeros(part.shape_kji, np.uint8)
        block = self._block
        if block is None or (common := part.intersection(block)) is None:
            return steps
        _, rows, columns = common.slices_kji(block.first_ijk)
        for k in range(common.k_min, common.k_max + 1):
            there = common._replace(k_min=k, k_max=k).slices_kji(part.first_ijk)
            steps[there] = self._slice(k - block.k_min)[rows, columns]
        return steps

    # inside

    def _slice(self, number: int) -> np.ndarray:
        assert self._block is not None
        return np.frombuffer(self._steps.piece(number), np.uint8).reshape(self._block.shape_kji[1:])

    def _found_extent(self) -> Extent | None:
        layer, label = self._place
        around = (Extent.around(labels[..., layer] == label, (0, 0, first)) for first, labels in self._slabs.labels())
        return union_of(each for each in around if each is not None)

    def _slices(self, block: Extent) -> Iterator[tuple[np.ndarray]]:
        """Of each slice of a block where the class is, bool (j, i); what lies beyond the scan is outside."""
        layer, label = self._place
        whole = Extent.of_shape(self._slabs.shape_kji)
        nothing = np.zeros(block.shape_kji[1:], bool)
        if block.k_min < 0:
            yield (nothing,)
        for first, labels in self._slabs.labels():
            here = block._replace(k_min=first, k_max=first + len(labels) - 1)
            common = None if (inside := here.intersection(block)) is None else inside.intersection(whole)
            if common is None:
                continue
            held = labels[common.slices_kji((0, 0, first))][..., layer] == label
            _, rows, columns = common.slices_kji(block.first_ijk)
            for each in held:
                voxels = nothing.copy()
                voxels[rows, columns] = each
                yield (voxels,)
        if block.k_max > whole.k_max:
            yield (nothing,)

    def _fill(self, block: Extent) -> None:
        most_mm = _most_radius_mm(block, self._spacing, self._slabs.scan.name)
        radii_mm, is_cut = self._all_radii(block, most_mm)
        wanted = radii_of(radii_mm)
        self.values_mm = np.concatenate([np.zeros(1, np.float32), thickness_of_radii(wanted, self._spacing)])
        self.cut_mm = float(self.values_mm[1]) if is_cut else None
        margin = _margin(2 * float(wanted[0]), self._spacing)
        tile = _tile_shape(block, margin)
        assert tile is not None
        for window in windows_of(self._slices(block), block, margin[0], tile[0]):
            self._keep(_covered(window, block, tile, margin, wanted, self._spacing))

    def _all_radii(self, block: Extent, most_mm: float) -> tuple[np.ndarray, bool]:
        """Different distances to the surface, and whether there are larger ones than the most that is looked at."""
        tried_mm = min(most_mm, _FIRST_VOXELS * min(self._spacing))
        while True:
            radii_mm, is_cut = self._radii(block, tried_mm)
            if not is_cut or tried_mm == most_mm:
                return radii_mm, is_cut
            tried_mm = min(most_mm, 2 * tried_mm)

    def _radii(self, block: Extent, most_mm: float) -> tuple[np.ndarray, bool]:
        margin = _margin(most_mm, self._spacing)
        tile = _tile_shape(block, margin)
        assert tile is not None
        found, is_cut = np.zeros(0, np.float32), False
        for window in windows_of(self._slices(block), block, margin[0], tile[0]):
            for inside, radii, own in _tiles_with_voxels(window, block, tile, margin, self._spacing, np.inf):
                of_own = radii[own][inside[own]]
                is_cut |= bool((of_own > most_mm).any())
                found = np.union1d(found, np.minimum(of_own, np.float32(most_mm)))
        return found, is_cut

    def _keep(self, steps: np.ndarray) -> None:
        for each in steps:
            self._steps.add(each.tobytes())


def _covered(
    window: Window, block: Extent, tile: ShapeKji, margin: ShapeKji, wanted: np.ndarray, spacing_mm_kji: Spacing
) -> np.ndarray:
    """Steps, uint8 (k, j, i), of a window's own voxels: the first of the radii, from the largest on, to cover each."""
    steps = np.zeros(window.own.shape_kji, np.uint8)
    tiles = tiles_of(window.own, block, tile, margin)
    for own, seen in tiles:
        inside = window.arrays[0][seen.slices_kji(window.seen.first_ijk)]
        there = own.slices_kji(seen.first_ijk)
        if not inside[there].any():
            continue
        radii_mm = np.minimum(_distances(inside, spacing_mm_kji), wanted[0])
        left, found = inside[there].copy(), np.zeros(own.shape_kji, np.uint8)
        for number, radius_mm in enumerate(wanted, start=1):
            centres = radii_mm >= radius_mm
            if centres.any():
                covered = (distance_mm(~centres, spacing_mm_kji)[there] < radius_mm) & left
                found[covered] = number
                left &= ~covered
                if not left.any():
                    break
        steps[own.slices_kji(window.own.first_ijk)] = found
    return steps


def _tiles_with_voxels(
    window: Window, block: Extent, tile: ShapeKji, margin: ShapeKji, spacing_mm_kji: Spacing, most_mm: float
) -> Iterable[tuple[np.ndarray, np.ndarray, tuple[slice, slice, slice]]]:
    """Of each tile that has any: where the class is, distances to its surface, and which of these are its own."""
    for own, seen in tiles_of(window.own, block, tile, margin):
        inside = window.arrays[0][seen.slices_kji(window.seen.first_ijk)]
        there = own.slices_kji(seen.first_ijk)
        if inside[there].any():
            yield inside, _distances(inside, spacing_mm_kji), there


def _distances(inside: np.ndarray, spacing_mm_kji: Spacing) -> np.ndarray:
    if inside.all():  # scipy would count from a place before the array
        return np.full(inside.shape, np.inf, np.float32)
    return distance_mm(inside, spacing_mm_kji)


def _margin(reach_mm: float, spacing_mm_kji: Spacing) -> ShapeKji:
    k, j, i = (math.ceil(reach_mm / each) + 1 for each in spacing_mm_kji)
    return k, j, i


def _budget() -> int:
    usable = usable_bytes()
    return _MOST_BYTES if usable is None else min(_MOST_BYTES, usable // 2)


def _tile_shape(block: Extent, margin: ShapeKji) -> ShapeKji | None:
    """Voxels (k, j, i) that are looked at together; None where memory has no room for them and those around."""
    depth, rows, columns = block.shape_kji
    waiting = _budget() // (rows * columns * _BYTES_HELD)
    if waiting < min(depth, 1 + 2 * margin[0]):
        return None
    thickest = depth if waiting >= depth else max(1, waiting - 2 * margin[0])
    return tile_shape_kji(block.shape_kji, margin, _budget() // _BYTES_OF_A_VOXEL, thickest)


def _most_radius_mm(block: Extent, spacing_mm_kji: Spacing, name: str) -> float:
    """The radius of the largest balls that can be looked at.

    Raises
    ------
    VolumeError
        If there are none.
    """
    sides_mm = [count * step for count, step in zip(block.shape_kji, spacing_mm_kji, strict=True)]
    largest_mm, step_mm = min(sides_mm) / 2, min(spacing_mm_kji)
    most_mm, voxels = 0.0, 1
    while most_mm < largest_mm:
        tried_mm = min(largest_mm, voxels * step_mm)
        margin = _margin(2 * tried_mm, spacing_mm_kji)
        tile = _tile_shape(block, margin)
        if tile is None or _growth(block, tile, margin) > _MOST_GROWTH:
            break
        most_mm, voxels = tried_mm, voxels + max(1, voxels // 8)
    if not most_mm:
        raise VolumeError(
            f"Thickness needs some slices of '{name}' in memory, but there are {size_text(usable_bytes() or 0)}: work "
            "on a coarser level (rwthsam convert SCAN OUT.ome.zarr, then OUT.ome.zarr/1), or on a larger computer."
        )
    return most_mm


def _growth(block: Extent, tile: ShapeKji, margin: ShapeKji) -> float:
    """How often a voxel is looked at."""
    seen = (min(count, own + 2 * each) for count, own, each in zip(block.shape_kji, tile, margin, strict=True))
    return math.prod(seen) / math.prod(tile)
