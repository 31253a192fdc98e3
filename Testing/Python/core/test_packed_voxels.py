"""Voxels packed to bits come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from RWTHSAMLib.core.packed_voxels import PackedVoxels


@st.composite
def blocks(draw: st.DrawFn) -> np.ndarray:
    shape = draw(st.tuples(*[st.integers(1, 20)] * 3))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return generator.random(shape) < draw(st.sampled_from([0.0, 0.01, 0.5, 1.0]))


@given(blocks())
def test_all_voxels_come_back(voxels):
    packed = PackedVoxels.of(voxels)
    assert np.array_equal(packed.to_array(), voxels)
    assert packed.any == voxels.any()


@given(blocks(), st.integers(0, 25), st.integers(0, 25))
def test_some_slices_come_back_alone(voxels, first, behind):
    assert np.array_equal(PackedVoxels.of(voxels).to_array(first, behind), voxels[first:behind])


@pytest.mark.parametrize("share", [0, 1])
def test_packed_voxels_take_an_eighth_of_the_memory_and_none_where_none_is_set(share):
    voxels = np.full((10, 16, 64), bool(share))
    assert PackedVoxels.of(voxels).bits.nbytes == share * voxels.nbytes // 8
