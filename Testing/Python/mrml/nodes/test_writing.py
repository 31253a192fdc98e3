"""Masks are written by extents, under the editor's rules, and taken back to the voxel."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from scene_parts import SHAPE_KJI

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.errors import GeometryError, StateError
from RWTHSAMLib.mrml.nodes import labelmaps, segments
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter

SEED = 7
PROFILE = SegmentationProfile(
    "test",
    (
        ProfileClass("can", "Can", (1.0, 0.0, 0.0)),
        ProfileClass("core", "Core", (0.0, 1.0, 0.0)),
        ProfileClass("cap", "Cap", (0.0, 0.0, 1.0), locked=True),
    ),
)
EXTENT = Extent(2, 5, 3, 6, 4, 4)
BLOCK = np.ones((1, 4, 4), bool)


@pytest.fixture
def a_segmentation(a_scene, a_volume):
    return segments.create_segmentation(a_scene, a_volume, PROFILE)


@pytest.fixture
def a_writer(a_segmentation, a_volume):
    return SegmentWriter(a_segmentation, a_volume)


@pytest.fixture
def an_editor(a_scene, a_segmentation, a_volume):
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    node.SetAndObserveSegmentationNode(a_segmentation)
    node.SetAndObserveSourceVolumeNode(a_volume)
    return node


def segment_of(writer: SegmentWriter, class_id: str) -> str:
    return segments.segment_id_of_class(writer.segmentation_node, class_id)


def masks_of(writer: SegmentWriter) -> dict[str, np.ndarray]:
    return {
        each.id: segments.mask_of_class_kji(writer.segmentation_node, each.id, writer.volume_node)
        for each in PROFILE.classes
    }


def test_submitted_voxels_are_exactly_the_masks(a_writer):
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT)
    expected = np.zeros(SHAPE_KJI, bool)
    expected[4, 3:7, 2:6] = True
    np.testing.assert_array_equal(masks_of(a_writer)["can"], expected)


def test_several_submits_to_one_class_add_up(a_writer):
    can = segment_of(a_writer, "can")
    a_writer.submit(can, BLOCK, EXTENT)
    a_writer.submit(can, BLOCK, Extent(8, 11, 3, 6, 0, 0))
    assert masks_of(a_writer)["can"].sum() == 32


def test_another_class_takes_the_voxels_it_covers(a_writer):
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT)
    a_writer.submit(segment_of(a_writer, "core"), BLOCK, Extent(4, 7, 3, 6, 4, 4))
    assert masks_of(a_writer)["core"].sum() == 16
    assert masks_of(a_writer)["can"].sum() == 8


def test_overwrite_none_lets_classes_overlap(a_writer, an_editor):
    an_editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT, an_editor)
    a_writer.submit(segment_of(a_writer, "core"), BLOCK, EXTENT, an_editor)
    assert masks_of(a_writer)["can"].sum() == masks_of(a_writer)["core"].sum() == 16


def test_overwrite_visible_spares_a_hidden_class(a_writer, an_editor):
    an_editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteVisibleSegments)
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT, an_editor)
    a_writer.segmentation_node.GetDisplayNode().SetSegmentVisibility(segment_of(a_writer, "can"), False)
    a_writer.submit(segment_of(a_writer, "core"), BLOCK, EXTENT, an_editor)
    assert masks_of(a_writer)["can"].sum() == 16


def test_a_locked_class_keeps_its_voxels(a_writer):
    a_writer.add(segment_of(a_writer, "cap"), BLOCK, EXTENT, overwritable=())
    a_writer.submit(segment_of(a_writer, "core"), BLOCK, Extent(4, 7, 3, 6, 4, 4))
    assert masks_of(a_writer)["cap"].sum() == 16
    assert masks_of(a_writer)["core"].sum() == 8


def test_submitting_to_a_locked_class_is_refused(a_writer):
    with pytest.raises(StateError, match="'Cap' is locked"):
        a_writer.submit(segment_of(a_writer, "cap"), BLOCK, EXTENT)


def test_the_editable_area_limits_a_submit(a_writer, an_editor):
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT)
    an_editor.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    an_editor.SetMaskSegmentID(segment_of(a_writer, "can"))
    a_writer.submit(segment_of(a_writer, "core"), BLOCK, Extent(4, 7, 3, 6, 4, 4), an_editor)
    assert masks_of(a_writer)["core"].sum() == 8


def test_the_editable_intensity_range_limits_a_submit(a_writer, an_editor):
    grey = np.arange(np.prod(SHAPE_KJI)).reshape(SHAPE_KJI)[4, 3:7, 2:6]
    an_editor.SetSourceVolumeIntensityMask(True)
    an_editor.SetSourceVolumeIntensityMaskRange(float(grey[1].min()), float(grey[2].max()))
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT, an_editor)
    np.testing.assert_array_equal(np.argwhere(masks_of(a_writer)["can"].any(axis=(0, 2))).ravel(), [4, 5])


def test_taking_back_and_doing_again_restores_every_class(a_writer):
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT)
    before = masks_of(a_writer)
    changes = a_writer.submit(segment_of(a_writer, "core"), BLOCK, Extent(4, 7, 3, 6, 4, 4))
    after = masks_of(a_writer)
    a_writer.take_back(changes)
    for class_id, mask in masks_of(a_writer).items():
        np.testing.assert_array_equal(mask, before[class_id])
    a_writer.do_again(changes)
    for class_id, mask in masks_of(a_writer).items():
        np.testing.assert_array_equal(mask, after[class_id])


def test_several_writes_of_one_step_are_taken_back_the_last_one_first(a_writer):
    can, core = (segment_of(a_writer, each) for each in ("can", "core"))
    a_writer.add(core, BLOCK[:, :2], EXTENT._replace(j_max=EXTENT.j_min + 1), overwritable=())
    a_writer.add(can, BLOCK[..., :1], EXTENT._replace(i_max=EXTENT.i_min), overwritable=())  # the classes overlap
    before = masks_of(a_writer)
    changes = [*a_writer.submit(can, BLOCK, EXTENT), *a_writer.submit(core, BLOCK, EXTENT)]
    changes += [*a_writer.erase(core, BLOCK[..., :2], EXTENT._replace(i_max=EXTENT.i_min + 1))]
    changes += a_writer.submit(can, BLOCK, EXTENT)
    after = masks_of(a_writer)
    for act, state in ((a_writer.take_back, before), (a_writer.do_again, after)) * 2:
        act(changes)
        for class_id, mask in masks_of(a_writer).items():
            np.testing.assert_array_equal(mask, state[class_id], class_id)


def test_random_submits_are_taken_back_one_by_one(a_writer):
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    states, steps = [masks_of(a_writer)], []
    for _ in range(12):
        low = random.integers(0, 5, 3)
        extent = Extent.between(low.tolist(), (low + random.integers(0, 3, 3)).tolist())
        block = random.random(extent.shape_kji) < 0.7
        steps.append(a_writer.submit(segment_of(a_writer, random.choice(["can", "core"])), block, extent))
        states.append(masks_of(a_writer))
    for changes, state in zip(reversed(steps), reversed(states[:-1]), strict=True):
        a_writer.take_back(changes)
        for class_id, mask in masks_of(a_writer).items():
            np.testing.assert_array_equal(mask, state[class_id])


def labelmap_count(writer: SegmentWriter) -> int:
    segmentation = writer.segmentation_node.GetSegmentation()
    return segmentation.GetNumberOfLayers(labelmaps.BINARY_LABELMAP)


@pytest.mark.parametrize("reverse", [False, True], ids=["as submitted", "the other way round"])
def test_classes_that_share_a_labelmap_share_it_after_undo_and_redo(a_writer, reverse):
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT)
    before = masks_of(a_writer)
    changes = a_writer.submit(segment_of(a_writer, "core"), BLOCK, Extent(4, 7, 3, 6, 4, 4))
    after = masks_of(a_writer)
    assert labelmap_count(a_writer) == 1
    for act, state in ((a_writer.take_back, before), (a_writer.do_again, after)) * 2:
        act(changes[::-1] if reverse else changes)
        assert labelmap_count(a_writer) == 1
        assert all(np.array_equal(mask, state[each]) for each, mask in masks_of(a_writer).items())


def test_classes_that_overlap_come_back_as_they_overlapped(a_writer, an_editor):
    an_editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT, an_editor)
    a_writer.submit(segment_of(a_writer, "core"), BLOCK, Extent(4, 7, 3, 6, 4, 4), an_editor)
    before, layers = masks_of(a_writer), labelmap_count(a_writer)
    an_editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteAllSegments)
    changes = a_writer.submit(segment_of(a_writer, "core"), BLOCK, EXTENT, an_editor)
    after = masks_of(a_writer)
    for act, state in ((a_writer.take_back, before), (a_writer.do_again, after)) * 2:
        act(changes)
        assert labelmap_count(a_writer) <= layers
        assert all(np.array_equal(mask, state[each]) for each, mask in masks_of(a_writer).items())


def test_voxels_painted_meanwhile_survive_an_undo(a_writer):
    can = segment_of(a_writer, "can")
    changes = a_writer.submit(can, BLOCK, EXTENT)
    a_writer.add(can, np.ones((1, 1, 1), bool), Extent(0, 0, 0, 0, 0, 0), overwritable=())
    a_writer.take_back(changes)
    assert masks_of(a_writer)["can"].sum() == 1


def test_a_segmentation_of_another_grid_is_refused(a_scene, a_volume, a_volume_of, a_writer):
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT)
    other = a_volume_of(np.diag([1.0, 1.0, 1.5, 1.0]))
    with pytest.raises(GeometryError, match="does not lie on the voxel grid"):
        segments.mask_of_class_kji(a_writer.segmentation_node, "can", other)


def test_a_moved_volume_takes_its_segmentation_along(a_scene, a_volume, a_writer):
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT)
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    for node in (a_volume, a_writer.segmentation_node):
        node.SetAndObserveTransformNodeID(transform.GetID())
    assert masks_of(a_writer)["can"].sum() == 16
    a_volume.SetAndObserveTransformNodeID(None)
    assert masks_of(a_writer)["can"].sum() == 16  # an identity transform moves nothing


class SlowWriter(SegmentWriter):
    """Writes by Slicer's own function alone."""

    def add(self, segment_id, voxels_kji, extent, overwritable):
        self.add_by_slicer(segment_id, voxels_kji, extent, overwritable)
        for other in overwritable:
            held = labelmaps.segment_voxels_kji(self.segmentation_node, other, extent) & voxels_kji
            if held.any():
                self.remove(other, held, extent)

    def remove(self, segment_id, voxels_kji, extent):
        self.remove_by_slicer(segment_id, voxels_kji, extent)


def random_extent(dice) -> Extent:
    sides = [np.sort(dice.integers(0, count, 2)) for count in reversed(SHAPE_KJI)]
    return Extent.of(end for side in sides for end in side)


@pytest.mark.parametrize("seed", range(6))
def test_writing_in_place_equals_slicers_own_way_in_any_sequence(a_scene, a_volume, seed):
    print(f"seed {seed}")
    dice = np.random.default_rng(seed)
    nodes = [segments.create_segmentation(a_scene, a_volume, PROFILE) for _ in range(2)]
    fast, slow = SegmentWriter(nodes[0], a_volume), SlowWriter(nodes[1], a_volume)
    done = []
    for step in range(40):
        extent, class_id = random_extent(dice), ("can", "core")[dice.integers(2)]
        voxels = dice.random(extent.shape_kji) > 0.4
        action = dice.choice(["submit", "keep", "overlap", "remove", "undo", "redo"])
        for position, writer in enumerate((fast, slow)):
            segment_id = segment_of(writer, class_id)
            if action in ("submit", "keep"):
                changes = writer.submit(
                    segment_id, voxels, extent, kept=() if action == "submit" else segments.segment_ids(nodes[position])
                )
                done = [*done, [None, None]] if position == 0 else done
                done[-1][position] = changes
            elif action == "overlap":
                writer.add(segment_id, voxels, extent, ())
            elif action == "remove":
                writer.remove(segment_id, voxels, extent)
            elif done:
                (writer.take_back if action == "undo" else writer.do_again)(done[-1][position])
        for name, mask in masks_of(fast).items():
            np.testing.assert_array_equal(mask, masks_of(slow)[name], err_msg=f"step {step}: {action} {class_id}")


@pytest.fixture
def a_filled_writer(a_writer):
    """The class Can has all voxels."""
    a_writer.submit(segment_of(a_writer, "can"), np.ones(SHAPE_KJI, bool), Extent(0, 12, 0, 10, 0, 6))
    return a_writer


def events_of(segmentation_node, action) -> list[str]:
    segmentation = segmentation_node.GetSegmentation()
    names = ["SourceRepresentationModified", "RepresentationModified", "ContainedRepresentationNamesModified"]
    seen: list[str] = []
    tags = [segmentation.AddObserver(getattr(segmentation, name), lambda *_a, n=name: seen.append(n)) for name in names]
    action()
    for tag in tags:
        segmentation.RemoveObserver(tag)
    return seen


def test_a_labelmap_that_reaches_far_enough_is_written_in_place(a_writer, a_segmentation):
    can = segment_of(a_writer, "can")
    assert not labelmaps.write_in_place(a_segmentation, can, BLOCK, EXTENT, ())
    a_writer.submit(can, np.ones(SHAPE_KJI, bool), Extent(0, 12, 0, 10, 0, 6))
    core = segment_of(a_writer, "core")
    assert labelmaps.write_in_place(a_segmentation, core, BLOCK, EXTENT, [can])
    assert masks_of(a_writer)["core"].sum() == 16 and masks_of(a_writer)["can"].sum() == 7 * 11 * 13 - 16
    assert not labelmaps.write_in_place(a_segmentation, can, BLOCK, EXTENT, ())


def test_views_hear_of_it_as_they_hear_of_slicers_own_writing(a_filled_writer, a_segmentation):
    core, can = (segment_of(a_filled_writer, each) for each in ("core", "can"))
    elsewhere = Extent(2, 5, 3, 6, 5, 5)
    slow = events_of(a_segmentation, lambda: a_filled_writer.add_by_slicer(core, BLOCK, EXTENT, [can]))
    fast = events_of(a_segmentation, lambda: labelmaps.write_in_place(a_segmentation, core, BLOCK, elsewhere, [can]))
    assert fast == slow == ["SourceRepresentationModified", "RepresentationModified"]
    slow = events_of(a_segmentation, lambda: a_filled_writer.remove_by_slicer(core, BLOCK, EXTENT))
    fast = events_of(a_segmentation, lambda: labelmaps.erase_in_place(a_segmentation, core, BLOCK, elsewhere))
    assert fast == slow == ["SourceRepresentationModified", "RepresentationModified"]


def test_surfaces_are_made_anew_with_every_write(a_filled_writer, a_segmentation):
    core = segment_of(a_filled_writer, "core")
    a_filled_writer.submit(core, BLOCK, EXTENT)
    a_segmentation.CreateClosedSurfaceRepresentation()
    before = a_segmentation.GetSegmentation().GetSegmentRepresentation(core, "Closed surface").GetNumberOfPoints()
    a_filled_writer.submit(core, np.ones((3, 4, 4), bool), Extent(2, 5, 3, 6, 1, 3))
    after = a_segmentation.GetSegmentation().GetSegmentRepresentation(core, "Closed surface").GetNumberOfPoints()
    assert after > before > 0


def test_an_editable_area_without_voxels_lets_nothing_in(a_writer, an_editor):
    an_editor.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    an_editor.SetMaskSegmentID(segment_of(a_writer, "core"))
    a_writer.submit(segment_of(a_writer, "can"), BLOCK, EXTENT, an_editor)
    assert not masks_of(a_writer)["can"].any()
