"""Classes that overlap: who has the voxels is chosen, told, recorded, and the same after a replay."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.class_writing import ClassPainter, FoundClass, ordered, overwriting_of  # noqa: E402
from RWTHSAMLib.core.extent import Extent  # noqa: E402
from RWTHSAMLib.core.mask import Mask, PackedMask  # noqa: E402
from RWTHSAMLib.core.profile import profile_of_names  # noqa: E402
from RWTHSAMLib.core.slices import SliceKey  # noqa: E402
from RWTHSAMLib.errors import ProfileError, SettingsError  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_volume  # noqa: E402
from RWTHSAMLib.mrml.session.replay import replay  # noqa: E402
from RWTHSAMLib.record.record_file import SegmentationRecord  # noqa: E402
from RWTHSAMLib.record.steps import RecordedVoxels  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402

PROFILE = profile_of_names("Cell", ["Can", "Core", "Cap"])
CAN, CORE, CAP = (each.id for each in PROFILE.classes)
SHAPE_KJI = (3, 8, 10)
COLUMNS = {CAN: slice(0, 6), CORE: slice(4, 9), CAP: slice(5, 10)}


def found(class_id: str) -> FoundClass:
    """Some columns of the middle slice."""
    pixels = np.zeros(SHAPE_KJI[1:], bool)
    pixels[:, COLUMNS[class_id]] = True
    mask, key = Mask.from_array(pixels), SliceKey("k", 1)
    return FoundClass(RecordedVoxels(((key, PackedMask.of(mask)),), class_id, "columns"), [(key, mask)])


def painter_of(*words: str) -> ClassPainter:
    """All three classes, in their order."""
    labels = {each: label for label, each in enumerate((CAN, CORE, CAP), start=1)}
    return ClassPainter([found(each) for each in (CAN, CORE, CAP)], labels, overwriting_of(words, PROFILE))


def columns_of_labels(labels: np.ndarray) -> dict[str, set[int]]:
    return {
        each: set(np.flatnonzero((labels == label).any(axis=(0, 1))).tolist())
        for label, each in enumerate((CAN, CORE, CAP), start=1)
    }


def columns_of(node, volume_node) -> dict[str, set[int]]:
    masks = {each.id: segments.mask_of_class_kji(node, each.id, volume_node) for each in PROFILE.classes}
    return {class_id: set(np.flatnonzero(mask.any(axis=(0, 1))).tolist()) for class_id, mask in masks.items()}


@pytest.fixture
def a_segmentation():
    scene = new_scene()
    volume_node = add_volume(scene, VolumeData(np.zeros(SHAPE_KJI, np.uint8), np.eye(4), "scan", True))
    yield segments.create_segmentation(scene, volume_node, PROFILE), volume_node
    scene.Clear(True)  # it is needed until here: nodes do not keep their scene


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["none"], {CAN: {0, 1, 2, 3, 4, 5}, CORE: {6, 7, 8}, CAP: {9}}),
        (["all"], {CAN: {0, 1, 2, 3}, CORE: {4}, CAP: {5, 6, 7, 8, 9}}),
        (["Core"], {CAN: {0, 1, 2, 3, 4, 5}, CORE: set(), CAP: {6, 7, 8, 9}}),
        (["Can", "Cap"], {CAN: {0, 1, 2, 3}, CORE: {4, 5, 6, 7, 8}, CAP: {9}}),
    ],
    ids=["none", "all", "one", "two"],
)
def test_voxels_of_two_classes_go_where_the_choice_says_and_a_replay_puts_them_there_again(
    a_segmentation, words, expected
) -> None:
    painter = painter_of(*words)
    labels = painter.painted(Extent.of_shape(SHAPE_KJI))
    assert columns_of_labels(labels) == expected
    assert painter.counts == {each: 8 * len(columns) for each, columns in expected.items()}
    node, volume_node = a_segmentation
    replay(volume_node, node, SegmentationRecord(painter.steps, profile=PROFILE), lambda made_with: None)
    assert columns_of(node, volume_node) == expected


def test_in_slabs_everything_is_as_at_once() -> None:
    at_once, in_slabs = painter_of("Core"), painter_of("Core")
    labels = at_once.painted(Extent.of_shape(SHAPE_KJI))
    slabs = [*in_slabs.slabs(SHAPE_KJI, most_bytes=1)]
    assert len(slabs) == SHAPE_KJI[0] and np.array_equal(np.concatenate(slabs), labels)
    assert in_slabs.shared == at_once.shared and in_slabs.counts == at_once.counts


def test_what_two_classes_share_is_told_with_who_has_it() -> None:
    painter = painter_of("Core")
    painter.painted(Extent.of_shape(SHAPE_KJI))
    said = [each.text(PROFILE) for each in painter.shared]
    assert [each.split(" (--")[0] for each in said] == [
        "16 voxels are in 'Can' and in 'Core': 'Can' has them",
        "8 voxels are in 'Can' and in 'Cap': 'Can' has them",
        "24 voxels are in 'Core' and in 'Cap': 'Cap' has them",
    ]


def test_what_is_kept_is_recorded_by_class_so_that_it_holds_on_another_scan() -> None:
    steps = painter_of("Core").steps
    assert [each.kept for each in steps] == [(), (CAN,), (CAN,)] and not any(each.withheld for each in steps)


def test_the_order_that_is_named_goes_before_that_of_the_prompts() -> None:
    assert ordered([CAN, CORE, CAP], ["Cap", "Core"], PROFILE) == (CAP, CORE, CAN)
    assert ordered([CAN, CORE], [], PROFILE) == (CAN, CORE)
    with pytest.raises(SettingsError, match="--order: .*Can, Core.* got 'Cap'"):
        ordered([CAN, CORE], ["Cap"], PROFILE)
    with pytest.raises(ProfileError, match="no class 'Lid'"):
        ordered([CAN, CORE], ["Lid"], PROFILE)


def test_all_and_none_stand_alone() -> None:
    with pytest.raises(SettingsError, match="--overwrite"):
        overwriting_of(["all", "Can"], PROFILE)
