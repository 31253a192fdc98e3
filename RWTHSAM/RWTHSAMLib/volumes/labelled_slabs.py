"""Labels and grey values of a scan together, some slices at a time: neither need be in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import GeometryError
from .lazy_segmentation import LazySegmentation, slices_at_a_time
from .scan import Scan, slab_of

LabelledSlab = tuple[int, np.ndarray, np.ndarray]
"""Index of the first slice, labels (k, j, i, layers), and grey values (k, j, i) or (k, j, i, 3)."""


@dataclass(frozen=True, eq=False)
class LabelledSlabs:
    """All slices in their order, as often as it is gone through.

    More slices are read together than are worked on: those of a chunk would be read again and again otherwise.

    Attributes
    ----------
    segmentation : LazySegmentation
    scan : Scan
    bytes_per_voxel : int
        What is computed of a voxel takes about so much at a time.

    Raises
    ------
    GeometryError
        If the segmentation lies on another grid.
    """

    segmentation: LazySegmentation
    scan: Scan
    bytes_per_voxel: int

    def __post_init__(self) -> None:
        if not self.segmentation.grid_of_scan(self.shape_kji).fits(self.scan.grid):
            raise GeometryError(
                f"The segmentation does not lie on the voxel grid of '{self.scan.name}': choose the scan that it was "
                "made on."
            )

    @property
    def shape_kji(self) -> tuple[int, int, int]:
        """Voxels of the scan."""
        return self.scan.grid.shape_kji

    def __iter__(self) -> Iterator[LabelledSlab]:
        shape, layers = self.shape_kji, len(self.segmentation.about.layers)
        read_bytes = self.scan.array_kji.dtype.itemsize + self.segmentation.itemsize * layers
        many, few = slices_at_a_time(shape, read_bytes), slices_at_a_time(shape, self.bytes_per_voxel)
        for start in range(0, shape[0], many):
            stop = min(start + many, shape[0])
            labels, values = self.segmentation.slab_of_scan(start, stop, shape), slab_of(self.scan, start, stop)
            for first in range(0, stop - start, few):
                part = slice(first, first + few)
                yield start + first, labels[part], values[part]

    def labels(self) -> Iterator[tuple[int, np.ndarray]]:
        """Labels alone, (k, j, i, layers), each time with the index of the first slice."""
        shape, layers = self.shape_kji, len(self.segmentation.about.layers)
        step = slices_at_a_time(shape, self.segmentation.itemsize * layers + 8)
        for first in range(0, shape[0], step):
            yield first, self.segmentation.slab_of_scan(first, min(first + step, shape[0]), shape)
