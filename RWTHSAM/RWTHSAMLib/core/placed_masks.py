"""Any voxels as masks of slices: small, exact, and independent of where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from .extent import Extent
from .mask import Mask, PackedMask
from .slices import ARRAY_AXIS, Axis, SliceKey
from .voxel_block import VoxelBlock, assembled

PlacedMasks = tuple[tuple[SliceKey, PackedMask], ...]
"""Voxels, each mask on its slice; empty slices are left out."""


def placed(voxels_kji: np.ndarray, extent: Extent, shape_kji: tuple[int, int, int]) -> PlacedMasks:
    """Masks of a block of voxels, sliced along its shortest side.

    Parameters
    ----------
    voxels_kji : numpy.ndarray
        bool (k, j, i) of exactly the voxels of `extent`.
    extent : Extent
        Where they lie.
    shape_kji : tuple of int
        Of the whole volume.
    """
    axis = min(ARRAY_AXIS, key=lambda each: voxels_kji.shape[ARRAY_AXIS[each]])
    return tuple(_along(_as_axis(axis), voxels_kji, extent, shape_kji))


def count(masks: PlacedMasks) -> int:
    """How many voxels they are, if they do not overlap."""
    return sum(mask.area for _, mask in masks)


def within(masks: Iterable[tuple[SliceKey, PackedMask]], extent: Extent) -> np.ndarray:
    """The part that lies in an extent: bool (k, j, i)."""
    there = (each for each in masks if each[0].extent(each[1].bounds_xyxy).intersection(extent) is not None)
    return assembled((VoxelBlock.of_mask(mask.unpack(), key) for key, mask in there), extent)


def _along(
    axis: Axis, voxels_kji: np.ndarray, extent: Extent, shape_kji: tuple[int, int, int]
) -> Iterator[tuple[SliceKey, PackedMask]]:
    corner_ijk = extent.first_ijk
    for offset in range(voxels_kji.shape[ARRAY_AXIS[axis]]):
        cut = SliceKey(axis, offset)
        inside = Mask.from_array(cut.take(voxels_kji))
        if not inside.is_empty:
            key = SliceKey(axis, corner_ijk[2 - ARRAY_AXIS[axis]] + offset)
            (x, y), (x0, y0) = inside.origin_xy, key.xy(corner_ijk)
            yield key, PackedMask.of(Mask(key.shape_yx(shape_kji), (x + x0, y + y0), inside.pixels))


def _as_axis(name: str) -> Axis:
    return "k" if name == "k" else "j" if name == "j" else "i"
