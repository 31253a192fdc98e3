"""Which voxels of a level are one of the next coarser level, wherever these lie, and the label that it then has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.extent import Extent
from ...core.voxel_grid import VoxelGrid
from ...errors import GeometryError

_MOST_TURNED = 1e-3
"""Of a voxel: levels of a scan lie along the same axes."""
_TIE = 1e-6
"""A voxel half way between two is part of the first, whatever the last digits say."""


@dataclass(frozen=True, eq=False)
class Merging:
    """How voxels of a finer level become voxels of a coarser one.

    Attributes
    ----------
    merged_kji : tuple of numpy.ndarray
        Along k, j and i: the index in the coarser level that each index of the finer one is part of, rising; below 0
        or beyond the last for what is part of none.
    coarser_shape_kji : tuple of int
    """

    merged_kji: tuple[np.ndarray, np.ndarray, np.ndarray]
    coarser_shape_kji: tuple[int, int, int]

    @classmethod
    def between(cls, finer: VoxelGrid, coarser: VoxelGrid) -> Merging:
        """From where both levels lie.

        Raises
        ------
        GeometryError
            If they lie along other axes.
        """
        matrix = coarser.ras_to_ijk @ finer.ijk_to_ras
        factors = np.diag(matrix)[:3]
        if np.abs(matrix[:3, :3] - np.diag(factors)).max() > _MOST_TURNED or factors.min() <= 0:
            raise GeometryError("The levels of the scan do not lie along the same axes: convert it anew.")
        k, j, i = (
            np.floor(factors[axis] * np.arange(finer.shape_kji[2 - axis]) + matrix[axis, 3] + 0.5 - _TIE).astype(int)
            for axis in (2, 1, 0)
        )
        return cls((k, j, i), coarser.shape_kji)

    def coarser(self, extent: Extent) -> Extent | None:
        """The coarser voxels that any voxel of a finer extent is part of; None where these are part of none."""
        first, last = extent.first_ijk[::-1], extent.last_ijk[::-1]
        lows = [max(0, int(merged[at])) for merged, at in zip(self.merged_kji, first, strict=True)]
        ends = zip(self.merged_kji, last, self.coarser_shape_kji, strict=True)
        highs = [min(count - 1, int(merged[at])) for merged, at, count in ends]
        if any(low > high for low, high in zip(lows, highs, strict=True)):
            return None
        return Extent.between(lows[::-1], highs[::-1])

    def finer(self, extent: Extent) -> Extent:
        """All finer voxels that are part of a coarser extent."""
        lows, highs = extent.first_ijk[::-1], extent.last_ijk[::-1]
        first = [int(np.searchsorted(one, low, "left")) for one, low in zip(self.merged_kji, lows, strict=True)]
        last = [int(np.searchsorted(one, high, "right")) - 1 for one, high in zip(self.merged_kji, highs, strict=True)]
        return Extent.between(first[::-1], last[::-1])

    def labels(self, labels_kji: np.ndarray, extent: Extent) -> np.ndarray:
        """Labels of a coarser extent: the one that most of the labelled voxels have; 0 where none is labelled.

        A mask on a single slice is so still seen where many slices are one.

        Parameters
        ----------
        labels_kji : numpy.ndarray
            (k, j, i) of exactly the voxels of `finer(extent)`.
        extent : Extent
            Of the coarser level.
        """
        best, most = np.zeros(extent.shape_kji, labels_kji.dtype), np.zeros(extent.shape_kji, np.int32)
        starts = self._starts(extent)
        for label in labels_in(labels_kji):
            counts: np.ndarray = labels_kji == label
            for axis, each in enumerate(starts):
                counts = np.add.reduceat(counts, each, axis=axis, dtype=np.int32)
            best[counts > most] = label
            most = np.maximum(most, counts)
        return best

    def _starts(self, extent: Extent) -> list[np.ndarray]:
        """Along each array axis, where in the finer voxels each coarser one begins."""
        first = self.finer(extent).first_ijk[::-1]
        ranges = zip(self.merged_kji, extent.slices_kji(), first, strict=True)
        return [np.searchsorted(merged, np.arange(wanted.start, wanted.stop)) - at for merged, wanted, at in ranges]


def labels_in(labels: np.ndarray) -> list[int]:
    """All labels of an array of unsigned numbers but 0, rising; without sorting its voxels."""
    is_there = np.zeros(np.iinfo(labels.dtype).max + 1, bool)
    for part in labels:  # indices take eight bytes a voxel
        is_there[part] = True
    return [int(each) for each in np.flatnonzero(is_there) if each]
