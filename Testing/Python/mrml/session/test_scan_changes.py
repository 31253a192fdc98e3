"""A scan that becomes another one under a session: nothing is resampled, nothing of other voxels is offered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import slicer
import vtk
from scene_parts import GEOMETRIES, SHAPE_KJI, affine, rotation

from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.export import formats_named
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import GeometryError, RwthSamError, StateError
from RWTHSAMLib.mrml.nodes import labelmaps, matrices, segments
from RWTHSAMLib.mrml.nodes.temporary_nodes import OWNER_ATTRIBUTE
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.results.export import export_segmentation
from RWTHSAMLib.mrml.session.parts.threshold_refinement import ThresholdRefinement
from RWTHSAMLib.mrml.session.replay import check_fits
from RWTHSAMLib.mrml.session.session import Session

SLICE, OTHER_SLICE = SliceKey("k", 3), SliceKey("k", 1)
Change = Callable[[slicer.vtkMRMLVolumeNode], Callable[[], None]]
"""Changes a scan; what it returns takes that back."""


def move_grid(volume, carried: np.ndarray) -> Callable[[], None]:
    before = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(before)
    volume.SetIJKToRASMatrix(matrices.to_vtk(carried @ matrices.to_numpy(before)))
    return lambda: volume.SetIJKToRASMatrix(before)


def new_spacing(volume) -> Callable[[], None]:
    before = volume.GetSpacing()
    volume.SetSpacing(before[0], 1.5 * before[1], before[2])
    return lambda: volume.SetSpacing(before)


def slightly_other_spacing(volume) -> Callable[[], None]:
    before = volume.GetSpacing()
    volume.SetSpacing(*(1.002 * each for each in before))
    return lambda: volume.SetSpacing(before)


def new_origin(volume) -> Callable[[], None]:
    return move_grid(volume, affine(np.eye(3), (0.25, 0, 0)))


def new_directions(volume) -> Callable[[], None]:
    return move_grid(volume, affine(rotation(1, 7)))


def new_transform(volume, carried: np.ndarray | None = None) -> Callable[[], None]:
    node = volume.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    node.SetMatrixTransformToParent(matrices.to_vtk(affine(rotation(2, 30), (3, 4, 5)) if carried is None else carried))
    volume.SetAndObserveTransformNodeID(node.GetID())
    return lambda: volume.SetAndObserveTransformNodeID(None)


def hardened_transform(volume) -> Callable[[], None]:
    carried = affine(rotation(0, 5), (0, 0, 2.5))
    new_transform(volume, carried)
    assert volume.HardenTransform()
    return lambda: move_grid(volume, np.linalg.inv(carried)) and None


def whole_voxel_shift(volume) -> Callable[[], None]:
    before = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(before)
    shifted = matrices.to_numpy(before) @ affine(np.eye(3), (2, 0, 0))
    volume.SetIJKToRASMatrix(matrices.to_vtk(shifted))
    return lambda: volume.SetIJKToRASMatrix(before)


PLACES: dict[str, Change] = {
    each.__name__: each
    for each in (
        new_spacing,
        slightly_other_spacing,
        new_origin,
        new_directions,
        new_transform,
        hardened_transform,
        whole_voxel_shift,
    )
}


def announced(volume) -> None:
    volume_array_kji(volume)[:] = volume_array_kji(volume)[::-1].copy()
    volume.GetImageData().GetPointData().GetScalars().Modified()
    volume.Modified()


def one_voxel(volume) -> None:
    volume_array_kji(volume)[3, 5, 6] = -1000
    volume.GetImageData().GetPointData().GetScalars().Modified()


def unannounced(volume) -> None:
    volume_array_kji(volume)[:] = volume_array_kji(volume)[::-1].copy()


def other_image(volume) -> None:
    image = vtk.vtkImageData()
    image.DeepCopy(volume.GetImageData())
    volume.SetAndObserveImageData(image)
    volume_array_kji(volume)[:] += 50


VOXELS = {each.__name__: each for each in (announced, one_voxel, unannounced, other_image)}


def state_of(session: Session) -> list[tuple[object, ...]]:
    """Every labelmap of the segmentation to the byte: extent, place, labels."""
    return [
        (each.GetExtent(), labelmaps.ijk_to_local_of(each).tobytes(), labelmaps.labels_kji(each).tobytes())
        for each, _ in labelmaps.layers_of(session.segmentation_node, None)
    ]


def has_voxels(session: Session) -> bool:
    return any(labelmaps.labels_kji(each).any() for each, _ in labelmaps.layers_of(session.segmentation_node, None))


def temporary_nodes(scene) -> int:
    return sum(scene.GetNthNode(n).GetAttribute(OWNER_ATTRIBUTE) == "1" for n in range(scene.GetNumberOfNodes()))


@pytest.fixture(params=PLACES.values(), ids=PLACES.keys())
def a_move(request) -> Change:
    """A change of where the scan lies."""
    return request.param


@pytest.fixture(params=VOXELS.values(), ids=VOXELS.keys())
def a_change_of_voxels(request) -> Callable[[object], None]:
    """A change of grey values, with the size as it was."""
    return request.param


@pytest.fixture
def a_worked_session(a_session):
    """A class with voxels, and a mask on another slice."""
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.submit()
    a_session.add_point(OTHER_SLICE, 4, 4)
    a_session.poll()
    return a_session


def propagate(session: Session) -> None:
    session.propagation.start()
    while session.propagation.progress is not None:
        session.poll()
    session.submit()


def find_objects(session: Session) -> None:
    session.prompting.delete_all()
    look_for_objects(session)
    session.automatic.select([each.object.number for each in session.automatic.detected])
    session.automatic.submit()


def look_for_objects(session: Session) -> None:
    session.automatic.set_settings(AutomaticRunSettings(hide_doubtful=False))
    session.automatic.start([SLICE])
    session.poll()
    assert session.automatic.detected


def threshold_class(session: Session) -> None:
    session.threshold.refine(ThresholdRefinement(session.class_id, session.class_id, ThresholdSettings(rim_mm=0.1)))


WRITERS: dict[str, Callable[[Session], object]] = {
    "submit": Session.submit,
    "propagate": propagate,
    "automatic": find_objects,
    "threshold": threshold_class,
    "refine": lambda session: session.prompting.refine_class(SLICE),
    "propagate a class": lambda session: session.propagation.start_from_class([SLICE]),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
def test_what_no_longer_fits_is_refused_in_a_sentence_and_no_class_changes(a_worked_session, a_move, write) -> None:
    before = state_of(a_worked_session)
    a_move(a_worked_session.volume_node)
    with pytest.raises(GeometryError, match=r"does not lie on the voxel grid.*nothing was changed"):
        write(a_worked_session)
    assert state_of(a_worked_session) == before


def test_a_scan_that_is_put_back_takes_submits_again(a_worked_session, a_move) -> None:
    put_back = a_move(a_worked_session.volume_node)
    with pytest.raises(GeometryError):
        a_worked_session.submit()
    a_worked_session.poll()
    put_back()
    a_worked_session.poll()
    a_worked_session.submit()
    mask = segments.mask_of_class_kji(
        a_worked_session.segmentation_node, a_worked_session.class_id, a_worked_session.volume_node
    )
    assert mask.sum() == 18 and mask[3, 5, 6] and mask[1, 4, 4]


def test_undo_and_redo_are_exact_wherever_the_scan_has_gone(a_worked_session, a_move) -> None:
    session = a_worked_session
    session.prompting.delete_all()
    after = state_of(session)
    a_move(session.volume_node)
    for _ in range(3):  # deleting, the second point, the submit
        session.undo()
    assert not has_voxels(session)
    session.poll()
    for _ in range(3):
        session.redo()
    assert state_of(session) == after


def test_a_segmentation_put_onto_another_grid_keeps_its_voxels_under_undo(a_worked_session) -> None:
    session = a_worked_session
    session.prompting.delete_all()
    for labelmap, _ in labelmaps.layers_of(session.segmentation_node, None):
        moved = labelmaps.ijk_to_local_of(labelmap) @ affine(np.diag([0.5, 1.0, 1.0]))
        labelmap.SetImageToWorldMatrix(matrices.to_vtk(moved))
    before = state_of(session)
    session.undo()
    session.undo()
    with pytest.raises(StateError, match="another voxel grid"):
        session.undo()
    assert state_of(session) == before and session.status.can_undo


def test_scan_and_segmentation_carried_together_go_on_together(a_worked_session, a_move, tmp_path) -> None:
    """Both under one transform, which is hardened then; Slicer leaves its reference grid where it was."""
    session = a_worked_session
    new_transform(session.volume_node)
    session.segmentation_node.SetAndObserveTransformNodeID(session.volume_node.GetTransformNodeID())
    session.poll()
    assert session.segmentation_node.HardenTransform() and session.volume_node.HardenTransform()
    session.poll()
    session.submit()
    made = export_segmentation(session.segmentation_node, tmp_path, "cell", formats_named(["nrrd"]))
    assert made.files
    session.undo()
    session.undo()
    session.undo()
    assert not has_voxels(session)


def test_an_empty_segmentation_follows_the_scan_and_can_be_exported(a_session, a_move, tmp_path) -> None:
    a_session.set_segmentation(None)
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_move(a_session.volume_node)
    a_session.submit()
    mask = segments.mask_of_class_kji(a_session.segmentation_node, a_session.class_id, a_session.volume_node)
    assert mask.sum() == 9 and mask[3, 5, 6]
    assert export_segmentation(a_session.segmentation_node, tmp_path, "cell", formats_named(["nrrd"])).files


def test_a_record_is_not_replayed_onto_a_segmentation_that_lies_elsewhere(a_worked_session, a_move) -> None:
    record = a_worked_session.prompt_file()
    check_fits(a_worked_session.volume_node, a_worked_session.segmentation_node, record)
    a_move(a_worked_session.volume_node)
    with pytest.raises(GeometryError, match="voxel grid"):
        check_fits(a_worked_session.volume_node, a_worked_session.segmentation_node, record)


def test_the_record_names_the_spacing_that_the_scan_has_now(a_worked_session) -> None:
    before = a_worked_session.prompt_file().scan.spacing_mm_ijk
    new_spacing(a_worked_session.volume_node)
    after = a_worked_session.prompt_file().scan.spacing_mm_ijk
    assert after[1] == pytest.approx(1.5 * before[1])


def test_masks_and_prompts_are_shown_where_the_scan_lies_now(a_worked_session, a_move) -> None:
    session = a_worked_session
    a_move(session.volume_node)
    session.poll()
    (shown,) = (labelmap for labelmap, _ in labelmaps.layers_of(session.prompting.slices.preview_node, None))
    node, geometry = session.prompting.slices.preview_node, segments.VolumeGeometry.of(session.volume_node)
    np.testing.assert_allclose(
        segments.parent_to_world(node) @ labelmaps.ijk_to_local_of(shown), geometry.ijk_to_ras, atol=1e-9
    )
    point = session.scene.GetFirstNodeByClass("vtkMRMLMarkupsFiducialNode")
    world = np.zeros(3)
    point.GetNthControlPointPositionWorld(0, world)
    np.testing.assert_allclose(world, geometry.ras_of((4, 4, 1)), atol=1e-6)


def test_objects_measured_with_another_spacing_are_dropped_in_a_sentence(a_session) -> None:
    look_for_objects(a_session)
    assert a_session.automatic.unfiltered_count
    new_spacing(a_session.volume_node)
    a_session.poll()
    assert not a_session.automatic.unfiltered_count and "voxel size" in a_session.status.text


def test_objects_survive_a_scan_that_is_only_moved(a_session) -> None:
    look_for_objects(a_session)
    found = a_session.automatic.unfiltered_count
    new_transform(a_session.volume_node)
    a_session.poll()
    assert a_session.automatic.unfiltered_count == found > 0


def test_a_mask_of_other_voxels_is_never_submitted(a_worked_session, a_change_of_voxels) -> None:
    session, before = a_worked_session, state_of(a_worked_session)
    a_change_of_voxels(session.volume_node)
    with pytest.raises(StateError, match="grey values of the scan have changed"):
        session.submit()
    assert state_of(session) == before and not session.prompting.masks and not session.status.can_submit
    session.poll()
    session.submit()
    assert state_of(session) != before


def test_one_voxel_changed_in_silence_on_a_prompted_slice_is_noticed_at_the_submit(a_session, a_volume_of) -> None:
    volume = a_volume_of(GEOMETRIES["identity"], (3, 150, 150))
    a_session.set_volume(volume)
    a_session.set_window(Window(-33000, 33000))
    a_session.add_point(SliceKey("k", 1), 3, 3)
    a_session.poll()
    volume_array_kji(volume)[1, 1, 1] = 32000  # beside the voxels that tell scans apart
    with pytest.raises(StateError, match="grey values"):
        a_session.submit()
    a_session.poll()
    a_session.submit()


def test_a_change_that_is_announced_is_followed_at_once(a_worked_session) -> None:
    announced(a_worked_session.volume_node)
    a_worked_session.follow_scan()
    assert a_worked_session.prompting.awaits_masks and "grey values" in a_worked_session.status.text
    assert len(a_worked_session.prompting.prompts_on(OTHER_SLICE)) == 1
    a_worked_session.poll()
    assert a_worked_session.prompting.masks


def test_an_answer_that_was_under_way_when_the_voxels_changed_is_dropped(a_session, a_change_of_voxels) -> None:
    a_session.add_point(SLICE, 6, 5)
    (asked,) = a_session.engine.client.waiting
    a_change_of_voxels(a_session.volume_node)
    a_session.follow_scan(closely=True)
    assert asked.request_id not in [each.request_id for each in a_session.engine.client.waiting]
    a_session.poll()
    a_session.submit()


def test_what_was_found_in_other_voxels_is_forgotten(a_session) -> None:
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.propagation.start()
    while a_session.propagation.progress is not None:
        a_session.poll()
    look_for_objects(a_session)
    announced(a_session.volume_node)
    a_session.poll()
    assert not a_session.propagation.is_there and not a_session.automatic.unfiltered_count


def test_undo_after_the_voxels_changed_brings_prompts_back_but_no_object_of_other_voxels(a_session) -> None:
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    propagate(a_session)
    announced(a_session.volume_node)
    a_session.poll()
    a_session.undo()
    assert not a_session.propagation.is_there and a_session.prompting.awaits_masks
    a_session.poll()
    assert a_session.prompting.masks
    assert not has_voxels(a_session)
    with pytest.raises(StateError, match="other grey values"):
        a_session.redo()
    assert a_session.prompting.masks


def test_redo_does_not_submit_a_mask_of_other_voxels(a_worked_session, a_change_of_voxels) -> None:
    session = a_worked_session
    session.undo()
    session.undo()
    before = state_of(session)
    a_change_of_voxels(session.volume_node)
    with pytest.raises(StateError, match="other grey values"):
        session.redo()
    assert state_of(session) == before and len(session.prompting.prompts_on(SLICE)) == 1


def give_image(volume, shape_kji: tuple[int, int, int]) -> None:
    image = vtk.vtkImageData()
    image.SetDimensions(*reversed(shape_kji))
    image.AllocateScalars(vtk.VTK_SHORT, 1)
    volume.SetAndObserveImageData(image)
    volume_array_kji(volume)[:] = np.arange(np.prod(shape_kji)).reshape(shape_kji)


SIZES = {"smaller": (3, 4, 5), "larger": (9, 14, 15), "one slice": (1, 11, 13), "transposed": SHAPE_KJI[::-1]}


@pytest.mark.parametrize("shape_kji", SIZES.values(), ids=SIZES.keys())
@pytest.mark.parametrize("is_polled", [False, True], ids=["at once", "after a poll"])
def test_an_image_of_another_size_ends_what_was_prompted_and_keeps_classes(
    a_worked_session, a_scene, shape_kji, is_polled
) -> None:
    session, before = a_worked_session, state_of(a_worked_session)
    view = _view(a_scene)
    view.RotateToVolumePlane(session.volume_node)
    view.JumpSliceByOffsetting(*segments.VolumeGeometry.of(session.volume_node).ras_of((0, 0, 3)))
    session.prefetch.embed_volume(view)
    give_image(session.volume_node, shape_kji)
    if is_polled:
        session.poll()
        assert "another size" in session.status.text
    with pytest.raises(StateError):
        session.submit()
    assert state_of(session) == before and temporary_nodes(a_scene) == 0
    session.poll()
    while session.status.can_undo:
        session.undo()
        session.poll()
    assert not has_voxels(session)
    assert temporary_nodes(a_scene) == 0
    session.add_point(SliceKey("k", 0), 2, 2)
    session.poll()
    session.submit()


STARTERS: dict[str, Callable[[Session], object]] = {
    "propagate": lambda session: session.propagation.start(),
    "propagate a class": lambda session: session.propagation.start_from_class([SLICE]),
    "confirm": lambda session: session.propagation.confirm(SLICE),
    "resume": lambda session: session.automatic.resume(),
    "refine": lambda session: session.prompting.refine_class(SLICE),
    "trace": lambda session: session.windings.trace(SLICE, [(2, 2), (8, 2)]),
    "next winding": lambda session: session.windings.again(outwards=True),
}
"""What uses slices or masks that are known already."""


@pytest.mark.parametrize("start", STARTERS.values(), ids=STARTERS.keys())
def test_nothing_begins_with_what_was_found_in_a_scan_of_another_size(a_worked_session, start) -> None:
    session, before = a_worked_session, state_of(a_worked_session)
    give_image(session.volume_node, (2, 3, 4))  # and no poll in between
    with pytest.raises(RwthSamError):
        start(session)
    assert state_of(session) == before


def test_a_segmentation_under_a_flat_transform_is_said_to_be(a_worked_session) -> None:
    session = a_worked_session
    new_transform(session.segmentation_node, affine(np.diag([1.0, 1.0, 0.0])))
    new_origin(session.volume_node)
    session.poll()
    with pytest.raises(GeometryError, match="flat"):
        session.submit()


def test_a_record_of_a_scan_that_has_just_lost_its_image_is_still_there(a_worked_session) -> None:
    steps = a_worked_session.prompt_file().steps
    lost_image(a_worked_session.volume_node)
    assert a_worked_session.prompt_file().steps == steps


def _view(scene):
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    view = scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    view.SetLayoutName("Red")
    return view


def lost_image(volume) -> Callable[[], None]:
    image = volume.GetImageData()
    volume.SetAndObserveImageData(None)
    return lambda: volume.SetAndObserveImageData(image)


def warped(volume) -> Callable[[], None]:
    points = vtk.vtkPoints(), vtk.vtkPoints()
    for x, y, z in ((0, 0, 0), (10, 0, 0), (0, 10, 0), (0, 0, 10), (5, 5, 5)):
        points[0].InsertNextPoint(x, y, z)
        points[1].InsertNextPoint(x, y, z + x * y / 50)
    warp = vtk.vtkThinPlateSplineTransform()
    warp.SetSourceLandmarks(points[0])
    warp.SetTargetLandmarks(points[1])
    warp.SetBasisToR()
    node = volume.GetScene().AddNewNodeByClass("vtkMRMLTransformNode")
    node.SetAndObserveTransformToParent(warp)
    volume.SetAndObserveTransformNodeID(node.GetID())
    return lambda: volume.SetAndObserveTransformNodeID(None)


def flattened(volume) -> Callable[[], None]:
    return new_transform(volume, affine(np.diag([1.0, 1.0, 0.0])))


@pytest.mark.parametrize("spoil", [lost_image, warped, flattened], ids=lambda each: each.__name__)
def test_a_scan_that_cannot_be_used_says_so_until_it_can_again(a_worked_session, a_scene, spoil) -> None:
    session, before = a_worked_session, state_of(a_worked_session)
    session.automatic.start([SLICE, SliceKey("k", 4), SliceKey("k", 5)])
    mend = spoil(session.volume_node)
    for _ in range(3):
        session.poll()
    assert session.status.level == "error" and not session.status.can_submit
    for act in (session.submit, lambda: session.add_point(SLICE, 2, 2), lambda: session.prompting.refine_class(SLICE)):
        with pytest.raises(RwthSamError):
            act()
    assert session.slice_shown(_view(a_scene)) is None
    session.undo()
    session.redo()
    assert state_of(session) == before
    mend()
    for _ in range(3):
        session.poll()
    assert session.status.level != "error" and session.prompting.masks
    session.submit()


def test_another_name_or_display_window_of_the_scan_changes_nothing(a_worked_session) -> None:
    session = a_worked_session
    session.volume_node.SetName("renamed")
    session.volume_node.GetDisplayNode().SetWindowLevelMinMax(10, 20)
    session.poll()
    assert session.prompting.masks and session.status.level == "info"
    session.submit()
    assert session.prompt_file().scan.name == "renamed"


def test_a_segmentation_of_surfaces_is_not_written_into_and_the_mask_stays(a_worked_session) -> None:
    session = a_worked_session
    segmentation = session.segmentation_node.GetSegmentation()
    segmentation.CreateRepresentation("Closed surface")
    segmentation.SetSourceRepresentationName("Closed surface")
    for _ in range(2):
        with pytest.raises(StateError, match=r"consists of 'Closed surface'.*Representations"):
            session.submit()
        assert session.prompting.masks and session.status.can_undo
        segmentation.RemoveRepresentation(labelmaps.BINARY_LABELMAP)
    assert segmentation.CreateRepresentation(labelmaps.BINARY_LABELMAP)
    segmentation.SetSourceRepresentationName(labelmaps.BINARY_LABELMAP)


def test_a_segmentation_of_surfaces_is_converted_to_voxels_of_the_scan_and_takes_the_mask(a_worked_session) -> None:
    session = a_worked_session
    node, class_id = session.segmentation_node, session.class_id
    before = segments.mask_of_class_kji(node, class_id, session.volume_node)
    node.GetSegmentation().CreateRepresentation("Closed surface")
    node.GetSegmentation().SetSourceRepresentationName("Closed surface")
    node.GetSegmentation().RemoveRepresentation(labelmaps.BINARY_LABELMAP)
    session.attempt(session.submit)
    assert session.status.needs_conversion and "consists of 'Closed surface'" in session.status.text
    session.convert_segmentation()
    converted = segments.mask_of_class_kji(node, class_id, session.volume_node)
    assert not session.status.needs_conversion and session.status.can_submit and not session.status.can_undo
    assert converted.any() and not (converted & ~before).any()  # a surface rounds off corners
    session.submit()
    after = segments.mask_of_class_kji(node, class_id, session.volume_node)
    assert (after & converted == converted).all() and after.sum() == converted.sum() + 9


@pytest.mark.parametrize("kind", ["Closed surface", "Planar contour", "Fractional labelmap"])
def test_a_segmentation_without_content_takes_a_submit_whatever_its_source_is(a_session, kind) -> None:
    a_session.set_segmentation(None)
    a_session.segmentation_node.GetSegmentation().SetSourceRepresentationName(kind)
    a_session.add_point(SLICE, 6, 5)
    a_session.poll()
    a_session.submit()
    mask = segments.mask_of_class_kji(a_session.segmentation_node, a_session.class_id, a_session.volume_node)
    assert mask.sum() == 9


@pytest.mark.parametrize("grid", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_a_scan_with_no_image_is_refused_and_the_scan_before_stays(a_session, grid) -> None:
    empty = a_session.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    empty.SetIJKToRASMatrix(matrices.to_vtk(grid))
    before = a_session.volume_node
    with pytest.raises(RwthSamError, match="holds no image"):
        a_session.set_volume(empty)
    assert a_session.volume_node is before and a_session.window is not None
