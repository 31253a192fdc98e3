"""Views, world and voxels agree for every direction, spacing, origin and linear transform."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from scene_parts import GEOMETRIES, SHAPE_KJI, affine, rotation

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import GeometryError
from RWTHSAMLib.mrml.nodes import matrices
from RWTHSAMLib.mrml.nodes import volume_geometry as geo
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry

SEED = 20261123


def random_voxels(count: int) -> np.ndarray:
    print(f"seed {SEED}")
    return np.random.default_rng(SEED).integers(0, SHAPE_KJI[::-1], (count, 3))


def a_tilting_transform(scene):
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(matrices.to_vtk(affine(rotation(1, 40) @ np.diag([1, 2, 1]), (9, -9, 4))))
    return transform


def test_every_place_within_a_voxel_belongs_to_it(a_volume_of, any_ijk_to_ras):
    geometry = VolumeGeometry.of(a_volume_of(any_ijk_to_ras))
    jitter = np.random.default_rng(SEED).uniform(-0.49, 0.49, (50, 3))
    for voxel, offset in zip(random_voxels(50), jitter, strict=True):
        assert geometry.voxel_at(geometry.ras_of(voxel + offset)) == tuple(voxel)


def test_a_place_half_a_voxel_outside_belongs_to_none(a_volume_of, any_ijk_to_ras):
    geometry = VolumeGeometry.of(a_volume_of(any_ijk_to_ras))
    assert geometry.voxel_at(geometry.ras_of((-0.51, 3, 3))) is None
    assert geometry.voxel_at(geometry.ras_of((3, SHAPE_KJI[1] - 0.49, 3))) is None
    assert geometry.pixel_of(SliceKey("j", 3), geometry.ras_of((-7, 3, 99))) == (0, SHAPE_KJI[0] - 1)


def test_a_parent_transform_moves_the_voxels_with_it(a_scene, a_volume_of, any_ijk_to_ras):
    volume = a_volume_of(any_ijk_to_ras)
    before = VolumeGeometry.of(volume).ras_of((2, 3, 4))
    transform = a_tilting_transform(a_scene)
    volume.SetAndObserveTransformNodeID(transform.GetID())
    moved = (geo.parent_to_world(volume) @ [*before, 1.0])[:3]
    assert VolumeGeometry.of(volume).voxel_at(tuple(moved)) == (2, 3, 4)


@pytest.mark.parametrize("orientation", ["Axial", "Sagittal", "Coronal"])
@pytest.mark.parametrize("with_transform", [False, True], ids=["plain", "transformed"])
def test_an_aligned_view_shows_exactly_one_slice(
    a_scene, a_volume_of, a_view, any_ijk_to_ras, orientation, with_transform
):
    volume, view = a_volume_of(any_ijk_to_ras), a_view(orientation)
    if with_transform:
        volume.SetAndObserveTransformNodeID(a_tilting_transform(a_scene).GetID())
    geometry = VolumeGeometry.of(volume)
    geo.align_slice_node(view, volume)
    # a shearing transform leaves no orthogonal plane for every axis; rotations and scalings along axes do
    if not with_transform:
        assert not geometry.is_oblique(view)
    for i, j, k in random_voxels(20):
        world = geometry.ras_of((i, j, k))
        view.JumpSliceByOffsetting(*world)
        key = geometry.slice_at(view, world)
        assert key is not None and key.ijk(*key.xy((i, j, k))) == (i, j, k)
        if not with_transform:
            assert geometry.slice_shown(view) == key


def test_the_three_views_look_along_three_different_axes(a_volume_of, a_view, any_ijk_to_ras):
    volume = a_volume_of(any_ijk_to_ras)
    views = [a_view(each, each) for each in ("Axial", "Sagittal", "Coronal")]
    for view in views:
        geo.align_slice_node(view, volume)
    assert {VolumeGeometry.of(volume).slice_axis(view) for view in views} == {"i", "j", "k"}


def test_a_view_pixel_and_its_world_point_name_the_same_voxel(a_volume, a_view):
    view = a_view("Axial")
    geo.align_slice_node(view, a_volume)
    geometry = VolumeGeometry.of(a_volume)
    view.JumpSliceByCentering(*geometry.ras_of((6, 5, 3)))
    assert geometry.voxel_at(geo.world_of_view_point(view, 99.5, 99.5)) == (6, 5, 3)
    assert geo.mm_per_view_pixel(view) == pytest.approx(60 / 200)


def test_an_unaligned_view_is_called_oblique(a_volume_of, a_view):
    geometry = VolumeGeometry.of(a_volume_of(GEOMETRIES["rotated"]))
    assert geometry.is_oblique(a_view("Axial"))
    assert geometry.obliqueness_deg(a_view("Axial")) == pytest.approx(20, abs=0.1)


def test_a_view_beside_the_volume_shows_no_slice(a_volume, a_view):
    view, geometry = a_view("Axial"), VolumeGeometry.of(a_volume)
    geo.align_slice_node(view, a_volume)
    view.JumpSliceByOffsetting(*geometry.ras_of((0, 0, 40)))
    assert geometry.slice_shown(view) is None


def test_a_flat_image_is_looked_at_from_its_face_in_every_view(a_volume_of, a_view):
    image = a_volume_of(GEOMETRIES["identity"], (1, 11, 13))
    for orientation in ("Axial", "Sagittal", "Coronal"):
        view = a_view(orientation, orientation)
        geo.align_slice_node(view, image)
        view.JumpSliceByOffsetting(*VolumeGeometry.of(image).ras_of((5, 5, 0)))
        assert VolumeGeometry.of(image).slice_shown(view) == SliceKey("k", 0)


def test_a_bent_transform_is_refused_by_name(a_scene, a_volume):
    bent = a_scene.AddNewNodeByClass("vtkMRMLGridTransformNode", "bent")
    if bent is None:
        bent = a_scene.AddNode(slicer.vtkMRMLGridTransformNode())
        bent.SetName("bent")
    a_volume.SetAndObserveTransformNodeID(bent.GetID())
    with pytest.raises(GeometryError, match="non-linear transform 'bent'"):
        VolumeGeometry.of(a_volume)
