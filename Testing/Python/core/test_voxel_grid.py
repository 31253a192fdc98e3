"""Voxel indices and world points, for any affine grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.errors import GeometryError

INDICES = st.tuples(*[st.integers(-1000, 3000)] * 3)


@st.composite
def grids(draw: st.DrawFn) -> VoxelGrid:
    """Grids turned, flipped and sheared, with voxels of 10 nm to 10 mm, up to metres away from the origin."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    directions, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    shear = np.eye(3) + np.triu(generator.uniform(-0.4, 0.4, (3, 3)), 1) * draw(st.booleans())
    matrix = np.eye(4)
    matrix[:3, :3] = directions @ shear @ np.diag(10.0 ** generator.uniform(-5, 1, 3))
    matrix[:3, 3] = generator.uniform(-1000, 1000, 3)
    return VoxelGrid(matrix, tuple(int(n) for n in generator.integers(1, 50, 3)))


@given(grids(), INDICES)
def test_an_index_comes_back_from_the_world(grid, ijk):
    # a metre away, float64 keeps 1e-13 m: a hundred-thousandth of the smallest voxel tried
    assert np.allclose(grid.ijk_at(grid.ras_of(ijk)), ijk, rtol=0, atol=1e-3)


@given(grids())
def test_the_voxel_at_a_centre_is_that_voxel_and_none_outside(grid):
    k, j, i = (count - 1 for count in grid.shape_kji)
    assert grid.voxel_at(grid.ras_of((i, j, k))) == (i, j, k)
    assert grid.voxel_at(grid.ras_of((i + 1, j, k))) is None
    assert grid.voxel_at(grid.ras_of((0, 0, -1))) is None


@given(grids())
def test_the_volume_of_a_voxel_is_that_of_the_box_of_its_edges(grid):
    i, j, k = (grid.ijk_to_ras[:3, axis] for axis in range(3))
    assert grid.voxel_mm3 == pytest.approx(abs(np.dot(np.cross(i, j), k)))


@given(grids(), st.data())
def test_a_part_lies_where_it_lay_in_the_whole(grid, data):
    low = [data.draw(st.integers(0, count - 1)) for count in grid.shape_kji[::-1]]
    high = [data.draw(st.integers(first, n - 1)) for first, n in zip(low, grid.shape_kji[::-1], strict=True)]
    part = grid.part(Extent.between(low, high))
    assert np.allclose(part.ras_of((0, 0, 0)), grid.ras_of(low))
    assert np.allclose(part.ras_of(np.subtract(high, low)), grid.ras_of(high))


@given(grids())
def test_a_grid_fits_itself_and_no_other(grid):
    assert grid.fits(VoxelGrid(grid.ijk_to_ras.copy(), grid.shape_kji))
    k, j, i = grid.shape_kji
    assert not grid.fits(VoxelGrid(grid.ijk_to_ras, (k + 1, j, i)))
    moved = grid.ijk_to_ras.copy()
    moved[:3, 3] += 0.1 * moved[:3, 0]
    assert not grid.fits(VoxelGrid(moved, grid.shape_kji))


def test_spacing_of_a_known_grid():
    grid = VoxelGrid(np.diag([-0.5, -0.25, 2.0, 1.0]), (3, 4, 5))
    assert grid.spacing_mm_ijk == (0.5, 0.25, 2.0)
    assert grid.spacing_mm_kji == (2.0, 0.25, 0.5)


@pytest.mark.parametrize(
    "matrix",
    [np.eye(3), np.diag([1, 1, 0, 1.0]), np.diag([1, 1, np.nan, 1.0]), np.ones((4, 4)), np.diag([1, 1, 1, 2.0])],
)
def test_a_matrix_that_places_no_voxels_is_refused(matrix):
    with pytest.raises(GeometryError, match="voxel grid"):
        VoxelGrid(matrix, (1, 1, 1))


def test_a_grid_without_voxels_is_refused():
    with pytest.raises(GeometryError, match="at least one voxel"):
        VoxelGrid(np.eye(4), (1, 0, 1))


def test_a_grid_does_not_follow_later_changes_of_the_matrix_it_was_made_from():
    matrix = np.eye(4)
    grid = VoxelGrid(matrix, (1, 1, 1))
    matrix[0, 3] = 5
    assert grid.ras_of((0, 0, 0)) == (0.0, 0.0, 0.0)
