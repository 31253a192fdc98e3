"""A plane at any angle has pixels that depend on the plane alone and lie exactly in the volume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from RWTHSAMLib.core.oblique_plane import ObliquePlane, is_one_slice, plane_through
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.errors import GeometryError

SEED = 20261124
SHAPE_KJI = (23, 31, 27)


def a_grid(random: np.random.Generator) -> np.ndarray:
    """A turned grid of unequal voxels somewhere in the world, at times left-handed."""
    turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
    grid = np.eye(4)
    grid[:3, :3] = turn @ np.diag(random.uniform(0.02, 2.0, 3))
    grid[:3, 3] = random.uniform(-50, 50, 3)
    return grid


def a_place_inside(grid: np.ndarray, random: np.random.Generator) -> np.ndarray:
    ijk = random.uniform(0.2, 0.8, 3) * (np.array(SHAPE_KJI[::-1]) - 1)
    return grid[:3, :3] @ ijk + grid[:3, 3]


@pytest.fixture
def random_planes() -> list[tuple[np.ndarray, np.ndarray, np.ndarray, ObliquePlane]]:
    """Grid, normal and point in the world, and the plane, forty times."""
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    made = []
    for _ in range(40):
        grid, normal = a_grid(random), random.normal(size=3)
        point = a_place_inside(grid, random)
        plane = plane_through(VoxelGrid(grid, SHAPE_KJI), normal, point)
        assert plane is not None
        made.append((grid, normal / np.linalg.norm(normal), point, plane))
    return made


def world(grid: np.ndarray, ijk: tuple[float, float, float]) -> np.ndarray:
    return grid[:3, :3] @ np.array(ijk) + grid[:3, 3]


def test_its_pixels_lie_on_the_plane_and_are_squares_of_the_finest_voxel_side(random_planes) -> None:
    for grid, normal, point, plane in random_planes:
        side = np.linalg.norm(grid[:3, :3], axis=0).min()
        corner, right, down = (world(grid, plane.ijk_at(*xy)) for xy in ((0, 0), (1, 0), (0, 1)))
        assert abs(normal @ (corner - point)) < 2e-3 * side  # planes are a thousandth of a voxel apart
        assert np.linalg.norm(right - corner) == pytest.approx(side, rel=1e-5)
        assert np.linalg.norm(down - corner) == pytest.approx(side, rel=1e-5)
        assert (right - corner) @ (down - corner) == pytest.approx(0, abs=1e-5 * side**2)
        assert plane.pixel_mm_xy(np.linalg.norm(grid[:3, :3], axis=0)) == pytest.approx((side, side), rel=1e-5)


def test_it_covers_all_that_it_cuts_of_the_volume_and_no_row_more(random_planes) -> None:
    last = np.array(SHAPE_KJI[::-1]) - 0.5
    for _, _, _, plane in random_planes:
        columns, rows = plane.size_xy
        x, y = (each.ravel() for each in np.meshgrid(np.arange(-3, columns + 3, 0.5), np.arange(-3, rows + 3, 0.5)))
        corner, right, down = (np.array(plane.ijk_at(*xy)) for xy in ((0, 0), (1, 0), (0, 1)))
        places = corner + np.outer(x, right - corner) + np.outer(y, down - corner)
        inside = ((places > -0.5) & (places < last)).all(axis=1)
        # a sharp corner of the outline may lie between two of the places that are looked at
        assert -0.51 <= x[inside].min() <= 1.51 and -0.51 <= y[inside].min() <= 1.51
        assert columns - 2.51 <= x[inside].max() <= columns - 0.49 and rows - 2.51 <= y[inside].max() <= rows - 0.49


def test_the_same_view_gives_the_same_plane_however_it_is_panned_or_turned_over(random_planes) -> None:
    random = np.random.default_rng(SEED)
    for grid, normal, point, plane in random_planes:
        side = np.linalg.norm(grid[:3, :3], axis=0).min()
        # a height in the middle between two that are told apart, so that noise does not decide
        settled = world(grid, plane.ijk_at(3, 4))
        along = np.cross(normal, random.normal(size=3)) * random.uniform(-9, 9) * side
        noise = random.normal(size=3) * 1e-9
        assert (
            plane_through(VoxelGrid(grid, SHAPE_KJI), -normal * 3 + noise, settled + along + noise * side) == plane
        ), point


def test_a_pixel_and_its_place_are_one(random_planes) -> None:
    random = np.random.default_rng(SEED)
    for _, _, _, plane in random_planes:
        x, y = (int(random.integers(each)) for each in plane.size_xy)
        assert plane.pixel_at(plane.ijk_at(x, y)) == (x, y)
        assert plane.place_of(np.array(plane.ijk_at(x + 0.25, y - 0.5))) == pytest.approx((x + 0.25, y - 0.5, 0))
        assert plane.distance(np.array(plane.ijk_at(x, y))) == pytest.approx(0, abs=1e-9)


def test_a_plane_that_is_turned_a_little_looks_like_the_slice_it_came_from() -> None:
    grid = np.diag([0.5, 0.5, 2.0, 1.0])
    plane = plane_through(VoxelGrid(grid, SHAPE_KJI), np.array([0.01, 0.02, 1.0]), np.array([6.5, 7.5, 22.0]))
    assert plane is not None
    assert plane.x_step_ijk == pytest.approx((1, 0, 0), abs=0.02)
    assert plane.y_step_ijk == pytest.approx((0, 1, 0), abs=0.02)
    assert plane.size_xy == pytest.approx((27, 31), abs=2)  # a sliver at the edge takes a row of its own


def test_a_plane_beside_the_volume_is_none() -> None:
    assert plane_through(VoxelGrid(np.eye(4), SHAPE_KJI), np.array([1.0, 1, 1]), np.array([90.0, 0, 0])) is None
    plane = plane_through(VoxelGrid(np.eye(4), SHAPE_KJI), np.array([1.0, 1, 1]), np.array([9.0, 9, 9]))
    assert plane is not None
    plane.check_inside(SHAPE_KJI)
    with pytest.raises(GeometryError, match="misses the volume"):
        replace(plane, origin_ijk=(90.0, 0, 0)).check_inside(SHAPE_KJI)


def test_a_plane_without_directions_is_refused() -> None:
    with pytest.raises(GeometryError, match="span space"):
        ObliquePlane((0, 0, 0), (1, 0, 0), (2, 0, 0), (0, 0, 1), (5, 5))
    with pytest.raises(GeometryError, match="1 to 4096"):
        ObliquePlane((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (5, 5000))


def test_a_view_is_one_slice_only_if_it_stays_in_it_from_edge_to_edge() -> None:
    tilted = np.array([np.tan(np.radians(1.0)), 0, 1])
    assert is_one_slice(VoxelGrid(np.eye(4), (23, 27, 27)), tilted)  # 26 voxels climb 0.45
    assert not is_one_slice(VoxelGrid(np.eye(4), (23, 27, 1000)), tilted)  # 999 climb 17
    assert is_one_slice(VoxelGrid(np.diag([0.02, 0.02, 2.0, 1]), (23, 27, 1000)), tilted)  # thick slices swallow it


def test_two_planes_have_two_names(random_planes) -> None:
    assert len({plane.tag for *_, plane in random_planes}) == len(random_planes)
