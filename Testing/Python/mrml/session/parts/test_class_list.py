"""Classes are moved, deleted and replaced by one step each, which undo takes back with all voxels."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.profile import default_profile, profile_of_names
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import ProfileError, StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.session.session import Session

PROFILE = profile_of_names("cell", ["Core", "Can"])


@pytest.fixture
def a_core(a_session) -> Session:
    """Session with nine voxels of the core."""
    a_session.set_profile(PROFILE)
    a_session.select_class("core")
    a_session.add_point(SliceKey("k", 3), 3, 3)
    a_session.poll()
    a_session.submit()
    return a_session


def voxels(session: Session) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, "core", session.volume_node)


def names(session: Session) -> list[str]:
    return [each.name for each in session.profile.classes]


def test_a_deleted_class_goes_with_its_voxels_and_undo_brings_both_back(a_core) -> None:
    before = voxels(a_core)
    a_core.class_list.delete("core")
    assert names(a_core) == ["Can"] and segments.segment_id_of_class(a_core.segmentation_node, "core") is None
    assert a_core.status.text == "Class 'Core' was deleted with its 9 voxels." and a_core.class_id == "can"
    assert a_core.prompt_file().steps == ()
    a_core.undo()
    assert names(a_core) == ["Core", "Can"] and np.array_equal(voxels(a_core), before)
    assert len(a_core.prompt_file().steps) == 1
    a_core.redo()
    assert names(a_core) == ["Can"]
    a_core.undo()
    a_core.undo()
    assert not voxels(a_core).any()


def test_a_locked_class_and_the_last_one_stay(a_core) -> None:
    a_core.set_profile(a_core.profile.locking("core"))
    with pytest.raises(StateError, match="locked"):
        a_core.class_list.delete("core")
    a_core.class_list.delete("can")
    with pytest.raises(ProfileError):
        a_core.class_list.delete("core")
    assert names(a_core) == ["Core"] and voxels(a_core).sum() == 9


def test_a_class_is_moved_and_moved_back(a_core) -> None:
    a_core.class_list.move("core", 1)
    assert names(a_core) == ["Can", "Core"] and voxels(a_core).sum() == 9
    a_core.class_list.move("core", 1)
    a_core.undo()
    assert names(a_core) == ["Core", "Can"]


def test_other_classes_are_chosen_and_taken_back_with_one_step(a_core) -> None:
    a_core.class_list.use(default_profile(), "Default profile")
    assert a_core.profile == default_profile() and a_core.status.undo_text == "Default profile"
    a_core.undo()
    assert a_core.profile == PROFILE and voxels(a_core).sum() == 9
