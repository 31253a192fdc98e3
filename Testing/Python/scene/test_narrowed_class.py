"""A class is narrowed to another one as one undo step."""

from __future__ import annotations

import numpy as np
import pytest
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.automatic_rules import Range
from RWTHSAMLib.errors import StateError
from RWTHSAMLib.narrowing_choices import NarrowingChoices
from RWTHSAMLib.profile import profile_of_names
from RWTHSAMLib.scene import segments
from RWTHSAMLib.scene.edits import Together
from RWTHSAMLib.scene.geometry import VolumeGeometry
from RWTHSAMLib.scene.narrowing import Narrowing, narrow, narrowed_voxels_kji
from RWTHSAMLib.scene.session import Session
from RWTHSAMLib.scene.volumes import add_volume
from RWTHSAMLib.volume.read import VolumeData

SHAPE_KJI = (10, 16, 18)
PROFILE = profile_of_names("Cell", ["Cell", "Can", "Core"])
CELL, CAN, CORE = (each.id for each in PROFILE.classes)


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
    extent = segments.whole_extent(VolumeGeometry.of(session.volume_node))
    session.write("Cell", [CELL], [(CELL, cell & ~core, extent)], Together(()))
    session.write("Core", [CORE], [(CORE, core, extent)], Together(()))
    yield session
    session.close()


def voxels(session: Session, class_id: str) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, class_id, session.volume_node)


def test_a_class_is_narrowed_by_grey_values_and_taken_back(a_session, cell, core):
    wanted = Narrowing(CELL, CAN, NarrowingChoices(grey=Range(None, 40)))
    expected = cell & ~core & (np.arange(SHAPE_KJI[1])[None, :, None] <= 4)
    assert narrow(a_session, wanted) == expected.sum()
    assert np.array_equal(voxels(a_session, CAN), expected)
    assert np.array_equal(voxels(a_session, CELL), cell & ~core & ~expected)
    assert a_session.status.undo_text == "Narrow 'Cell' to 'Can'"
    a_session.undo()
    assert not voxels(a_session, CAN).any() and np.array_equal(voxels(a_session, CELL), cell & ~core)
    a_session.redo()
    assert np.array_equal(voxels(a_session, CAN), expected)


def test_other_classes_say_where(a_session, core):
    assert not (narrowed_voxels_kji(a_session, Narrowing(CELL, CAN, outside=(CORE,))) & core).any()
    with pytest.raises(StateError, match="Nothing is left"):
        narrow(a_session, Narrowing(CELL, CAN, inside=(CORE,)))
    assert not voxels(a_session, CAN).any()


def test_what_cannot_be_narrowed_says_why(a_session):
    with pytest.raises(StateError, match="'Can' has no voxels"):
        narrow(a_session, Narrowing(CAN, CORE))
    with pytest.raises(StateError, match="another class"):
        narrow(a_session, Narrowing(CELL, CELL))
