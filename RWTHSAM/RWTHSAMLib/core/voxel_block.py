"""Voxels as blocks: a part of a volume, and where it lies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .extent import Extent, union_of
from .mask import Mask
from .slices import SliceKey


class VoxelBlock(NamedTuple):
    """Some voxels of a volume.

    Attributes
    ----------
    voxels_kji : numpy.ndarray
        bool (k, j, i) of exactly the voxels of the extent.
    extent : Extent
        Where they lie.
    """

    voxels_kji: np.ndarray
    extent: Extent

    @classmethod
    def of_mask(cls, mask: Mask, key: SliceKey) -> VoxelBlock:
        """The mask of a slice as a block one voxel thick; of a mask that is not empty."""
        extent = key.extent(mask.bounds_xyxy)
        return cls(mask.pixels.reshape(extent.shape_kji), extent)


def assembled(blocks: Iterable[VoxelBlock], extent: Extent) -> np.ndarray:
    """What of some blocks lies in an extent: bool (k, j, i)."""
    whole = np.zeros(extent.shape_kji, bool)
    for voxels, own in blocks:
        shared = extent.intersection(own)
        if shared is not None:
            whole[shared.slices_kji(extent.first_ijk)] |= voxels[shared.slices_kji(own.first_ijk)]
    return whole


def joined(blocks: Iterable[VoxelBlock]) -> VoxelBlock | None:
    """Some blocks as one that holds them all, or None without any."""
    every = [*blocks]
    extent = union_of(each.extent for each in every)
    return None if extent is None else VoxelBlock(assembled(every, extent), extent)
