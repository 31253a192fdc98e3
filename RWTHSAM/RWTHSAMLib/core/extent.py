"""Boxes of voxels: where a part of a volume lies, and what two parts share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

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

    @classmethod
    def around(cls, mask_kji: np.ndarray, first_ijk: Sequence[int] = (0, 0, 0)) -> Extent | None:
        """The smallest box that holds the true voxels of a mask, or None where it has none.

        Parameters
        ----------
        mask_kji : numpy.ndarray
            bool (k, j, i).
        first_ijk : sequence of int
            The voxel that its element (0, 0, 0) is.
        """
        bounds: list[int] = []
        for array_axis, first in zip((2, 1, 0), first_ijk, strict=True):
            others = tuple(each for each in range(3) if each != array_axis)
            held = np.flatnonzero(mask_kji.any(axis=others))
            if not held.size:
                return None
            bounds += [first + int(held[0]), first + int(held[-1])]
        return cls(*bounds)

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

    @property
    def corners_ijk(self) -> list[tuple[int, int, int]]:
        """Its eight corner voxels; some are the same where it is one voxel thick."""
        i0, i1, j0, j1, k0, k1 = self
        return [(i, j, k) for i in (i0, i1) for j in (j0, j1) for k in (k0, k1)]

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
        """The smallest box that holds the voxels of both."""
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

    def widened(self, margin: int | Sequence[int]) -> Extent | None:
        """The box with voxels more on both sides along each axis; fewer where negative, None if nothing is left.

        Parameters
        ----------
        margin : int or sequence of int
            How many, or how many along i, j and k.
        """
        i, j, k = (margin,) * 3 if isinstance(margin, int) else margin
        wider = Extent(self.i_min - i, self.i_max + i, self.j_min - j, self.j_max + j, self.k_min - k, self.k_max + k)
        return wider if wider._holds_a_voxel else None

    def with_margin(self, margin: int | Sequence[int], whole: Extent) -> Extent:
        """As `widened`, as far as the whole goes that the box is a part of; no voxels less."""
        wider = self.widened(margin)
        assert wider is not None
        within = wider.intersection(whole)
        if within is None:
            raise GeometryError(f"The extent {tuple(self)} is no part of {tuple(whole)}.")
        return within

    def shifted(self, offset_ijk: Sequence[int]) -> Extent:
        """The box moved by whole voxels."""
        i, j, k = offset_ijk
        return Extent(self[0] + i, self[1] + i, self[2] + j, self[3] + j, self[4] + k, self[5] + k)

    @property
    def _holds_a_voxel(self) -> bool:
        return self.i_min <= self.i_max and self.j_min <= self.j_max and self.k_min <= self.k_max


def union_of(extents: Iterable[Extent]) -> Extent | None:
    """The smallest extent that holds all voxels of some others, or None without any."""
    every = [*extents]
    return reduce(Extent.union, every) if every else None
