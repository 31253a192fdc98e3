"""A mask on a plane at any angle becomes exactly the voxels within half a voxel of it, and its grey values are true."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.extent import Extent, union_of
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.oblique_plane import ObliquePlane, plane_through
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.voxel_block import assembled as blocks_within
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.errors import GeometryError
from RWTHSAMLib.volumes import oblique
from RWTHSAMLib.volumes.oblique import grey_on, mask_blocks, nearest_on

SEED = 77
SHAPE_KJI = (19, 24, 29)


@pytest.fixture(params=range(12))
def a_plane(request) -> ObliquePlane:
    """Through a random grid at a random angle."""
    print(f"seed {SEED + request.param}")
    random = np.random.default_rng(SEED + request.param)
    turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
    grid = np.eye(4)
    grid[:3, :3] = turn @ np.diag(random.uniform(0.3, 3.0, 3))
    grid[:3, 3] = random.uniform(-20, 20, 3)
    ijk = random.uniform(0.3, 0.7, 3) * (np.array(SHAPE_KJI[::-1]) - 1)
    plane = plane_through(VoxelGrid(grid, SHAPE_KJI), random.normal(size=3), grid[:3, :3] @ ijk + grid[:3, 3])
    assert plane is not None
    return plane


@pytest.fixture
def a_mask(a_plane) -> Mask:
    """A ragged half of the plane's pixels."""
    random = np.random.default_rng(SEED)
    return Mask.from_array(random.random(a_plane.shape_yx()) < 0.5)


def everything(plane: ObliquePlane) -> Mask:
    return Mask.from_array(np.ones(plane.shape_yx(), bool))


def assembled(mask: Mask, plane: ObliquePlane | SliceKey) -> np.ndarray:
    """The voxels of a mask in the whole volume; fails where two blocks share one."""
    volume = np.zeros(SHAPE_KJI, int)
    for block, (i0, i1, j0, j1, k0, k1) in mask_blocks(mask, plane, SHAPE_KJI):
        volume[k0 : k1 + 1, j0 : j1 + 1, i0 : i1 + 1] += block
    assert volume.max() <= 1
    return volume.astype(bool)


def by_hand(mask: Mask, plane: ObliquePlane) -> np.ndarray:
    """The same voxel by voxel."""
    volume, pixels = np.zeros(SHAPE_KJI, bool), mask.to_array()
    normal = np.cross(plane.x_step_ijk, plane.y_step_ijk)
    normal = normal / np.linalg.norm(normal) * np.sign(normal @ plane.across_ijk)
    steps = np.stack([plane.x_step_ijk, plane.y_step_ijk, plane.across_ijk], axis=1)
    for k, j, i in np.ndindex(SHAPE_KJI):
        way = np.array([i, j, k]) - plane.origin_ijk
        if -0.5 <= normal @ way < 0.5:
            x, y = np.floor(np.linalg.solve(steps, way)[:2] + 0.5).astype(int)
            if 0 <= x < pixels.shape[1] and 0 <= y < pixels.shape[0]:
                volume[k, j, i] = pixels[y, x]
    return volume


def test_a_mask_becomes_exactly_the_voxels_within_half_a_voxel(a_plane, a_mask) -> None:
    expected = by_hand(a_mask, a_plane)
    assert expected.any()
    np.testing.assert_array_equal(assembled(a_mask, a_plane), expected)


def test_no_voxel_near_the_plane_is_left_out_where_all_is_masked(a_plane) -> None:
    k, j, i = np.indices(SHAPE_KJI)
    distance = np.stack([i, j, k], axis=-1) @ a_plane.normal_ijk - a_plane.normal_ijk @ a_plane.origin_ijk
    np.testing.assert_array_equal(assembled(everything(a_plane), a_plane), (distance >= -0.5) & (distance < 0.5))


def test_planes_a_voxel_apart_share_no_voxel_and_leave_none_out(a_plane) -> None:
    volume = np.zeros(SHAPE_KJI, int)
    wide = Mask.from_array(np.ones((600, 600), bool))
    for step in range(-60, 61):
        middle = np.array(a_plane.origin_ijk) + step * a_plane.normal_ijk
        origin = middle - 250 * np.array(a_plane.x_step_ijk) - 250 * np.array(a_plane.y_step_ijk)
        shifted = ObliquePlane(tuple(origin), a_plane.x_step_ijk, a_plane.y_step_ijk, a_plane.across_ijk, (600, 600))
        volume += assembled(wide, shifted)
    np.testing.assert_array_equal(volume, 1)


def test_a_disc_keeps_its_place_and_its_size(a_plane) -> None:
    columns, rows = a_plane.size_xy
    y, x = np.indices((rows, columns))
    disc = Mask.from_array(np.hypot(x - columns // 2, y - rows // 2) <= 6)
    k, j, i = np.nonzero(assembled(disc, a_plane))
    if min(i.min(), j.min(), k.min()) == 0 or (np.array([k.max(), j.max(), i.max()]) == np.array(SHAPE_KJI) - 1).any():
        pytest.skip("the disc reaches over the edge of the volume")
    assert np.abs(np.array([i.mean(), j.mean(), k.mean()]) - a_plane.ijk_at(columns // 2, rows // 2)).max() < 0.5


def test_small_blocks_are_the_same_voxels(a_plane, a_mask, monkeypatch) -> None:

    whole = assembled(a_mask, a_plane)
    monkeypatch.setattr(oblique, "_BRICK", 5)
    monkeypatch.setattr(oblique, "_COLUMNS_AT_ONCE", 40)
    assert len(mask_blocks(a_mask, a_plane, SHAPE_KJI)) > 3
    np.testing.assert_array_equal(assembled(a_mask, a_plane), whole)


def test_a_mask_of_a_slice_is_its_own_voxels() -> None:
    key = SliceKey("j", 5)
    mask = Mask.from_array(np.random.default_rng(SEED).random(key.shape_yx(SHAPE_KJI)) < 0.3)
    volume = assembled(mask, key)
    np.testing.assert_array_equal(volume[:, 5], mask.to_array())
    assert np.count_nonzero(volume) == mask.area
    assert mask_blocks(Mask.from_array(np.zeros((4, 4))), key, SHAPE_KJI) == []


def test_grey_values_that_rise_evenly_are_exact_on_every_plane(a_plane) -> None:
    k, j, i = np.indices(SHAPE_KJI)
    grey = grey_on((3 * i - 2 * j + 5 * k + 100).astype(np.float32), a_plane)
    assert grey.shape == a_plane.shape_yx() and grey.dtype == np.float32
    columns, rows = a_plane.size_xy
    for x, y in np.ndindex(columns, rows):
        i, j, k = place = a_plane.ijk_at(x, y)
        if all(0 <= at <= count - 1 for at, count in zip(place, SHAPE_KJI[::-1], strict=True)):
            assert grey[y, x] == pytest.approx(3 * i - 2 * j + 5 * k + 100, abs=1e-3)


def test_outside_the_volume_is_as_dark_as_the_darkest_place(a_plane) -> None:
    grey = grey_on(np.random.default_rng(SEED).integers(200, 900, SHAPE_KJI).astype(np.int16), a_plane)
    columns, rows = a_plane.size_xy
    y, x = np.indices((rows, columns))
    places = np.stack([np.array(a_plane.ijk_at(*xy)) for xy in zip(x.ravel(), y.ravel(), strict=True)])
    outside = ((places < -0.5) | (places > np.array(SHAPE_KJI[::-1]) - 0.5)).any(axis=1).reshape(rows, columns)
    assert outside.any() and (grey[outside] == grey.min()).all() and grey.min() >= 200


def test_colours_are_cut_channel_by_channel(a_plane) -> None:
    colours = np.random.default_rng(SEED).integers(0, 255, (*SHAPE_KJI, 3)).astype(np.uint8)
    cut = grey_on(colours, a_plane)
    assert cut.dtype == np.uint8 and cut.shape == (*a_plane.shape_yx(), 3)
    assert abs(cut[..., 1] - grey_on(colours[..., 1], a_plane)).max() <= 0.5


def test_what_a_mask_wrote_is_read_again_without_a_gap(a_plane) -> None:
    columns, rows = a_plane.size_xy
    y, x = np.indices((rows, columns))
    disc = np.hypot(x - columns // 2, y - rows // 2) <= 9
    volume = assembled(Mask.from_array(disc), a_plane)
    read = nearest_on(volume, (0, 0, 0), a_plane)
    # a voxel may reach over several pixels where voxels are long, so the rim may be told otherwise
    reach = int(np.ceil(max(1 / np.abs(np.stack([a_plane.x_step_ijk, a_plane.y_step_ijk])).max(axis=0))))
    outer = np.hypot(x - columns // 2, y - rows // 2) > 9 + 1.5 * reach
    inner = np.hypot(x - columns // 2, y - rows // 2) < 9 - 1.5 * reach
    inner &= nearest_on(np.ones(SHAPE_KJI, bool), (0, 0, 0), a_plane)
    assert read[inner].all() and not read[outer].any()


def test_the_voxels_read_are_those_that_a_loop_finds(a_plane) -> None:
    values = np.random.default_rng(SEED).integers(1, 200, SHAPE_KJI).astype(np.uint8)
    part = values[3:15, 2:20, 4:25]
    found = nearest_on(part, (4, 2, 3), a_plane)
    across = int(np.argmax(np.abs(a_plane.normal_ijk)))
    crossed = np.empty((150, 3))
    for y, x in np.ndindex(found.shape):
        crossed[:] = np.floor(np.add(a_plane.ijk_at(x, y), 0.5))
        crossed[:, across] = np.arange(-60, 90)
        nearest = np.abs((crossed - a_plane.origin_ijk) @ a_plane.normal_ijk).argmin()
        i, j, k = crossed[nearest].astype(int) - (4, 2, 3)
        inside = 0 <= i < part.shape[2] and 0 <= j < part.shape[1] and 0 <= k < part.shape[0]
        assert found[y, x] == (part[k, j, i] if inside else 0)


def test_a_plane_that_misses_the_volume_has_no_grey_values() -> None:
    plane = ObliquePlane((90.0, 90, 90), (1, -1, 0), (0, 1, -1), (1, 1, 1), (5, 5))
    with pytest.raises(GeometryError, match="misses the volume"):
        grey_on(np.zeros(SHAPE_KJI), plane)


def test_blocks_are_assembled_within_an_extent(a_plane, a_mask) -> None:
    blocks = mask_blocks(a_mask, a_plane, SHAPE_KJI)
    whole, extent = assembled(a_mask, a_plane), Extent(3, 20, 2, 17, 4, 15)
    np.testing.assert_array_equal(blocks_within(blocks, extent), whole[4:16, 2:18, 3:21])
    k, j, i = np.nonzero(whole)
    assert union_of(own for _, own in blocks) == (i.min(), i.max(), j.min(), j.max(), k.min(), k.max())
    assert union_of([]) is None
