"""Blocks of voxels put together, against boolean arrays that hold the same voxels."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.voxel_block import VoxelBlock, assembled, joined

SHAPE_KJI = (6, 7, 8)
WHOLE = Extent.of_shape(SHAPE_KJI)


@st.composite
def extents(draw: st.DrawFn) -> Extent:
    return Extent.of(
        end for count in reversed(SHAPE_KJI) for end in sorted(draw(st.tuples(*[st.integers(0, count - 1)] * 2)))
    )


@st.composite
def blocks(draw: st.DrawFn) -> VoxelBlock:
    extent = draw(extents())
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return VoxelBlock(generator.random(extent.shape_kji) < 0.5, extent)


def painted(several: list[VoxelBlock]) -> np.ndarray:
    whole = np.zeros(SHAPE_KJI, bool)
    for voxels, extent in several:
        whole[extent.slices_kji()] |= voxels
    return whole


@given(st.lists(blocks()), extents())
def test_blocks_are_assembled_within_an_extent(several, extent):
    assert np.array_equal(assembled(several, extent), painted(several)[extent.slices_kji()])


@given(st.lists(blocks()))
def test_blocks_that_are_joined_hold_all_their_voxels_and_reach_no_further(several):
    block = joined(several)
    if not several:
        assert block is None
        return
    assert np.array_equal(painted([block]), painted(several))
    assert all(block.extent.contains(each.extent) for each in several)


@given(blocks(), st.sampled_from("kji"), st.data())
def test_a_mask_on_a_slice_is_a_block_of_the_same_voxels(block, axis, data):
    key = SliceKey(axis, data.draw(st.integers(0, SHAPE_KJI["kji".index(axis)] - 1)))
    whole, on_slice = painted([block]), np.zeros(SHAPE_KJI, bool)
    key.take(on_slice)[:] = key.take(whole)
    mask = Mask.from_array(key.take(whole))
    if not mask.is_empty:
        assert np.array_equal(painted([VoxelBlock.of_mask(mask, key)]), on_slice)
