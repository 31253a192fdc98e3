"""Profiles as nodes of a real MRML scene, and profiles made from segments."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import slicer
import vtk
from vtkmodules.util.misc import calldata_type

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.profile import MAX_CLASSES, SegmentationProfile, parse_profile, profile_of_names
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import ProfileError
from RWTHSAMLib.mrml.nodes import profile_node, segments
from RWTHSAMLib.mrml.nodes.profile_from_segmentation import apply_profile, profile_from_segmentation
from RWTHSAMLib.mrml.nodes.profile_node import add_profile_node, profile_nodes, profile_of, set_profile_of
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter

TERMINOLOGY = "Cells~SCT^1^Part~SCT^2^Can~SCT^^~Regions~^^~^^"
THREE = profile_of_names("three", ["Can", "Core", "Tab"])


def a_rich_profile() -> SegmentationProfile:
    """Every field in use, letters of many kinds, and long enough that Slicer gives it a file of its own."""
    profile = profile_of_names('Zelle "Ä" <1> & 电池', ["Hülle", "Wickel\\", "核", *(f"Lage {n}" for n in range(9))])
    profile = profile.locking("wickel").describing("hulle", TERMINOLOGY)
    return SegmentationProfile(profile.name, profile.classes, Window(-12.5, 4096.25), "sam_hq_vit_b")


@pytest.fixture
def a_node(a_scene):
    """Node with a profile that uses every field."""
    return add_profile_node(a_scene, a_rich_profile())


@pytest.fixture
def a_segmentation(a_scene, a_volume):
    """Segmentation of three classes whose second has voxels."""
    node = segments.create_segmentation(a_scene, a_volume, THREE)
    block = np.ones((2, 3, 4), bool)
    SegmentWriter(node, a_volume).add(segments.segment_id_of_class(node, "core"), block, Extent(1, 4, 3, 5, 2, 3), [])
    return node


def voxel_counts(segmentation_node, volume_node) -> dict[str, int]:
    """Voxels by segment id, so that a voxel that changes its segment shows."""
    extent = segments.VolumeGeometry.of(volume_node).extent
    ids = segments.segment_ids(segmentation_node)
    read = segments.labelmaps.segment_voxels_kji
    return {each: int(read(segmentation_node, each, extent).sum()) for each in ids}


def reopened(path):
    scene = new_scene()
    scene.SetURL(str(path))
    scene.Connect()
    return scene


def test_a_node_gives_its_profile_back(a_node):
    assert profile_of(a_node) == a_rich_profile()


def test_nodes_of_the_same_name_are_told_apart(a_scene):
    nodes = [add_profile_node(a_scene, THREE) for _ in range(3)]
    assert (
        [profile_of(node).name for node in nodes]
        == [node.GetName() for node in nodes]
        == ["three", "three_1", "three_2"]
    )


def test_a_selector_sees_a_complete_node_when_it_is_added(a_scene):
    seen = []

    @calldata_type(vtk.VTK_OBJECT)
    def added(_scene, _event, node):
        seen.append((node.GetAttribute(profile_node.PROFILE_ATTRIBUTE), profile_of(node).name))

    a_scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, added)
    add_profile_node(a_scene, THREE)
    assert seen == [("1", "three")]


def test_only_marked_text_nodes_are_profiles(a_scene, a_node):
    a_scene.AddNewNodeByClass("vtkMRMLTextNode", "notes").SetText(THREE.to_json())
    assert profile_nodes(a_scene) == (a_node,)


def test_renaming_the_node_renames_the_profile(a_node):
    a_node.SetName("Other")
    assert profile_of(a_node).name == "Other"


@pytest.mark.parametrize("name", ["", "  ", "two\nlines"])
def test_a_node_name_that_no_profile_may_have_is_passed_over(a_node, name):
    a_node.SetName(name)
    assert profile_of(a_node).name == a_rich_profile().name


def test_a_change_is_told_once_and_no_change_not_at_all(a_node):
    events = []
    a_node.AddObserver("ModifiedEvent", lambda *_: events.append(profile_of(a_node).classes[0].name))
    set_profile_of(a_node, profile_of(a_node).renaming("hulle", "Can"))
    set_profile_of(a_node, profile_of(a_node))
    assert events == ["Can"]


def test_a_damaged_text_names_the_node_and_the_place(a_node):
    a_node.SetText(a_node.GetText().replace('"wickel"', '"hulle"'))
    with pytest.raises(ProfileError, match="电池.*'id' of the 2nd class"):
        profile_of(a_node)


def test_a_text_node_of_rwth_sam_is_read(a_scene):
    node = a_scene.AddNewNodeByClass("vtkMRMLTextNode", "old")
    node.SetText('{"classes": ["can", "core"]}')
    assert profile_of(node) == profile_of_names("old", ["can", "core"])


def test_the_scene_file_alone_brings_the_profile_back(a_scene, a_node, tmp_path):
    a_scene.SetURL(str(tmp_path / "scene.mrml"))
    assert a_scene.Commit()
    scene = reopened(tmp_path / "scene.mrml")
    (back,) = profile_nodes(scene)
    assert profile_of(back) == a_rich_profile()


def test_a_bundle_brings_the_profile_back_from_its_own_file(a_scene, a_node, tmp_path):
    assert a_scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    with zipfile.ZipFile(tmp_path / "scene.mrb") as bundle:
        bundle.extractall(tmp_path)
    scene = reopened(tmp_path / "scene" / "scene.mrml")
    (back,) = profile_nodes(scene)
    assert profile_of(back) == a_rich_profile()
    assert parse_profile(Path(back.GetStorageNode().GetFileName()).read_bytes()) == a_rich_profile()


def test_segments_become_classes_as_they_are(a_segmentation):
    assert profile_from_segmentation(a_segmentation, "three") == THREE


def test_foreign_segments_are_marked_and_found_again_under_another_name(a_scene, a_volume):
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "foreign")
    node.GetSegmentation().AddEmptySegment("s", "Segment_1", [0.25, 0.5, 1.0])
    profile = profile_from_segmentation(node)
    assert (profile.name, profile.classes[0].color) == ("foreign", (0.25, 0.5, 1.0))
    applied = apply_profile(node, profile.renaming(profile.classes[0].id, "Can"))
    assert applied.renamed == (("Segment_1", "Can"),) and not applied.added and not applied.kept


def test_copied_segments_become_classes_of_their_own(a_segmentation):
    segmentation = a_segmentation.GetSegmentation()
    copy = slicer.vtkSegment()
    copy.DeepCopy(segmentation.GetSegment("RWTHSAM_core"))
    segmentation.AddSegment(copy, "copy")
    profile = profile_from_segmentation(a_segmentation)
    assert [each.name for each in profile.classes] == ["Can", "Core", "Tab", "Core 2"]
    assert len({each.id for each in profile.classes}) == 4
    assert segments.segment_id_of_class(a_segmentation, profile.classes[3].id) == "copy"


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\x01\x02", "x" * 500])
def test_any_segment_name_makes_a_valid_class(a_scene, name):
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "")
    node.GetSegmentation().AddEmptySegment("s", name, [2.0, -1.0, 0.5])
    profile = profile_from_segmentation(node)
    assert parse_profile(profile.to_json()) == profile


@pytest.mark.parametrize("count", [0, MAX_CLASSES + 1])
def test_too_few_or_too_many_segments_are_refused_and_not_marked(a_scene, count):
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "many")
    for index in range(count):
        node.GetSegmentation().AddEmptySegment(f"s{index}", f"s{index}", [1, 0, 0])
    with pytest.raises(ProfileError, match=f"'many' has {count} segments"):
        profile_from_segmentation(node)
    assert all(segments.class_id_of(node, each) is None for each in segments.segment_ids(node))


def test_a_changed_profile_moves_no_voxel(a_segmentation, a_volume):
    before = voxel_counts(a_segmentation, a_volume)
    assert sum(before.values()) == 24
    changed = THREE.without("tab").moving("core", 0).renaming("core", "Can?").renaming("can", "Core").adding("New")
    applied = apply_profile(a_segmentation, changed)
    after = voxel_counts(a_segmentation, a_volume)
    assert {each: after[each] for each in before} == before
    assert segments.mask_of_class_kji(a_segmentation, "core", a_volume).sum() == 24
    assert applied.added == ("New",) and applied.kept == ("Tab",)
    assert set(applied.renamed) == {("Can", "Core"), ("Core", "Can?")}


def test_a_lock_and_a_terminology_go_to_the_segment_and_back(a_segmentation):
    changed = THREE.locking("core").describing("core", TERMINOLOGY)
    apply_profile(a_segmentation, changed)
    assert profile_from_segmentation(a_segmentation, "three") == changed
