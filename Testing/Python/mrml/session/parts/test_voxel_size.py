"""How large a voxel is can be said by a person: everything that is measured follows, voxels keep their index."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from scene_parts import GEOMETRIES, SHAPE_KJI, NeighbourhoodEngine

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.voxel_size import GivenSize, question_about
from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.storage import load_segmentation, save_segmentation
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import UNIT_ATTRIBUTE, add_volume, volume_array_kji
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.session.voxel_size_memory import VoxelSizeMemory
from RWTHSAMLib.volumes.fingerprint import fingerprint
from RWTHSAMLib.volumes.read import VolumeData

SLICE = SliceKey("k", 3)
SIZE = (0.02, 0.03, 0.05)


def voxels(session: Session) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, session.class_id, session.volume_node)


@pytest.fixture(params=["identity", "flipped", "rotated", "left-handed", "permuted"])
def a_worked_session(a_scene, request):
    """Session with a submitted mask and a prompt that is not submitted, whose file knows no unit."""
    session = Session(a_scene, NeighbourhoodEngine())
    values = np.arange(np.prod(SHAPE_KJI), dtype=np.int16).reshape(SHAPE_KJI)
    session.set_volume(add_volume(a_scene, VolumeData(values, GEOMETRIES[request.param], "scan", False)))
    session.add_point(SLICE, 3, 3)
    session.poll()
    session.submit()
    session.add_point(SLICE, 8, 8)
    session.poll()
    yield session
    session.close()


def test_a_given_size_counts_for_scan_and_classes_which_keep_their_voxels(a_worked_session, tmp_path) -> None:
    session, before = a_worked_session, voxels(a_worked_session)
    origin = VolumeGeometry.of(session.volume_node).ras_of((0, 0, 0))
    session.voxel_size.set(SIZE)
    geometry = VolumeGeometry.of(session.volume_node)
    assert geometry.spacing_mm_ijk == pytest.approx(SIZE) and geometry.ras_of((0, 0, 0)) == pytest.approx(origin)
    assert np.array_equal(voxels(session), before) and before.sum() == 9
    assert session.provenance.prompt_file().scan.spacing_mm_ijk == pytest.approx(SIZE)
    assert segments.unit_known(session.segmentation_node)
    save_segmentation(session.segmentation_node, tmp_path / "cell.seg.nrrd")
    saved = load_segmentation(session.scene, tmp_path / "cell.seg.nrrd")
    segments.check_grid(saved, geometry)


def test_one_undo_brings_the_former_size_back_and_prompts_stay(a_worked_session) -> None:
    session, before = a_worked_session, VolumeGeometry.of(a_worked_session.volume_node).ijk_to_ras
    session.voxel_size.set(SIZE)
    assert session.status.undo_text.startswith("Voxel size 0.02 x 0.03 x 0.05 mm")
    session.undo()
    assert np.allclose(VolumeGeometry.of(session.volume_node).ijk_to_ras, before)
    assert not segments.unit_known(session.segmentation_node)
    session.redo()
    assert len(session.status.prompts) == 1
    session.submit()
    assert voxels(session).sum() == 18
    for _ in range(2):
        session.undo()
    assert voxels(session).sum() == 9


@pytest.mark.parametrize(
    "size", [(0.0, 1.0, 1.0), (1.0, -2.0, 1.0), (1.0, 1.0, float("nan")), (1.0, 1e9, 1.0), (1.0, 1.0, 1e-12)]
)
def test_what_is_no_size_is_refused_and_changes_nothing(a_session, size) -> None:
    before = a_session.voxel_size.spacing_mm_ijk
    with pytest.raises(SettingsError, match="three numbers from 1e-07"):
        a_session.voxel_size.set(size)
    assert a_session.voxel_size.spacing_mm_ijk == before and a_session.status.undo_text is None


@pytest.mark.parametrize(
    ("size", "shape_kji", "asked"),
    [
        ((1.0, 1.0, 1.0), (10, 10, 10), "counts as 1 mm"),
        ((1.0, 1.0, 2.0), (100, 728, 728), "728 mm wide"),
        ((0.025, 0.025, 0.025), (100, 728, 728), ""),
        ((1.0, 1.0, 2.0), (10, 10, 10), ""),
    ],
)
def test_a_doubtful_size_is_asked_for(size, shape_kji, asked) -> None:
    question = question_about(size, shape_kji)
    assert asked in question and bool(question) == bool(asked)


def test_nobody_is_asked_again_who_has_given_or_confirmed_it(a_scene) -> None:
    session = Session(a_scene, NeighbourhoodEngine())
    try:
        session.set_volume(add_volume(a_scene, VolumeData(np.zeros(SHAPE_KJI, np.uint8), np.eye(4), "scan", False)))
        assert session.voxel_size.question
        session.voxel_size.believe()
        assert not session.voxel_size.question
    finally:
        session.close()


def test_voxels_that_counted_as_1_mm_are_known_to_be_that_large_once_somebody_has_said_so(a_scene) -> None:
    session = Session(a_scene, NeighbourhoodEngine())
    try:
        session.set_volume(add_volume(a_scene, VolumeData(np.zeros(SHAPE_KJI, np.uint8), np.eye(4), "scan", False)))
        session.voxel_size.believe()
        assert session.volume_node.GetAttribute(UNIT_ATTRIBUTE) is None
        assert session.voxel_size.spacing_mm_ijk == (1.0, 1.0, 1.0)
        assert "set by you" in session.voxel_size.told and not session.voxel_size.question
        session.undo()
        assert session.voxel_size.question and session.volume_node.GetAttribute(UNIT_ATTRIBUTE) == "0"
    finally:
        session.close()


def test_a_size_is_remembered_by_the_scan_and_a_damaged_memory_is_empty(tmp_path) -> None:
    file = tmp_path / "sizes" / "voxel-sizes.json"
    memory, (a, b) = VoxelSizeMemory(file), np.arange(16).reshape(2, 2, 2, 2)
    assert memory.of(a) is None
    memory.keep(a, GivenSize(SIZE, date(2026, 11, 28)))
    memory.keep(b, GivenSize((1.0, 1.0, 1.0)))
    memory.keep(a, GivenSize((2.0, 2.0, 2.0), date(2026, 11, 29)))
    again = VoxelSizeMemory(file)
    assert again.of(a) == GivenSize((2.0, 2.0, 2.0), date(2026, 11, 29)) and again.of(b) == GivenSize((1.0, 1.0, 1.0))
    file.write_text('{"a": [0, 1, 1]}')
    assert again.of(b) is None


def test_a_size_that_was_remembered_without_a_day_still_counts(tmp_path) -> None:
    file, scan = tmp_path / "voxel-sizes.json", np.arange(8).reshape(2, 2, 2)
    file.write_text(json.dumps({fingerprint(scan): [*SIZE]}))
    assert VoxelSizeMemory(file).of(scan) == GivenSize(SIZE)


def test_a_size_from_before_is_told_with_what_the_file_says_and_asked_about(a_session) -> None:
    size, said = a_session.voxel_size, a_session.voxel_size.spacing_mm_ijk
    assert not size.told and size.given is None
    size.comes_with(GivenSize(SIZE, date(2026, 1, 31)), (0.5, 0.5, 1.0), True)
    assert size.told == (
        "A voxel counts as 0.02 x 0.03 x 0.05 mm: set by you on 31 January 2026; the file says 0.5 x 0.5 x 1 mm."
    )
    assert size.question.startswith(size.told)
    size.believe()
    assert not size.question and size.told
    size.go_back_to_file()
    assert size.spacing_mm_ijk == (0.5, 0.5, 1.0) and not size.told and size.given is None
    a_session.undo()
    assert size.told and size.spacing_mm_ijk == said


def test_a_file_that_knows_no_size_is_asked_about_again_when_it_counts(a_scene) -> None:
    session = Session(a_scene, NeighbourhoodEngine())
    try:
        session.set_volume(add_volume(a_scene, VolumeData(np.zeros(SHAPE_KJI, np.uint8), np.eye(4), "scan", False)))
        session.voxel_size.set(SIZE)
        assert "the file does not say" in session.voxel_size.told and not session.voxel_size.question
        session.voxel_size.go_back_to_file()
        assert "How large is it?" in session.voxel_size.question
        assert not session.voxel_size.told and session.volume_node.GetAttribute(UNIT_ATTRIBUTE) == "0"
    finally:
        session.close()


def test_a_scan_that_is_chosen_again_still_knows_what_its_file_says(a_scene, a_session) -> None:
    first, size = a_session.volume_node, a_session.voxel_size
    of_file = size.spacing_mm_ijk
    size.set(SIZE)
    told = size.told
    other = add_volume(a_scene, VolumeData(np.zeros(SHAPE_KJI, np.uint8), np.eye(4), "another", False))
    a_session.set_volume(other)
    assert not size.told and size.question
    size.believe()
    a_session.set_volume(first)
    assert size.told == told != "" and not size.question
    a_session.set_volume(other)
    assert not size.question, "who has said that it is right is not asked again"
    a_session.set_volume(first)
    size.go_back_to_file()
    assert size.spacing_mm_ijk == of_file and not size.told


def test_what_was_given_by_other_means_since_counts_as_the_files(a_session) -> None:
    node, size = a_session.volume_node, a_session.voxel_size
    size.set(SIZE)
    a_session.set_volume(None)
    node.SetSpacing(0.3, 0.3, 0.3)
    a_session.set_volume(node)
    assert size.spacing_mm_ijk == pytest.approx((0.3, 0.3, 0.3)) and not size.told


@pytest.mark.parametrize("is_remembered", [True, False])
def test_a_session_remembers_what_is_given_and_knows_it_of_the_same_scan(a_session, tmp_path, is_remembered) -> None:
    size, voxels = a_session.voxel_size, volume_array_kji(a_session.volume_node)
    before = size.spacing_mm_ijk
    size.remember_in(VoxelSizeMemory(tmp_path / "voxel-sizes.json"))
    size.is_remembered = is_remembered
    size.set(SIZE)
    known = size.known_of(voxels, before)
    assert (known is not None and known.spacing_mm_ijk == SIZE) == is_remembered
    assert size.known_of(voxels, SIZE) == known, "it was confirmed"
    size.look_up()
    assert not size.is_known_otherwise


@pytest.fixture
def a_session_of_1_mm(a_scene, tmp_path):
    """Makes sessions that share a memory, each with a scan of the same voxels that count as 1 mm."""
    opened = []

    def open_again(unit_known: bool) -> Session:
        session = Session(a_scene, NeighbourhoodEngine())
        opened.append(session)
        session.voxel_size.remember_in(VoxelSizeMemory(tmp_path / "voxel-sizes.json"))
        scan = VolumeData(np.arange(np.prod(SHAPE_KJI), dtype=np.int16).reshape(SHAPE_KJI), np.eye(4), "s", unit_known)
        session.set_volume(add_volume(a_scene, scan))
        session.voxel_size.look_up()
        return session

    yield open_again
    for each in opened:
        each.close()


@pytest.mark.parametrize("unit_known", [True, False])
def test_a_scan_that_was_confirmed_to_be_of_1_mm_is_not_asked_about_again(a_session_of_1_mm, unit_known) -> None:
    first = a_session_of_1_mm(unit_known)
    assert "How large is it?" in first.voxel_size.question
    first.voxel_size.believe()
    again = a_session_of_1_mm(unit_known)
    again.voxel_size.give_known()
    assert not again.voxel_size.question and again.voxel_size.spacing_mm_ijk == (1, 1, 1)
    assert bool(again.voxel_size.told) == (not unit_known)
    assert again.volume_node.GetAttribute(UNIT_ATTRIBUTE) != "0"


@pytest.mark.parametrize("unit_known", [True, False])
def test_a_size_that_was_taken_back_leaves_the_question_open(a_session_of_1_mm, unit_known) -> None:
    first = a_session_of_1_mm(unit_known)
    first.voxel_size.set(SIZE)
    first.undo()
    again = a_session_of_1_mm(unit_known)
    again.voxel_size.give_known()
    assert "How large is it?" in again.voxel_size.question and not again.voxel_size.told
