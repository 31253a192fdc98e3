"""A class is thresholded into another one as one undo step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scene_parts import GEOMETRIES, BrightRegions, NeighbourhoodEngine, known_answer
from scipy import ndimage

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Segmentation
from RWTHSAMLib.core.overwriting import Overwriting
from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import StateError
from RWTHSAMLib.mrml.nodes import labelmaps, segments
from RWTHSAMLib.mrml.nodes.record_tag import kept
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.edits import Together
from RWTHSAMLib.mrml.session.parts.threshold_refinement import ThresholdRefinement
from RWTHSAMLib.mrml.session.replay import replay
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.views.alignment import align_slice_nodes
from RWTHSAMLib.record.steps import RecordedVoxels
from RWTHSAMLib.volumes.read import VolumeData

SHAPE_KJI = (10, 16, 18)
SEED = 13
PROFILE = profile_of_names("Cell", ["Cell", "Can", "Core"])
CELL, CAN, CORE = (each.id for each in PROFILE.classes)


class KnownAnswers(BrightRegions):
    """The engine of known masks as a replay uses it."""

    def segment(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        return known_answer(image, prompts)


@pytest.fixture
def cell() -> np.ndarray:
    voxels = np.zeros(SHAPE_KJI, bool)
    voxels[1:9, 2:14, 3:15] = True
    return voxels


@pytest.fixture
def core() -> np.ndarray:
    voxels = np.zeros(SHAPE_KJI, bool)
    voxels[1:9, 6:10, 7:11] = True
    return voxels


@pytest.fixture
def a_session(a_scene, cell, core):
    """Session with a cell and its core in a scan whose grey value grows along j."""
    grey = np.broadcast_to(np.arange(SHAPE_KJI[1])[None, :, None] * 10, SHAPE_KJI).astype(np.int16)
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_profile(PROFILE)
    session.set_volume(add_volume(a_scene, VolumeData(grey.copy(), GEOMETRIES["rotated"], "scan", True)))
    extent = VolumeGeometry.of(session.volume_node).extent
    session.submitting.write("Cell", [CELL], [(CELL, cell & ~core, extent)], Together(()))
    session.submitting.write("Core", [CORE], [(CORE, core, extent)], Together(()))
    yield session
    session.close()


def whole(block: np.ndarray, extent) -> np.ndarray:
    """A part of the scan in an array of its size."""
    array = np.zeros(SHAPE_KJI, bool)
    array[extent.slices_kji()] = block
    return array


def voxels(session: Session, class_id: str) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, class_id, session.volume_node)


def test_a_class_is_thresholded_by_grey_values_and_taken_back(a_session, cell, core):
    wanted = ThresholdRefinement(CELL, CAN, ThresholdSettings(grey=Range(None, 40)))
    expected = cell & ~core & (np.arange(SHAPE_KJI[1])[None, :, None] <= 4)
    assert a_session.threshold.refine(wanted) == expected.sum()
    assert np.array_equal(voxels(a_session, CAN), expected)
    assert np.array_equal(voxels(a_session, CELL), cell & ~core & ~expected)
    assert a_session.status.undo_text == "Threshold 'Cell' to 'Can'"
    a_session.undo()
    assert not voxels(a_session, CAN).any() and np.array_equal(voxels(a_session, CELL), cell & ~core)
    a_session.redo()
    assert np.array_equal(voxels(a_session, CAN), expected)


def test_other_classes_say_where(a_session, core):
    assert not (
        whole(*a_session.threshold.sources.thresholded_voxels(ThresholdRefinement(CELL, CAN, outside=(CORE,)))) & core
    ).any()
    with pytest.raises(StateError, match="Nothing is left"):
        a_session.threshold.refine(ThresholdRefinement(CELL, CAN, inside=(CORE,)))
    assert not voxels(a_session, CAN).any()


def test_what_cannot_be_thresholded_says_why(a_session):
    with pytest.raises(StateError, match="'Can' has no voxels"):
        a_session.threshold.refine(ThresholdRefinement(CAN, CORE))


def test_a_class_is_thresholded_in_place_and_taken_back(a_session, cell, core):
    kept = cell & ~core & (np.arange(SHAPE_KJI[1])[None, :, None] <= 4)
    assert (
        a_session.threshold.refine(ThresholdRefinement(CELL, CELL, ThresholdSettings(grey=Range(None, 40))))
        == kept.sum()
    )
    assert np.array_equal(voxels(a_session, CELL), kept) and np.array_equal(voxels(a_session, CORE), core)
    a_session.undo()
    assert np.array_equal(voxels(a_session, CELL), cell & ~core)


def test_the_record_gives_a_class_thresholded_in_place_again(a_session):
    for key, box in ((SliceKey("k", 4), ((3, 2), (14, 13))), (SliceKey("k", 5), ((3, 2), (14, 13)))):
        a_session.select_class(CAN)
        a_session.submitting.set_overwriting(Overwriting("all"))
        a_session.set_box(key, *box)
        a_session.poll()
        a_session.submit()
    a_session.threshold.refine(ThresholdRefinement(CAN, CAN, ThresholdSettings(grey=Range(50, None))))
    record = kept(a_session.segmentation_node)
    last = record.steps[-1]
    assert isinstance(last, RecordedVoxels) and not last.masks and last.lost
    node = segments.create_segmentation(a_session.scene, a_session.volume_node, PROFILE)
    boxes = replace(record, steps=tuple(each for each in record.steps if not isinstance(each, RecordedVoxels)))
    replay(a_session.volume_node, node, replace(boxes, steps=(*boxes.steps, last)), lambda _: KnownAnswers())
    again = segments.mask_of_class_kji(node, CAN, a_session.volume_node)
    assert np.array_equal(again, voxels(a_session, CAN)) and again.any()


CHOICES = {
    "grey": ThresholdSettings(grey=Range(30, 100)),
    "otsu": ThresholdSettings(otsu="dark"),
    "otsu and grey": ThresholdSettings(grey=Range(None, 120), otsu="bright"),
    "rim": ThresholdSettings(rim_mm=1.9),
    "smooth": ThresholdSettings(grey=Range(30, 90), smooth_mm=1.3),
    "rim and smooth": ThresholdSettings(rim_mm=2.5, smooth_mm=1.2),
}


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("axis", ["k", "j", "i"])
def test_each_slice_is_shown_as_the_whole_would_be(a_session, choices, axis):
    wanted = ThresholdRefinement(CELL, CAN, choices, outside=(CORE,))
    expected, threshold = (
        whole(*a_session.threshold.sources.thresholded_voxels(wanted)),
        a_session.threshold.sources.threshold_of(wanted),
    )
    assert expected.any()
    for index in range(SHAPE_KJI["kji".index(axis)]):
        key = SliceKey(axis, index)
        shown = a_session.threshold.sources.thresholded_on_slice(wanted, key, threshold).to_array()
        assert np.array_equal(shown, key.take(expected)), key


@pytest.mark.parametrize("axis", ["k", "j", "i"])
def test_smoothing_reaches_as_far_on_a_slice_as_in_the_whole(a_scene, axis):
    print(f"seed {SEED}")
    noise = ndimage.gaussian_filter(np.random.default_rng(SEED).normal(size=(24, 26, 28)), 1.2)
    grey = np.clip(128 + 400 * noise, 0, 255).astype(np.uint8)
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_profile(PROFILE)
    session.set_volume(add_volume(a_scene, VolumeData(grey, GEOMETRIES["identity"], "noise", True)))
    extent = VolumeGeometry.of(session.volume_node).extent
    session.submitting.write("Cell", [CELL], [(CELL, np.ones(grey.shape, bool), extent)], Together(()))
    wanted = ThresholdRefinement(CELL, CAN, ThresholdSettings(grey=Range(128, None), smooth_mm=2.0))
    expected, _ = session.threshold.sources.thresholded_voxels(wanted)
    for index in range(grey.shape["kji".index(axis)]):
        key = SliceKey(axis, index)
        assert np.array_equal(
            session.threshold.sources.thresholded_on_slice(wanted, key, None).to_array(), key.take(expected)
        ), key
    session.close()


@pytest.fixture
def an_axial_view(a_session, a_view):
    """A view on the middle of the cell."""
    node = a_view()
    align_slice_nodes(a_session.slice_nodes(), a_session.volume_node)
    node.JumpSliceByOffsetting(*VolumeGeometry.of(a_session.volume_node).ras_of((8, 8, 5)))
    return node


def shown_voxels(session: Session) -> int:
    node = session.threshold.preview_node
    if node is None:
        return 0
    extent = VolumeGeometry.of(session.volume_node).extent
    return sum(labelmaps.segment_voxels_kji(node, each, extent).sum() for each in segments.segment_ids(node))


def test_what_would_be_left_is_shown_and_the_classes_stay(a_session, an_axial_view, cell, core):
    before = voxels(a_session, CELL)
    wanted = ThresholdRefinement(CELL, CAN, ThresholdSettings(grey=Range(None, 40)))
    a_session.threshold.consider(wanted)
    a_session.poll()
    expected = (cell & ~core & (np.arange(SHAPE_KJI[1])[None, :, None] <= 4))[5].sum()
    assert shown_voxels(a_session) == a_session.threshold.shown_pixels == expected
    assert np.array_equal(voxels(a_session, CELL), before)
    a_session.threshold.consider(None)
    assert a_session.threshold.preview_node is None


def test_the_picture_follows_the_view_and_the_class(a_session, an_axial_view):
    a_session.threshold.consider(ThresholdRefinement(CELL, CAN, ThresholdSettings()))
    a_session.poll()
    first = shown_voxels(a_session)
    an_axial_view.JumpSliceByOffsetting(*VolumeGeometry.of(a_session.volume_node).ras_of((8, 8, 0)))
    a_session.poll()
    assert first > 0 and shown_voxels(a_session) == 0
    a_session.undo()
    a_session.undo()
    a_session.poll()
    assert "has no voxels" in str(a_session.threshold.error)


def test_applying_ends_the_picture(a_session, an_axial_view):
    a_session.threshold.consider(ThresholdRefinement(CELL, CAN, ThresholdSettings(rim_mm=1.9)))
    a_session.poll()
    assert a_session.threshold.apply() == voxels(a_session, CAN).sum() > 0
    assert a_session.threshold.wanted is None and a_session.threshold.preview_node is None
    with pytest.raises(StateError, match="No threshold is being considered"):
        a_session.threshold.apply()
