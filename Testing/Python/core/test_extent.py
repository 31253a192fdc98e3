"""The algebra of boxes of voxels, against boolean arrays that hold the same voxels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from RWTHSAMLib.core.extent import Extent, union_of
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import GeometryError

SIDE = 12
WHOLE = Extent.of_shape((SIDE,) * 3)


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


@given(extents(), st.tuples(*[st.integers(0, 5)] * 3))
def test_a_margin_along_each_axis_goes_as_far_as_the_whole(extent, margins):
    grid = np.argwhere(np.ones((SIDE,) * 3))[:, ::-1]
    far = np.maximum(np.subtract(extent.first_ijk, grid), np.subtract(grid, extent.last_ijk))
    near = (far <= margins).all(axis=1).reshape((SIDE,) * 3)
    assert np.array_equal(voxels_of(extent.with_margin(margins, WHOLE)), near)


@given(st.lists(extents(), max_size=3), st.tuples(*[st.integers(-9, 9)] * 3))
def test_the_extent_around_a_mask_holds_its_voxels_and_no_more(several, offset):
    mask = np.any([np.zeros((SIDE,) * 3, bool), *map(voxels_of, several)], axis=0)
    held = union_of(several)
    assert Extent.around(mask, offset) == (held.shifted(offset) if held else None)


@given(extents(), st.sampled_from("kji"), st.integers(0, SIDE - 1))
def test_the_part_of_an_extent_on_a_slice_is_what_the_slice_cuts_from_it(extent, axis, index):
    on_slice = np.zeros((SIDE,) * 3, bool)
    SliceKey(axis, index).take(on_slice)[:] = True
    assert np.array_equal(voxels_of(SliceKey(axis, index).part_of(extent)), voxels_of(extent) & on_slice)


def test_a_margin_needs_a_whole_that_the_extent_is_a_part_of():
    with pytest.raises(GeometryError, match="no part of"):
        Extent(20, 21, 0, 1, 0, 1).with_margin(1, WHOLE)


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
