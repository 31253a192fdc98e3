"""The crosshair is on the same voxel in all views, tilted or not, on every grid."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from scene_parts import SHAPE_KJI

from RWTHSAMLib.mrml.nodes import matrices
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry, align_slice_node, world_of_view_point
from RWTHSAMLib.mrml.views import crosshair

SEED = 29


@pytest.fixture
def a_crosshair(a_scene):
    node = slicer.vtkMRMLCrosshairNode()
    node.SetCrosshairName("default")
    a_scene.AddNode(node)
    return node


@pytest.fixture(params=["aligned", "tilted"])
def three_views(request, a_view, a_volume_of, any_ijk_to_ras):
    """The volume's geometry, and three views on it."""
    volume = a_volume_of(any_ijk_to_ras)
    geometry = VolumeGeometry.of(volume)
    views = [a_view(each, each) for each in ("Axial", "Coronal", "Sagittal")]
    random = np.random.default_rng(SEED)
    print(f"seed {SEED}")
    for each in views:
        align_slice_node(each, volume)
        if request.param == "tilted":
            middle = geometry.ras_of([(count - 1) / 2 for count in SHAPE_KJI[::-1]])
            each.SetSliceToRASByNTP(*random.normal(size=6), *middle, 0)
    return geometry, views


def pixel_of(view: slicer.vtkMRMLSliceNode, world) -> np.ndarray:
    """Place of a world point in a view's picture: right, up, and out of the picture."""
    return (np.linalg.inv(matrices.to_numpy(view.GetXYToRAS())) @ [*world, 1.0])[:3]


def test_it_is_on_the_voxel_under_the_pointer_in_every_view(a_scene, a_crosshair, three_views):
    geometry, (pointed, *others) = three_views
    for ijk in np.random.default_rng(SEED).integers(0, SHAPE_KJI[::-1], (40, 3)):
        voxel = tuple(int(each) for each in ijk)
        crosshair.show(a_scene, geometry, voxel, others)
        place = a_crosshair.GetCrosshairRAS()
        assert geometry.voxel_at(tuple(place)) == voxel
        for each in others:
            x, y, out = pixel_of(each, place)
            assert abs(out) < 1e-6, "the view does not go through it"
            assert geometry.voxel_at(world_of_view_point(each, x, y)) == voxel
        assert a_crosshair.GetCrosshairMode() != slicer.vtkMRMLCrosshairNode.NoCrosshair


def test_the_view_under_the_pointer_stays_and_the_others_keep_direction_and_zoom(a_scene, a_crosshair, three_views):
    geometry, (pointed, *others) = three_views
    before = [matrices.to_numpy(each.GetSliceToRAS()) for each in (pointed, *others)]
    zoom = [each.GetFieldOfView() for each in others]
    crosshair.show(a_scene, geometry, (1, 2, 3), others)
    after = [matrices.to_numpy(each.GetSliceToRAS()) for each in (pointed, *others)]
    np.testing.assert_array_equal(before[0], after[0])
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one[:3, :3], other[:3, :3], atol=1e-9)
    np.testing.assert_allclose([each.GetFieldOfView() for each in others], zoom)


def test_it_can_be_hidden_and_a_scene_may_have_none(a_scene, three_views):
    geometry, views = three_views
    crosshair.show(a_scene, geometry, (1, 2, 3), views)
    crosshair.hide(a_scene)
    node = slicer.vtkMRMLCrosshairNode()
    node.SetCrosshairName("default")
    a_scene.AddNode(node)
    crosshair.show(a_scene, geometry, (1, 2, 3), views)
    crosshair.hide(a_scene)
    assert node.GetCrosshairMode() == slicer.vtkMRMLCrosshairNode.NoCrosshair
