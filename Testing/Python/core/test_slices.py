"""Slices of a volume: pixels and voxels are the same things under two names."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.slices import SliceKey, slice_of_voxel
from RWTHSAMLib.errors import GeometryError

SHAPE_KJI = (4, 5, 6)
AXES = ("k", "j", "i")


@pytest.fixture
def a_volume() -> np.ndarray:
    """Every voxel's value is its own 100 k + 10 j + i."""
    k, j, i = np.indices(SHAPE_KJI)
    return 100 * k + 10 * j + i


@pytest.fixture(params=AXES)
def an_axis(request) -> str:
    return request.param


def test_a_slice_shows_the_voxels_that_its_pixels_name(a_volume, an_axis):
    rng = np.random.default_rng(11)
    for _ in range(50):
        key = SliceKey(an_axis, int(rng.integers(SHAPE_KJI[AXES.index(an_axis)])))
        rows, columns = key.shape_yx(SHAPE_KJI)
        x, y = int(rng.integers(columns)), int(rng.integers(rows))
        i, j, k = key.ijk(x, y)
        assert key.take(a_volume)[y, x] == a_volume[k, j, i], f"{key} x={x} y={y}, seed 11"


def test_voxels_and_pixels_round_trip(an_axis):
    rng = np.random.default_rng(12)
    for _ in range(50):
        voxel = tuple(int(rng.integers(count)) for count in reversed(SHAPE_KJI))
        key = slice_of_voxel(an_axis, voxel)
        assert key.ijk(*key.xy(voxel)) == voxel, f"{key} {voxel}, seed 12"


def test_a_slice_has_the_rows_and_columns_of_its_view(a_volume, an_axis):
    assert SliceKey(an_axis, 0).take(a_volume).shape == SliceKey(an_axis, 0).shape_yx(SHAPE_KJI)


def test_a_slice_is_a_view_and_keeps_channels(an_axis):
    colours = np.zeros((*SHAPE_KJI, 3), np.uint8)
    pixels = SliceKey(an_axis, 1).take(colours)
    pixels[:] = 7
    assert pixels.shape == (*SliceKey(an_axis, 1).shape_yx(SHAPE_KJI), 3)
    assert colours.sum() == 7 * pixels.size


def test_an_extent_is_one_slice_thick_and_inclusive(a_volume, an_axis):
    key = SliceKey(an_axis, 2)
    i0, i1, j0, j1, k0, k1 = key.extent((1, 2, 3, 3))
    block = a_volume[k0 : k1 + 1, j0 : j1 + 1, i0 : i1 + 1]
    assert np.array_equal(block.reshape(2, 3), key.take(a_volume)[2:4, 1:4])


def test_a_place_between_pixels_lies_between_voxels():
    assert SliceKey("j", 3).ijk_at(1.5, 0.25) == (1.5, 3.0, 0.25)


def test_a_slice_beyond_the_volume_is_refused(a_volume, an_axis):
    count = SHAPE_KJI[AXES.index(an_axis)]
    with pytest.raises(GeometryError, match=rf"{an_axis}={count} does not exist: the volume has {count}"):
        SliceKey(an_axis, count).take(a_volume)


@pytest.mark.parametrize(("axis", "index"), [("x", 0), ("", 0), ("k", -1)])
def test_an_impossible_slice_is_refused(axis, index):
    with pytest.raises(GeometryError):
        SliceKey(axis, index)


def test_slices_sort_and_serve_as_keys():
    assert sorted({SliceKey("k", 3), SliceKey("k", 2), SliceKey("k", 3)}) == [SliceKey("k", 2), SliceKey("k", 3)]
