"""A lattice of voxels in the world: the one place that turns indices into millimetres and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import GeometryError
from .extent import Extent
from .slices import ARRAY_AXIS, Axis

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""ITK's world points to the left, posterior and superior, Slicer's to the right, anterior and superior."""


@dataclass(frozen=True, eq=False)
class VoxelGrid:
    """Where the voxels of an array lie.

    Any affine grid is exact: rotated, flipped, of unequal spacing, sheared. Voxel centres have whole indices.

    Attributes
    ----------
    ijk_to_ras : numpy.ndarray
        (4, 4) float64, voxel index (i, j, k) to the world (RAS) in mm.
    shape_kji : tuple of int
        Number of voxels along k, j and i.

    Raises
    ------
    GeometryError
        If the matrix is no affine map of three independent axes, or the shape holds no voxel.
    """

    ijk_to_ras: np.ndarray
    shape_kji: tuple[int, int, int]

    def __post_init__(self) -> None:
        matrix = np.array(self.ijk_to_ras, float)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all() or not np.array_equal(matrix[3], (0, 0, 0, 1)):
            raise GeometryError("A voxel grid needs a matrix of 4 x 4 finite numbers whose last row is 0, 0, 0, 1.")
        if len(self.shape_kji) != 3 or min(self.shape_kji) < 1:
            raise GeometryError(f"A voxel grid has at least one voxel along k, j and i, not {self.shape_kji}.")
        lengths = np.linalg.norm(matrix[:3, :3], axis=0)
        # relative to the edges: voxels of some nanometres are as good as those of metres
        if not lengths.all() or abs(np.linalg.det(matrix[:3, :3] / lengths)) < 1e-9:
            raise GeometryError("A voxel grid needs three independent axes, none of them of length 0.")
        matrix.setflags(write=False)
        object.__setattr__(self, "ijk_to_ras", matrix)

    @cached_property
    def ras_to_ijk(self) -> np.ndarray:
        """(4, 4) float64, inverse of `ijk_to_ras`."""
        return np.linalg.inv(self.ijk_to_ras)

    @property
    def spacing_mm_ijk(self) -> tuple[float, float, float]:
        """Distance in mm of neighbouring voxels along i, j and k."""
        i, j, k = np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0)
        return float(i), float(j), float(k)

    @property
    def spacing_mm_kji(self) -> tuple[float, float, float]:
        """Distance in mm of neighbouring voxels along the axes of arrays."""
        i, j, k = self.spacing_mm_ijk
        return k, j, i

    def slice_step(self, axis: Axis) -> float:
        """Distance of neighbouring slices along an axis over that of neighbouring pixels on them, the mean of both."""
        spacing = self.spacing_mm_kji
        across = ARRAY_AXIS[axis]
        pixels = [each for index, each in enumerate(spacing) if index != across]
        return spacing[across] / (sum(pixels) / len(pixels))

    @property
    def voxel_mm3(self) -> float:
        """Volume of a voxel in mm³, of a sheared one too."""
        return float(abs(np.linalg.det(self.ijk_to_ras[:3, :3])))

    @property
    def directions(self) -> np.ndarray:
        """(3, 3) float64 whose columns are unit vectors along i, j and k in RAS."""
        directions: np.ndarray = self.ijk_to_ras[:3, :3] / self.spacing_mm_ijk
        return directions

    @property
    def extent(self) -> Extent:
        """All voxels of the grid."""
        return Extent.of_shape(self.shape_kji)

    def ras_of(self, ijk: Sequence[float]) -> tuple[float, float, float]:
        """World point (RAS, mm) of a voxel index (i, j, k), fractions allowed."""
        return _applied(self.ijk_to_ras, ijk)

    def ijk_at(self, ras: Sequence[float]) -> tuple[float, float, float]:
        """Fractional voxel index (i, j, k) of a world point (RAS, mm)."""
        return _applied(self.ras_to_ijk, ras)

    def voxel_at(self, ras: Sequence[float]) -> tuple[int, int, int] | None:
        """The voxel (i, j, k) that holds a world point (RAS, mm), or None outside the grid."""
        i, j, k = (int(index) for index in np.floor(np.array(self.ijk_at(ras)) + 0.5))
        return (i, j, k) if self.extent.contains_voxel((i, j, k)) else None

    def part(self, extent: Extent) -> VoxelGrid:
        """The grid of a box of voxels, whose own indices count from the box's first voxel."""
        shift = np.eye(4)
        shift[:3, 3] = extent.first_ijk
        return VoxelGrid(self.ijk_to_ras @ shift, extent.shape_kji)

    def fits(self, other: VoxelGrid, tolerance: float = 1e-3) -> bool:
        """Whether both have the same voxels in the same places, to a fraction `tolerance` of a voxel."""
        if self.shape_kji != other.shape_kji:
            return False
        corners = np.array([[*corner, 1.0] for corner in self.extent.corners_ijk]).T
        back = self.ras_to_ijk @ other.ijk_to_ras @ corners
        return bool(np.abs(back - corners).max() <= tolerance)


def _applied(matrix: np.ndarray, point: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = matrix[:3, :3] @ np.asarray(point, float) + matrix[:3, 3]
    return float(x), float(y), float(z)
