"""What is not submitted yet is thresholded on its way into a class: temporary masks and propagated objects."""

from __future__ import annotations

import numpy as np
import pytest
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.parts.threshold_refinement import UNSUBMITTED, ThresholdRefinement
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.steps import RecordedVoxels
from RWTHSAMLib.volumes.read import VolumeData

SHAPE_KJI = (10, 16, 18)
PROFILE = profile_of_names("Cell", ["Cell", "Can"])
CELL, CAN = (each.id for each in PROFILE.classes)
KEY = SliceKey("k", 4)
BOX = BoxPrompt(3, 2, 14, 13)
FINE = ThresholdSettings(grey=Range(None, 40))
BRIGHT = 200


@pytest.fixture
def session(a_scene):
    """Session on a bar along k, brighter than its surroundings, whose grey value also grows along j."""
    grey = np.broadcast_to(np.arange(SHAPE_KJI[1])[None, :, None] * 10, SHAPE_KJI).astype(np.int16).copy()
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_profile(PROFILE)
    session.set_volume(add_volume(a_scene, VolumeData(grey, GEOMETRIES["rotated"], "scan", True)))
    session.set_window(Window(0, 255))
    yield session
    session.close()


@pytest.fixture
def masked(session) -> Session:
    """With a box on one slice, whose mask is there."""
    session.prompting.set_prompts(KEY, Prompts((BOX,)))
    session.poll()
    return session


def box_below_row(row: int) -> np.ndarray:
    volume = np.zeros(SHAPE_KJI, bool)
    volume[KEY.index, BOX.y_min : row, BOX.x_min : BOX.x_max + 1] = True
    return volume


def voxels(session: Session, class_id: str) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, class_id, session.volume_node)


def test_a_mask_is_thresholded_into_a_class_as_one_step(masked):
    assert masked.threshold.source == UNSUBMITTED and masked.threshold.source_name == "the temporary mask"
    expected = box_below_row(5)
    assert masked.threshold.refine(ThresholdRefinement(UNSUBMITTED, CELL, FINE)) == expected.sum()
    assert np.array_equal(voxels(masked, CELL), expected)
    assert not masked.prompting.masks and not masked.prompting.prompts_on(KEY).items
    assert masked.threshold.source == masked.class_id
    assert masked.status.undo_text == "Threshold 'temporary mask' to 'Cell'"
    masked.undo()
    assert not voxels(masked, CELL).any() and masked.prompting.prompts_on(KEY).box == BOX
    masked.redo()
    assert np.array_equal(voxels(masked, CELL), expected) and not masked.prompting.prompts_on(KEY).items


def test_the_record_keeps_the_voxels_and_the_settings(masked):
    masked.threshold.refine(ThresholdRefinement(UNSUBMITTED, CAN, FINE))
    (step,) = masked.prompt_file().steps
    assert isinstance(step, RecordedVoxels) and step.source == "'temporary mask' thresholded" and step.voxels == 12 * 3


def test_masks_of_slices_that_cross_are_thresholded_together(masked):
    other = SliceKey("i", 8)
    masked.prompting.set_prompts(other, Prompts((BoxPrompt(1, 1, 9, 8),)))
    masked.poll()
    masked.threshold.refine(ThresholdRefinement(UNSUBMITTED, CELL, FINE))
    expected = box_below_row(5)
    expected[1:9, 1:5, 8] = True
    assert np.array_equal(voxels(masked, CELL), expected)


def test_what_would_be_left_of_a_mask_is_shown_and_follows_it(masked, a_view_of):
    a_view_of(masked.volume_node, KEY.index)
    masked.threshold.consider(ThresholdRefinement(UNSUBMITTED, CELL, FINE))
    masked.poll()
    assert masked.threshold.shown_pixels == 12 * 3
    masked.prompting.set_prompts(KEY, Prompts((BOX, PointPrompt(4, 3, positive=False))))
    masked.poll()
    masked.poll()
    assert masked.threshold.shown_pixels == 12 * 3 - 9
    masked.prompting.delete_all()
    masked.poll()
    assert masked.threshold.shown_pixels == 0 and "click on the object" in str(masked.threshold.error)


def test_a_mask_that_is_awaited_is_not_thresholded(session):
    session.prompting.set_prompts(KEY, Prompts((BOX,)))
    with pytest.raises(StateError, match="still being computed"):
        session.threshold.refine(ThresholdRefinement(UNSUBMITTED, CELL, FINE))
    assert session.prompting.prompts_on(KEY).items


def test_without_a_mask_the_class_is_meant(session):
    assert session.threshold.source == session.class_id
    with pytest.raises(StateError, match="no mask to threshold"):
        session.threshold.refine(ThresholdRefinement(UNSUBMITTED, CELL, FINE))


def test_a_propagated_object_is_thresholded_on_its_way_into_a_class(a_scene):
    grey = np.full(SHAPE_KJI, 20, np.int16)
    grey[2:8, 4:12, 4:12] = BRIGHT
    grey[2:8, 4:6, 4:12] = BRIGHT + 40
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_profile(PROFILE)
    session.set_volume(add_volume(a_scene, VolumeData(grey, GEOMETRIES["rotated"], "scan", True)))
    session.set_window(Window(0, 255))
    session.prompting.set_prompts(KEY, Prompts((BoxPrompt(4, 4, 11, 11),)))
    session.poll()
    session.propagation.start()
    for _ in range(200):
        session.poll()
    assert session.propagation.can_submit
    bright = ThresholdSettings(grey=Range(BRIGHT + 20, None))
    session.threshold.refine(ThresholdRefinement(UNSUBMITTED, CAN, bright))
    assert np.array_equal(voxels(session, CAN), grey == BRIGHT + 40) and not session.propagation.is_there
    session.undo()
    assert session.propagation.is_there and session.prompting.prompts_on(KEY).box is not None
    session.close()
