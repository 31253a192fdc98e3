"""Volumes in tiles: each voxel is in one of them, and is seen with its neighbours."""

from __future__ import annotations

import math

import numpy as np
import pytest

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.volumes.lazy.tiles import tile_shape_kji, tiles_of

WHOLE = Extent(3, 25, 1, 17, 2, 12)
"""Sides that no tile divides."""


def test_each_voxel_is_in_one_tile_and_seen_with_all_neighbours_that_there_are() -> None:
    shape, margin = (4, 5, 6), (1, 2, 3)
    times = np.zeros(WHOLE.shape_kji, int)
    for own, seen in tiles_of(WHOLE, WHOLE, shape, margin):
        times[own.slices_kji(WHOLE.first_ijk)] += 1
        assert seen == own.widened((3, 2, 1)).intersection(WHOLE)
    assert (times == 1).all()


@pytest.mark.parametrize("most", [400, 1000, 4000])
def test_tiles_are_seen_in_so_few_voxels(most) -> None:
    margin = (1, 2, 2)
    shape = tile_shape_kji(WHOLE.shape_kji, margin, most)
    assert max(seen.voxel_count for _, seen in tiles_of(WHOLE, WHOLE, shape, margin)) <= most


def test_a_volume_that_fits_is_one_tile() -> None:
    assert tile_shape_kji((11, 17, 23), (5, 5, 5), 11 * 17 * 23) == (11, 17, 23)
    assert tile_shape_kji((11, 17, 23), (5, 5, 5), 11 * 17 * 23, thickest=4) == (4, 17, 23)


def test_wide_slices_are_cut_across_rather_than_into_thin_ones() -> None:
    shape = tile_shape_kji((200, 400, 400), (10, 10, 10), 200 * 400 * 400 // 50)
    seen = math.prod(each + 20 for each in shape)
    assert min(shape) > 20 and seen / math.prod(shape) < 4


def test_a_voxel_whose_neighbours_are_too_many_has_no_tile() -> None:
    assert tile_shape_kji((9, 9, 9), (2, 2, 2), 5**3) == (1, 1, 1)
    assert tile_shape_kji((9, 9, 9), (2, 2, 2), 5**3 - 1) is None
