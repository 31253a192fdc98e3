"""Boxes of voxels: where a part of a volume lies, and what two parts share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

from ..errors import GeometryError


class Extent(NamedTuple):
    """A box of voxels, both ends inclusive, in VTK's order; a plain tuple wherever VTK or JSON wants one.

    No extent is empty: what would hold no voxel is None.

    Attributes
    ----------
    i_min, i_max, j_min, j_max, k_min, k_max : int
        First and last voxel index along each axis.
    """

    i_min: int
    i_max: int
    j_min: int
    j_max: int
    k_min: int
    k_max: int

    @classmethod
    def of(cls, bounds: Iterable[float]) -> Extent:
        """Extent of six whole numbers (i_min, i_max, j_min, j_max, k_min, k_max).

        Raises
        ------
        GeometryError
            If there are not six of them, or a box of them holds no voxel.
        """
        values = [int(bound) for bound in bounds]
        if len(values) != 6:
            raise GeometryError(f"An extent is six numbers, first and last index along i, j and k, not {values}.")
        extent = cls(*values)
        if not extent._holds_a_voxel:
            raise GeometryError(f"An extent's last indices are not below its first ones, as in {tuple(values)}.")
        return extent

    @classmethod
    def of_shape(cls, shape_kji: Sequence[int]) -> Extent:
        """All voxels of an array of shape (k, j, i, ...)."""
        k, j, i = shape_kji[:3]
        return cls.of((0, i - 1, 0, j - 1, 0, k - 1))

    @classmethod
    def between(cls, first_ijk: Sequence[int], last_ijk: Sequence[int]) -> Extent:
        """The box from one corner voxel to the opposite one, both inside."""
        (i0, j0, k0), (i1, j1, k1) = first_ijk, last_ijk
        return cls.of((i0, i1, j0, j1, k0, k1))

    @property
    def first_ijk(self) -> tuple[int, int, int]:
        """The corner voxel with the lowest indices."""
        return self.i_min, self.j_min, self.k_min

    @property
    def last_ijk(self) -> tuple[int, int, int]:
        """The corner voxel with the highest indices."""
        return self.i_max, self.j_max, self.k_max

    @property
    def shape_kji(self) -> tuple[int, int, int]:
        """Number of voxels along k, j and i: the shape of an array of them."""
        return self.k_max - self.k_min + 1, self.j_max - self.j_min + 1, self.i_max - self.i_min + 1

    @property
    def voxel_count(self) -> int:
        """Number of voxels."""
        k, j, i = self.shape_kji
        return k * j * i

    def slices_kji(self, first_ijk: Sequence[int] = (0, 0, 0)) -> tuple[slice, slice, slice]:
        """Where the box lies in an array whose element (0, 0, 0) is voxel `first_ijk`."""
        i, j, k = first_ijk
        return (
            slice(self.k_min - k, self.k_max - k + 1),
            slice(self.j_min - j, self.j_max - j + 1),
            slice(self.i_min - i, self.i_max - i + 1),
        )

    def contains(self, other: Sequence[int]) -> bool:
        """Whether every voxel of another extent is one of this."""
        return self.intersection(other) == tuple(other)

    def contains_voxel(self, ijk: Sequence[float]) -> bool:
        """Whether a voxel (i, j, k) is inside."""
        return all(low <= index <= high for low, index, high in zip(self.first_ijk, ijk, self.last_ijk, strict=True))

    def union(self, other: Sequence[int]) -> Extent:
        """The smallest box that holds both."""
        i0, i1, j0, j1, k0, k1 = other
        return Extent(
            min(self.i_min, i0),
            max(self.i_max, i1),
            min(self.j_min, j0),
            max(self.j_max, j1),
            min(self.k_min, k0),
            max(self.k_max, k1),
        )

    def intersection(self, other: Sequence[int]) -> Extent | None:
        """The voxels of both, or None where they share none."""
        i0, i1, j0, j1, k0, k1 = other
        shared = Extent(
            max(self.i_min, i0),
            min(self.i_max, i1),
            max(self.j_min, j0),
            min(self.j_max, j1),
            max(self.k_min, k0),
            min(self.k_max, k1),
        )
        return shared if shared._holds_a_voxel else None

    def widened(self, margin: int) -> Extent | None:
        """The box with `margin` voxels more on each of its six sides; fewer where negative, None if nothing is left."""
        wider = Extent(
            *(bound + margin if end else bound - margin for bound, end in zip(self, (0, 1) * 3, strict=True))
        )
        return wider if wider._holds_a_voxel else None

    def shifted(self, offset_ijk: Sequence[int]) -> Extent:
        """The box moved by whole voxels."""
        i, j, k = offset_ijk
        return Extent(self[0] + i, self[1] + i, self[2] + j, self[3] + j, self[4] + k, self[5] + k)

    @property
    def _holds_a_voxel(self) -> bool:
        return self.i_min <= self.i_max and self.j_min <= self.j_max and self.k_min <= self.k_max


def union_of(extents: Iterable[Extent]) -> Extent | None:
    """The smallest extent that holds some others, or None without any."""
    every = [*extents]
    return reduce(Extent.union, every) if every else None
