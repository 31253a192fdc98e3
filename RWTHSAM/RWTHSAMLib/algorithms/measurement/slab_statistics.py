"""Shapes and grey values of labels that are looked at slab by slab: up to rounding those of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...core.extent import Extent, union_of
from ...core.voxel_grid import LPS_TO_RAS, VoxelGrid
from ...volumes.formats.sitk import simpleitk
from ...volumes.itk_image import itk_image
from .grey_values import GreyValues, grey_values_of
from .quantities import Measured


@dataclass(eq=False)
class LabelSums:
    """What is added up of a label.

    Attributes
    ----------
    voxel_count : int
    surface_mm2 : float
    weighted_lps : numpy.ndarray
        (3,) sum of the voxels' centres, in mm.
    extent : Extent, optional
    in_region : int
        Voxels in the region of which a share is wanted.
    """

    voxel_count: int = 0
    surface_mm2: float = 0.0
    weighted_lps: np.ndarray = field(default_factory=lambda: np.zeros(3))
    extent: Extent | None = None
    in_region: int = 0
    _finite: int = 0
    _mean: float = 0.0
    _squares: float = 0.0
    _not_finite: int = 0

    def add_grey(self, voxel_count: int, values: GreyValues) -> None:
        """Add grey values of so many voxels (Chan, Golub and LeVeque 1979)."""
        count = voxel_count - values.not_finite
        self._not_finite += values.not_finite
        if count:
            total, apart = self._finite + count, values.mean - self._mean
            self._squares += values.spread**2 * count + apart**2 * self._finite * count / total
            self._mean += apart * count / total
            self._finite = total

    @property
    def grey(self) -> tuple[float, float, int]:
        """Mean and standard deviation of finite grey values, NaN without any, and how many are not finite."""
        if not self._finite:
            return np.nan, np.nan, self._not_finite
        return self._mean, (self._squares / self._finite) ** 0.5, self._not_finite

    def measured(self, class_name: str, number: int, grid: VoxelGrid, region_size: int, has_grey: bool) -> Measured:
        """The numbers of a class or part with at least one voxel."""
        assert self.extent is not None
        count, volume = self.voxel_count, self.voxel_count * grid.voxel_mm3
        r, a, s = (float(each) for each in LPS_TO_RAS[:3, :3] @ (self.weighted_lps / count))
        k, j, i = self.extent.shape_kji
        size_i, size_j, size_k = (n * step for n, step in zip((i, j, k), grid.spacing_mm_ijk, strict=True))
        diameter = float((6 * volume / np.pi) ** (1 / 3))
        is_known = has_grey and self._finite > 0
        return Measured(
            class_name,
            number,
            self.extent.first_ijk,
            self.extent.last_ijk,
            count,
            volume,
            self.surface_mm2,
            diameter,
            r,
            a,
            s,
            size_i,
            size_j,
            size_k,
            grey_mean=self._mean if is_known else None,
            grey_spread=(self._squares / self._finite) ** 0.5 if is_known else None,
            grey_not_finite=(self._not_finite or None) if has_grey else None,
            phase_fraction=self.in_region / region_size if region_size else None,
        )


class SlabStatistics:
    """Adds up what slabs of labels measure, along k in their order.

    Surfaces are those of ITK, whose estimate is a sum over pairs of neighbouring voxels: that of a whole is the sum of
    its slabs', each with the last slice of the one before it, less that of these slices alone.

    Parameters
    ----------
    grid : VoxelGrid
        Of all slices.

    Attributes
    ----------
    sums : dict of int to LabelSums
        By label.
    """

    def __init__(self, grid: VoxelGrid) -> None:
        self._grid = grid
        self._before: np.ndarray | None = None
        self.sums: dict[int, LabelSums] = {}

    def add(self, first: int, labels: np.ndarray, values: np.ndarray | None, region: np.ndarray | None) -> None:
        """Add the slices from an index on.

        Parameters
        ----------
        first : int
        labels : numpy.ndarray
            Unsigned (k, j, i), 0 outside.
        values : numpy.ndarray, optional
            Grey values of the same voxels, (k, j, i) or (k, j, i, channels).
        region : numpy.ndarray, optional
            bool: of which voxels a share is wanted; of all without it.
        """
        before, self._before = self._before, labels[-1].copy()
        box = _box_of(labels, before)
        if box is None:
            return
        labels = np.ascontiguousarray(labels[box])
        values = None if values is None else values[box]
        region = None if region is None else region[box]
        corner_ij = box[2].start, box[1].start
        if before is None:
            self._add_shapes((*corner_ij, first), labels, 1)
        else:
            edge = before[None][box]
            self._add_shapes((*corner_ij, first - 1), np.concatenate([edge, labels]), 1)
            self._add_shapes((*corner_ij, first - 1), edge, -1)
        counts = np.bincount(labels.ravel())
        inside = counts if region is None else np.bincount(labels[region], minlength=len(counts))
        grey = grey_values_of(labels, values) if values is not None else None
        for label in np.flatnonzero(counts[1:]) + 1:
            sums = self.sums[int(label)]
            sums.in_region += int(inside[label])
            if grey is not None:
                sums.add_grey(int(counts[label]), grey[label])

    def _add_shapes(self, first_ijk: tuple[int, int, int], labels: np.ndarray, sign: int) -> None:
        part = Extent.of_shape(labels.shape).shifted(first_ijk)
        shapes = simpleitk().LabelShapeStatisticsImageFilter()
        shapes.ComputePerimeterOn()
        shapes.Execute(itk_image(labels, self._grid.part(part)))
        for label in shapes.GetLabels():
            sums = self.sums.setdefault(int(label), LabelSums())
            count = int(shapes.GetNumberOfPixels(label))
            sums.voxel_count += sign * count
            sums.surface_mm2 += sign * float(shapes.GetPerimeter(label))
            sums.weighted_lps += sign * count * np.array(shapes.GetCentroid(label))
            i, j, k, size_i, size_j, size_k = shapes.GetBoundingBox(label)
            box = Extent(i, i + size_i - 1, j, j + size_j - 1, k, k + size_k - 1).shifted(part.first_ijk)
            sums.extent = union_of(each for each in (sums.extent, box) if each is not None)


def _box_of(labels: np.ndarray, before: np.ndarray | None) -> tuple[slice, slice, slice] | None:
    """The rows and columns that hold a label of the slab (k, j, i) or of the slice before it; None where none does."""
    inside: np.ndarray = np.any(labels > 0, axis=0)
    if before is not None:
        inside |= before > 0
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not rows.size:
        return None
    # ITK counts otherwise in pictures that are one pixel wide
    return slice(None), _around(rows), _around(columns)


def _around(indices: np.ndarray) -> slice:
    return slice(max(0, int(indices[0]) - 1), int(indices[-1]) + 2)
