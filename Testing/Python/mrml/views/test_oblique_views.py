"""A tilted view is prompted like any other: its mask goes into exactly the voxels round its plane, on every grid."""

from __future__ import annotations

import numpy as np
import pytest
import vtk
from scene_parts import SHAPE_KJI, NeighbourhoodEngine, known_answer

from RWTHSAMLib.core.oblique_plane import ObliquePlane
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.errors import StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.matrices import to_numpy
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry, align_slice_node
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.session.gestures import PointerEvent
from RWTHSAMLib.mrml.session.parts.refining import mask_of_class
from RWTHSAMLib.mrml.session.replay import replay
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.views.alignment import align_slice_nodes
from RWTHSAMLib.mrml.views.tilting import tilt, tilt_of
from RWTHSAMLib.record.record_file import parse_prompt_file
from RWTHSAMLib.volumes.oblique import grey_on
from RWTHSAMLib.worker.client import EmbedRequest

SEED = 4711
MIDDLE_IJK = tuple((count - 1) / 2 for count in SHAPE_KJI[::-1])


def tilt_at_random(view, geometry: VolumeGeometry, random: np.random.Generator) -> None:
    """Turn a view at random about the middle of the volume."""
    normal, right = random.normal(size=(2, 3))
    view.SetSliceToRASByNTP(*normal, *right, *geometry.ras_of(MIDDLE_IJK), 0)


@pytest.fixture
def a_tilted_view(a_view, a_volume):
    print(f"seed {SEED}")
    view = a_view()
    tilt_at_random(view, VolumeGeometry.of(a_volume), np.random.default_rng(SEED))
    return view


@pytest.fixture
def the_plane(a_session, a_tilted_view) -> ObliquePlane:
    plane = a_session.plane_shown(a_tilted_view)
    assert isinstance(plane, ObliquePlane)
    return plane


def click(session: Session, view, world, **modifiers) -> None:
    session.pointer(PointerEvent("press", "left", view, world, (50.0, 50.0), **modifiers))
    session.pointer(PointerEvent("release", "left", view, world, (50.0, 50.0), **modifiers))
    session.poll()


def voxels_of_class(session: Session) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, session.class_id, session.volume_node)


def a_box(plane: ObliquePlane) -> BoxPrompt:
    columns, rows = plane.size_xy
    return BoxPrompt(columns // 4, rows // 4, 3 * columns // 4, 3 * rows // 4)


def voxels_of_box(plane: ObliquePlane, box: BoxPrompt) -> np.ndarray:
    """Voxel by voxel: within half a voxel of the plane, over a pixel of the box."""
    volume = np.zeros(SHAPE_KJI, bool)
    for k, j, i in np.ndindex(SHAPE_KJI):
        x, y, _ = np.floor(plane.place_of(np.array([i, j, k])) + 0.5)
        near = -0.5 <= plane.distance(np.array([i, j, k])) < 0.5
        volume[k, j, i] = near and box.x_min <= x <= box.x_max and box.y_min <= y <= box.y_max
    return volume


def test_a_click_on_any_tilted_view_is_where_it_was_made(a_scene, a_volume_of, a_view, any_ijk_to_ras):
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    session = Session(a_scene, NeighbourhoodEngine())
    volume = a_volume_of(any_ijk_to_ras)
    session.set_volume(volume)
    geometry, view = VolumeGeometry.of(volume), a_view()
    for _ in range(12):
        tilt_at_random(view, geometry, random)
        plane = session.plane_shown(view)
        assert isinstance(plane, ObliquePlane)
        x, y = random.uniform(-0.45, 0.45, 2) + [each // 2 for each in plane.size_xy]
        world = geometry.ras_of(plane.ijk_at(x, y))
        click(session, view, world)
        (point,) = session.prompting.prompts_on(plane).points
        assert (point.x, point.y) == (round(x), round(y))
        session.submit()
        k, j, i = np.nonzero(voxels_of_class(session))
        assert len(i), "a mask of nine pixels has a voxel"
        centre = np.array([i.mean(), j.mean(), k.mean()])
        assert np.abs(centre - geometry.ras_to_ijk[:3] @ [*world, 1]).max() < 1.5  # of some three voxels
        session.undo()
        session.undo()
    session.close()


def test_a_mask_on_any_tilted_view_becomes_the_voxels_within_half_a_voxel(a_scene, a_volume_of, a_view, any_ijk_to_ras):
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    session = Session(a_scene, NeighbourhoodEngine())
    volume = a_volume_of(any_ijk_to_ras)
    session.set_volume(volume)
    view = a_view()
    for _ in range(6):
        tilt_at_random(view, VolumeGeometry.of(volume), random)
        plane = session.plane_shown(view)
        session.prompting.set_prompts(plane, Prompts((a_box(plane),)))
        session.poll()
        session.submit()
        np.testing.assert_array_equal(voxels_of_class(session), voxels_of_box(plane, a_box(plane)))
        session.undo()
        assert not voxels_of_class(session).any() and session.prompting.prompts_on(plane).box == a_box(plane)
        session.undo()
    session.close()


def test_a_view_that_is_panned_or_turned_in_its_plane_shows_the_same_plane(a_session, a_tilted_view, the_plane):
    matrix = to_numpy(a_tilted_view.GetSliceToRAS())
    right, up, normal = matrix[:3, :3].T
    turned = 0.6 * right + 0.8 * up
    place = matrix[:3, 3] + 3.3 * right - 1.7 * up
    a_tilted_view.SetSliceToRASByNTP(*-normal, *turned, *place, 0)
    assert a_session.plane_shown(a_tilted_view) == the_plane


def test_a_view_turned_back_shows_a_slice(a_session, a_tilted_view, a_volume):
    align_slice_node(a_tilted_view, a_volume)
    assert not isinstance(a_session.plane_shown(a_tilted_view), ObliquePlane)


@pytest.mark.parametrize("orientation", ["Axial", "Sagittal", "Coronal"])
@pytest.mark.parametrize("angles", [(30, -20), (-75, 10), (4, 78)])
def test_a_view_is_tilted_by_two_angles_about_its_middle_and_back(
    a_volume_of, a_view, any_ijk_to_ras, orientation, angles
):
    volume, view = a_volume_of(any_ijk_to_ras), a_view(orientation)
    geometry = VolumeGeometry.of(volume)
    align_slice_nodes([view], volume)
    view.JumpSliceByCentering(*geometry.ras_of(MIDDLE_IJK))
    straight = to_numpy(view.GetSliceToRAS())
    tilt(view, volume, 1, 1)
    tilt(view, volume, *angles)
    assert tilt_of(view, volume) == pytest.approx(angles)
    turned = to_numpy(view.GetSliceToRAS())
    np.testing.assert_allclose(turned[:3, 3], straight[:3, 3])
    expected = np.cos(np.radians(angles)).prod()
    assert turned[:3, 2] @ straight[:3, 2] == pytest.approx(expected)
    tilt(view, volume, 0, 0)
    np.testing.assert_allclose(to_numpy(view.GetSliceToRAS()), straight, atol=1e-9)
    assert tilt_of(view, volume) == pytest.approx((0, 0))


def test_the_temporary_mask_has_the_pixels_of_the_plane(a_session, the_plane, a_volume):
    box = a_box(the_plane)
    a_session.prompting.set_prompts(the_plane, Prompts((box,)))
    a_session.poll()
    node = next(
        each
        for each in nodes_of(a_session.scene, "vtkMRMLSegmentationNode")
        if each.GetName() == "RWTHSAM temporary mask"
    )
    labelmap = node.GetSegmentation().GetSegment(the_plane.tag).GetRepresentation("Binary labelmap")
    assert labelmap.GetExtent() == (box.x_min, box.x_max, box.y_min, box.y_max, 0, 0)
    matrix = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(matrix)
    shown = to_numpy(matrix) @ [box.x_max, box.y_min, 0, 1]
    expected = VolumeGeometry.of(a_volume).ras_of(the_plane.ijk_at(box.x_max, box.y_min))
    np.testing.assert_allclose(shown[:3], expected, atol=1e-6)
    assert "oblique through" in a_session.status.slice.text


def nodes_of(scene, class_name: str) -> list:
    every = scene.GetNodesByClass(class_name)
    every.UnRegister(None)
    return [every.GetItemAsObject(index) for index in range(every.GetNumberOfItems())]


def test_the_model_sees_the_plane_and_is_made_ready_for_it(a_session, a_tilted_view, the_plane, a_volume):
    image = a_session.model_image(a_tilted_view)
    assert image.shape_yx == the_plane.shape_yx()
    engine = a_session.engine.client
    a_session.prefetch.prepare_view(a_tilted_view)
    (asked,) = (each for each in engine.waiting if isinstance(each, EmbedRequest))
    np.testing.assert_array_equal(asked.image.pixels, image.pixels)
    assert np.isfinite(grey_on(volume_array_kji(a_volume), the_plane)).all()


def test_a_record_with_a_plane_gives_the_same_voxels_again(a_session, the_plane, a_scene, a_volume):
    a_session.prompting.set_prompts(the_plane, Prompts((a_box(the_plane),)))
    a_session.poll()
    a_session.submit()
    record = parse_prompt_file(a_session.prompt_file().to_json())
    assert record.slices[0].slice == the_plane
    assert record.slices[0].voxels == np.count_nonzero(voxels_of_class(a_session))

    class Engine:
        def segment(self, image, prompts):
            return known_answer(image, prompts)

    again = segments.create_segmentation(a_scene, a_volume, a_session.profile)
    (done,) = replay(a_volume, again, record, lambda _: Engine())
    assert done.remark == ""
    np.testing.assert_array_equal(
        segments.mask_of_class_kji(again, a_session.class_id, a_volume), voxels_of_class(a_session)
    )


def test_prompts_on_a_plane_come_back_with_the_scene(a_session, the_plane, a_scene):
    a_session.prompting.set_prompts(the_plane, Prompts((a_box(the_plane),)))
    restored = Session(a_scene, NeighbourhoodEngine())
    assert restored.prompting.prompts_on(the_plane) == Prompts((a_box(the_plane),))
    restored.close()


def test_a_class_is_refined_on_a_plane(a_session, the_plane):
    a_session.prompting.set_prompts(the_plane, Prompts((a_box(the_plane),)))
    a_session.poll()
    a_session.submit()
    held = mask_of_class(a_session.workspace, the_plane, a_session.class_id)
    a_session.prompting.refine_class(the_plane)
    assert a_session.prompting.prompts_on(the_plane).replaces
    box = a_session.prompting.prompts_on(the_plane).box
    assert (box.x_min, box.y_min) == held.bounds_xyxy[:2]
    hole = PointPrompt((box.x_min + box.x_max) // 2, (box.y_min + box.y_max) // 2, positive=False)
    a_session.prompting.set_prompts(the_plane, Prompts((box, hole), replaces=True))
    a_session.poll()
    before = voxels_of_class(a_session)
    a_session.submit()
    after = voxels_of_class(a_session)
    assert after.any() and not (after & ~before).any() and np.count_nonzero(after) < np.count_nonzero(before)
    a_session.undo()
    np.testing.assert_array_equal(voxels_of_class(a_session), before)


def test_propagation_from_a_plane_is_refused_in_words(a_session, the_plane):
    a_session.prompting.set_prompts(the_plane, Prompts((a_box(the_plane),)))
    a_session.poll()
    with pytest.raises(StateError, match="along the scan's own axes"):
        a_session.propagation.start()
    with pytest.raises(StateError, match="oblique plane"):
        a_session.automatic.use_box()
    a_session.prompting.set_prompts(the_plane, Prompts((PointPrompt(3, 3),)))
    with pytest.raises(StateError, match="oblique plane"):
        a_session.automatic.use_points()
    a_session.undo()
    assert a_session.prompting.masks
