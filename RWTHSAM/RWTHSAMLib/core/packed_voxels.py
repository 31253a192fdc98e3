"""Voxels that are kept for later, one bit each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BITS_SET = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1, dtype=np.uint64)
"""How many bits of a byte are set, by the byte."""


@dataclass(frozen=True, eq=False)
class PackedVoxels:
    """A block of yes and no, an eighth of what an array of bool takes.

    Attributes
    ----------
    shape_kji : tuple of int
        Number of voxels along k, j and i.
    bits : numpy.ndarray
        uint8 (k, j, bytes): each row along i packed by itself, so that slices come out alone. Without a row where
        no voxel is set.
    """

    shape_kji: tuple[int, int, int]
    bits: np.ndarray

    @classmethod
    def of(cls, voxels_kji: np.ndarray) -> PackedVoxels:
        """Pack bool (k, j, i)."""
        k, j, i = voxels_kji.shape
        bits = np.packbits(voxels_kji, axis=2) if voxels_kji.any() else np.zeros((0, 0, 0), np.uint8)
        return cls((k, j, i), bits)

    @property
    def any(self) -> bool:
        """Whether a voxel is set."""
        return bool(self.bits.size)

    @property
    def count(self) -> int:
        """How many voxels are set."""
        return int(_BITS_SET[self.bits].sum())

    def to_array(self, first_k: int = 0, behind_k: int | None = None) -> np.ndarray:
        """Bool (k, j, i) of all slices, or of those from `first_k` to before `behind_k`."""
        k, j, i = self.shape_kji
        count = len(range(k)[first_k:behind_k])
        if not self.any:
            return np.zeros((count, j, i), bool)
        return np.unpackbits(self.bits[first_k:behind_k], axis=2, count=i).view(bool)
