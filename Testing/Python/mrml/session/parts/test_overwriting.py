"""A submit leaves other classes what they have, unless somebody chose otherwise, and says what it did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import slicer
from scene_parts import SHAPE_KJI, NeighbourhoodEngine, known_answer

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Segmentation
from RWTHSAMLib.core.overwriting import Overwriting
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.kept_voxels import KeptVoxels
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.parts.threshold_refinement import UNSUBMITTED, ThresholdRefinement
from RWTHSAMLib.mrml.session.replay import replay
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.record_file import parse_prompt_file
from RWTHSAMLib.volumes.read import VolumeData

SLICE = SliceKey("k", 3)
CELL = SegmentationProfile(
    "cell",
    tuple(
        ProfileClass(name.lower(), name, color)
        for name, color in (("Core", (1.0, 0.0, 0.0)), ("Can", (0.0, 0.0, 1.0)), ("Tab", (0.0, 1.0, 0.0)))
    ),
)


class KnownMasks:
    """The engine's one method that a replay needs."""

    def segment(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        return known_answer(image, prompts)


def voxels(session: Session, class_id: str) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, class_id, session.volume_node)


def submit_point(session: Session, class_id: str, x: int, y: int) -> None:
    session.select_class(class_id)
    session.add_point(SLICE, x, y)
    session.poll()
    session.submit()


@pytest.fixture
def a_core(a_session) -> Session:
    """Session in which the core has the nine voxels round (3, 3) of a slice."""
    a_session.set_profile(CELL)
    submit_point(a_session, "core", 3, 3)
    return a_session


@pytest.fixture
def a_core_and_a_tab(a_core) -> Session:
    """The same with a tab round (6, 3), beside the core."""
    submit_point(a_core, "tab", 6, 3)
    return a_core


def test_a_class_keeps_what_it_has_when_another_one_is_submitted_over_it(a_core) -> None:
    before = voxels(a_core, "core")
    submit_point(a_core, "can", 4, 3)
    assert np.array_equal(voxels(a_core, "core"), before)
    assert voxels(a_core, "can").sum() == 3 and not (voxels(a_core, "can") & before).any()


def test_the_status_tells_how_many_voxels_were_added_and_from_which_class_until_the_next_action(a_core) -> None:
    a_core.submitting.set_overwriting(Overwriting("all"))
    submit_point(a_core, "can", 4, 3)
    status = a_core.status
    assert status.text == status.said == "9 voxels added to 'Can', 6 voxels taken from 'Core'."
    assert status.level == "info" and status.can_undo
    a_core.undo()
    assert a_core.status.said == "" and voxels(a_core, "core").sum() == 9
    a_core.redo()
    a_core.add_point(SLICE, 9, 8)
    assert a_core.status.said == ""


def test_a_submit_that_adds_nothing_says_so(a_core) -> None:
    submit_point(a_core, "can", 3, 3)
    assert a_core.status.text == "No voxel was added: 9 voxels kept by 'Core'." and voxels(a_core, "can").sum() == 0
    submit_point(a_core, "core", 3, 3)
    assert a_core.status.text.startswith("No voxel was added: this class") and voxels(a_core, "core").sum() == 9


def test_the_status_tells_how_many_voxels_were_kept_by_which_class(a_core_and_a_tab) -> None:
    submit_point(a_core_and_a_tab, "can", 5, 3)
    said = "No voxel was added: 3 voxels kept by 'Core', 6 voxels kept by 'Tab'."
    assert a_core_and_a_tab.status.said == said
    submit_point(a_core_and_a_tab, "can", 3, 5)
    assert a_core_and_a_tab.status.said == "6 voxels added to 'Can', 3 voxels kept by 'Core'."


def test_a_locked_class_is_told_to_have_kept_its_voxels(a_core) -> None:
    a_core.set_profile(a_core.profile.locking("core", True))
    a_core.submitting.set_overwriting(Overwriting("all"))
    submit_point(a_core, "can", 4, 3)
    assert a_core.status.said == "3 voxels added to 'Can', 6 voxels kept by 'Core'."


def test_a_voxel_that_two_masks_wanted_is_kept_once() -> None:
    kept, held = KeptVoxels(), np.ones((1, 4, 4), bool)
    for first in (0, 2):
        kept.add(held, Extent(first, first + 3, 0, 3, 0, 0), {"core": held})
    assert kept.counts == {"core": 24}


def test_only_chosen_classes_lose_voxels(a_core_and_a_tab) -> None:
    session = a_core_and_a_tab
    session.submitting.set_overwriting(Overwriting("chosen", ("tab",)))
    submit_point(session, "can", 5, 3)
    assert voxels(session, "core").sum() == 9 and voxels(session, "tab").sum() == 3
    assert voxels(session, "can").sum() == 6
    assert session.status.said == "6 voxels added to 'Can', 6 voxels taken from 'Tab', 3 voxels kept by 'Core'."


@pytest.mark.parametrize(("mode", "left_of_core"), [("none", 9), ("all", 3)])
def test_a_thresholded_mask_takes_from_other_classes_as_chosen(a_core, mode, left_of_core) -> None:
    a_core.submitting.set_overwriting(Overwriting(mode))
    a_core.add_point(SLICE, 4, 3)
    a_core.poll()
    a_core.threshold.refine(ThresholdRefinement(UNSUBMITTED, "can", ThresholdSettings(rim_mm=1000.0)))
    assert voxels(a_core, "core").sum() == left_of_core and voxels(a_core, "can").sum() == 12 - left_of_core


def test_a_threshold_to_another_class_takes_the_voxels_from_its_source_whatever_is_chosen(a_core_and_a_tab) -> None:
    session = a_core_and_a_tab
    session.threshold.refine(ThresholdRefinement("core", "can", ThresholdSettings(rim_mm=1000.0)))
    assert not voxels(session, "core").any() and voxels(session, "can").sum() == voxels(session, "tab").sum() == 9


def test_the_segment_editors_own_mode_counts_where_it_is_not_overwrite_all(a_core) -> None:
    editor = slicer.vtkMRMLSegmentEditorNode()
    a_core.use_editor(editor)
    submit_point(a_core, "can", 4, 3)
    assert voxels(a_core, "core").sum() == 9 and voxels(a_core, "can").sum() == 3
    a_core.undo()
    editor.SetOverwriteMode(editor.OverwriteNone)
    a_core.submit()
    assert voxels(a_core, "core").sum() == 9 and voxels(a_core, "can").sum() == 9
    a_core.undo()
    editor.SetOverwriteMode(editor.OverwriteVisibleSegments)
    a_core.submit()
    assert voxels(a_core, "core").sum() == 3 and voxels(a_core, "can").sum() == 9


def test_the_choice_comes_back_with_the_scene(a_core, a_scene) -> None:
    chosen = Overwriting("chosen", ("core", "tab"))
    a_core.submitting.set_overwriting(chosen)
    other = Session(a_scene, NeighbourhoodEngine())
    try:
        assert other.submitting.overwriting == chosen
    finally:
        other.close()


@pytest.fixture
def a_new_scan(a_scene):
    """Another scan of the same size: its grey values are others."""
    values = np.arange(np.prod(SHAPE_KJI), dtype=np.int16).reshape(SHAPE_KJI)[::-1].copy()
    return add_volume(a_scene, VolumeData(values, np.diag([-1.0, -1.0, 1.0, 1.0]), "other", True))


@pytest.mark.parametrize("where", ["the same scan", "another scan"])
def test_a_record_replays_what_was_kept_and_what_was_taken(a_core, a_scene, a_new_scan, where) -> None:
    submit_point(a_core, "can", 4, 3)
    a_core.submitting.set_overwriting(Overwriting("all"))
    submit_point(a_core, "tab", 2, 3)
    record = parse_prompt_file(a_core.prompt_file().to_json())
    volume = a_core.volume_node if where == "the same scan" else a_new_scan
    node = segments.create_segmentation(a_scene, volume, CELL)
    replay(volume, node, record, lambda _made: KnownMasks())
    for class_id in ("core", "can", "tab"):
        again = segments.mask_of_class_kji(node, class_id, volume)
        assert np.array_equal(again, voxels(a_core, class_id)), class_id


def test_a_record_of_before_replays_as_it_was_made_with_later_masks_over_earlier_ones(a_core, a_scene) -> None:
    submit_point(a_core, "can", 4, 3)
    record = a_core.prompt_file()
    old = replace(record, steps=tuple(replace(each, kept=()) for each in record.steps))
    node = segments.create_segmentation(a_scene, a_core.volume_node, CELL)
    replay(a_core.volume_node, node, old, lambda _made: KnownMasks())
    assert segments.mask_of_class_kji(node, "core", a_core.volume_node).sum() == 3


@pytest.mark.parametrize(
    "text", ["", "[]", '{"mode": "some", "classes": []}', '{"mode": "all"}', '{"mode": "all", "x": 1}']
)
def test_a_damaged_choice_is_the_default(a_core, text) -> None:
    a_core.submitting.set_overwriting(Overwriting("all"))
    a_core.submitting.take_up({"overwriting": text})
    assert a_core.submitting.overwriting == Overwriting()
