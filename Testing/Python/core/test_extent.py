"""The algebra of boxes of voxels, against boolean arrays that hold the same voxels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from RWTHSAMLib.core.extent import Extent, union_of
from RWTHSAMLib.errors import GeometryError

SIDE = 12


@st.composite
def extents(draw: st.DrawFn) -> Extent:
    bounds = [sorted(draw(st.tuples(*[st.integers(0, SIDE - 1)] * 2))) for _ in range(3)]
    return Extent.of([end for pair in bounds for end in pair])


def voxels_of(extent: Extent | None) -> np.ndarray:
    voxels = np.zeros((SIDE, SIDE, SIDE), bool)
    if extent is not None:
        voxels[extent.slices_kji()] = True
    return voxels


@given(extents(), extents())
def test_an_intersection_holds_the_voxels_of_both(one, other):
    assert np.array_equal(voxels_of(one.intersection(other)), voxels_of(one) & voxels_of(other))
    assert one.intersection(other) == other.intersection(one)


@given(extents(), extents())
def test_a_union_is_the_smallest_box_that_holds_both(one, other):
    union = one.union(other)
    assert union.contains(one) and union.contains(other)
    held = np.argwhere(voxels_of(one) | voxels_of(other))
    assert union == Extent.between(held.min(axis=0)[::-1], held.max(axis=0)[::-1])


@given(extents(), extents())
def test_an_extent_contains_another_where_no_voxel_is_outside(one, other):
    assert one.contains(other) == (not (voxels_of(other) & ~voxels_of(one)).any())


@given(extents())
def test_shape_count_and_slices_agree_with_the_voxels(extent):
    voxels = voxels_of(extent)
    assert voxels[extent.slices_kji()].shape == extent.shape_kji
    assert voxels.sum() == extent.voxel_count
    assert np.zeros(extent.shape_kji)[extent.slices_kji(extent.first_ijk)].shape == extent.shape_kji


@given(extents(), st.integers(0, 5))
def test_a_widened_extent_comes_back_when_narrowed(extent, margin):
    assert extent.widened(margin).widened(-margin) == extent


@given(extents())
def test_narrowing_beyond_the_last_voxel_leaves_none(extent):
    assert extent.widened(-SIDE) is None


@given(extents(), st.tuples(*[st.integers(-9, 9)] * 3))
def test_shifting_moves_both_corners(extent, offset):
    moved = extent.shifted(offset)
    assert moved.shape_kji == extent.shape_kji
    assert tuple(np.subtract(moved.first_ijk, extent.first_ijk)) == offset


@given(extents(), st.tuples(*[st.integers(0, SIDE - 1)] * 3))
def test_a_voxel_is_inside_where_the_array_says_so(extent, ijk):
    assert extent.contains_voxel(ijk) == voxels_of(extent)[ijk[::-1]]


@given(st.lists(extents()))
def test_the_union_of_many_is_that_of_one_after_the_other(several):
    union = union_of(several)
    assert (union is None) == (not several)
    assert all(union.contains(each) for each in several)


@given(extents())
def test_an_extent_is_a_tuple_for_vtk_and_for_json(extent):
    assert extent == tuple(extent)
    assert extent == Extent.of(list(extent))
    assert extent == Extent.between(extent.first_ijk, extent.last_ijk)


def test_all_voxels_of_an_array_are_an_extent():
    assert Extent.of_shape((2, 3, 4, 3)) == (0, 3, 0, 2, 0, 1)


@pytest.mark.parametrize("bounds", [(0, 1, 2), (0, -1, 0, 3, 0, 3), (0, 3, 2, 1, 0, 3), ()])
def test_what_holds_no_voxel_is_no_extent(bounds):
    with pytest.raises(GeometryError, match="extent"):
        Extent.of(bounds)
