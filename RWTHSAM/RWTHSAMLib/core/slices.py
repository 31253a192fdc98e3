"""Which slice of a volume, and how its pixels lie among the voxels.

A volume array is indexed (k, j, i). Fixing one of these axes gives a slice whose rows and columns are the two
others in array order:

====  ==============  =========  ============
axis  array slice     x (column)  y (row)
====  ==============  =========  ============
k     ``a[k, :, :]``  i          j
j     ``a[:, j, :]``  i          k
i     ``a[:, :, i]``  j          k
====  ==============  =========  ============

Pixel coordinates are integers at pixel centres, so pixel (x, y) *is* a voxel: no interpolation, no half-pixel shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Any, Literal, Protocol

import numpy as np

from ..errors import GeometryError
from .extent import Extent

Axis = Literal["k", "j", "i"]
AXES: tuple[Axis, ...] = ("k", "j", "i")
"""In the order of an array's axes."""
Ijk = tuple[int, int, int]

ARRAY_AXIS: dict[str, int] = {"k": 0, "j": 1, "i": 2}
_IJK_OF_XY: dict[str, tuple[int, int]] = {"k": (0, 1), "j": (0, 2), "i": (1, 2)}


class Voxels(Protocol):
    """Voxels (k, j, i) or (k, j, i, channels) that slices can be taken of: an array, or what reads them from a disk."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of voxels along k, j and i; behind them that of channels."""

    @property
    def ndim(self) -> int:
        """Three, or four where there are channels."""

    def __getitem__(self, key: tuple[slice | int, ...], /) -> Any:
        """The part of a key, a numpy array."""


@dataclass(frozen=True, order=True)
class SliceKey:
    """One slice of a volume: the axis that is held fixed, and the index on it.

    Raises
    ------
    GeometryError
        If the axis is not ``"k"``, ``"j"`` or ``"i"``, or the index is negative.
    """

    axis: Axis
    index: int

    def __post_init__(self) -> None:
        if self.axis not in ARRAY_AXIS:
            raise GeometryError(f"A slice axis is 'k', 'j' or 'i', not {self.axis!r}.")
        if self.index < 0:
            raise GeometryError(f"A slice index is 0 or larger, not {self.index}.")

    @property
    def text(self) -> str:
        """The slice in words: ``k = 70``."""
        return f"{self.axis} = {self.index}"

    @property
    def tag(self) -> str:
        """A word that no other slice has."""
        return f"{self.axis}{self.index}"

    def shape_yx(self, shape_kji: tuple[int, ...]) -> tuple[int, int]:
        """Rows and columns of this slice in a volume of (k, j, i) voxels."""
        j_or_k, i_or_j = (n for axis, n in enumerate(shape_kji[:3]) if axis != ARRAY_AXIS[self.axis])
        return j_or_k, i_or_j

    def check_inside(self, shape_kji: tuple[int, ...]) -> None:
        """Raise `GeometryError` unless a volume of (k, j, i) voxels has the slice."""
        count = shape_kji[ARRAY_AXIS[self.axis]]
        if self.index >= count:
            raise GeometryError(
                f"Slice {self.axis}={self.index} does not exist: the volume has {count} along {self.axis}."
            )

    def take(self, array_kji: Voxels) -> np.ndarray:
        """The slice's pixels, (rows, columns) or (rows, columns, channels); of an array a view, nothing is copied."""
        self.check_inside(array_kji.shape)
        where: list[slice | int] = [slice(None)] * array_kji.ndim
        where[ARRAY_AXIS[self.axis]] = self.index
        pixels: np.ndarray = array_kji[tuple(where)]
        return pixels

    def xy(self, ijk: Ijk) -> tuple[int, int]:
        """Pixel (x, y) of a voxel (i, j, k); the coordinate along the fixed axis is ignored."""
        x_axis, y_axis = _IJK_OF_XY[self.axis]
        return ijk[x_axis], ijk[y_axis]

    def pixel_at(self, ijk: tuple[float, float, float], shape_kji: tuple[int, ...]) -> tuple[int, int]:
        """The pixel (x, y) of a volume of this shape that is nearest to a place (i, j, k)."""
        rows, columns = self.shape_yx(shape_kji)
        x_axis, y_axis = _IJK_OF_XY[self.axis]
        x, y = floor(ijk[x_axis] + 0.5), floor(ijk[y_axis] + 0.5)
        return min(max(0, x), columns - 1), min(max(0, y), rows - 1)

    def pixel_mm_xy(self, spacing_mm_ijk: tuple[float, float, float]) -> tuple[float, float]:
        """Width and height of a pixel."""
        x_axis, y_axis = _IJK_OF_XY[self.axis]
        return spacing_mm_ijk[x_axis], spacing_mm_ijk[y_axis]

    def ijk(self, x: int, y: int) -> Ijk:
        """Voxel (i, j, k) of pixel (x, y)."""
        i, j, k = self.ijk_at(x, y)
        return int(i), int(j), int(k)

    def ijk_at(self, x: float, y: float) -> tuple[float, float, float]:
        """Voxel coordinates (i, j, k) of a place between pixels; pixel centres are whole numbers."""
        voxel = [float(self.index)] * 3
        x_axis, y_axis = _IJK_OF_XY[self.axis]
        voxel[x_axis], voxel[y_axis] = x, y
        return voxel[0], voxel[1], voxel[2]

    def extent(self, bounds_xyxy: tuple[int, int, int, int]) -> Extent:
        """Voxel extent, one slice thick, of a pixel rectangle with both corners inclusive."""
        x0, y0, x1, y1 = bounds_xyxy
        return Extent.between(self.ijk(x0, y0), self.ijk(x1, y1))

    def part_of(self, extent: Extent) -> Extent | None:
        """The voxels of an extent that are on this slice, or None where it lies beside them."""
        side = 2 * (2 - ARRAY_AXIS[self.axis])
        if not extent[side] <= self.index <= extent[side + 1]:
            return None
        bounds = [*extent]
        bounds[side : side + 2] = self.index, self.index
        return Extent(*bounds)


def slice_of_voxel(axis: Axis, ijk: Ijk) -> SliceKey:
    """The slice along `axis` that holds voxel `ijk`."""
    return SliceKey(axis, ijk[2 - ARRAY_AXIS[axis]])
