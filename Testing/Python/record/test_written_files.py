"""Files that earlier versions wrote open with what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from RWTHSAMLib.core.profile import parse_profile, read_profile
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.settings.class_rules import Rule
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.record.record_file import parse_prompt_file, read_prompt_file
from RWTHSAMLib.record.steps import HandEdit, PromptedSlice, RecordedPropagation, RecordedVoxels

SETTINGS = AutomaticSettings(
    points_per_side=24,
    pred_iou_thresh=0.8,
    stability_score_thresh=0.9,
    crop_n_layers=1,
    crop_overlap_ratio=0.25,
    crop_n_points_downscale_factor=2,
)


@pytest.fixture(scope="module")
def written(repository: Path) -> Path:
    """Folder of the files."""
    return repository / "Testing" / "Data" / "written_by_0.1.0"


def test_a_profile_of_version_1_has_its_classes(written: Path) -> None:
    profile = read_profile(written / "profile-1.json")
    assert profile.name == "profile-1"
    assert [(each.id, each.name) for each in profile.classes] == [
        ("can", "can"),
        ("jelly-roll", "jelly roll"),
        ("pore", "pore"),
    ]


def test_a_profile_of_version_2_has_all_that_it_says(written: Path) -> None:
    profile = read_profile(written / "profile-2.json")
    can, roll, pore = profile.classes
    assert (can.id, can.color, can.locked) == ("can", (0.123, 0.5, 1.0), True)
    assert (roll.name, pore.terminology) == ("Jelly roll", "a~b^c^d~e")
    assert (profile.window, profile.model) == (Window(5, 250.5), "mobile_sam_vit_t")
    assert profile.automatic.settings == SETTINGS
    assert profile.automatic.rules == (
        Rule("pore", (("area_mm2", Range(None, 20.5)), ("mean_grey", Range(180, 255)))),
        Rule("jelly-roll", (("slice_count", Range(3, None)),)),
    )
    assert profile.extras == (("later", '{"a": [1]}'),)


def test_settings_of_automatic_masks_are_those_that_were_written(written: Path) -> None:
    assert AutomaticSettings.read(written / "automatic-settings-1.json") == SETTINGS


def test_prompts_of_version_1_are_steps(written: Path) -> None:
    recorded = read_prompt_file(written / "prompts-1.json")
    assert recorded.steps == (
        PromptedSlice(SliceKey("k", 5), Prompts((PointPrompt(12, 9), PointPrompt(30, 22, False))), "can"),
        PromptedSlice(
            SliceKey("j", 7), Prompts((BoxPrompt(8, 3, 23, 8), PointPrompt(2, 4, False)), candidate=2), "jelly-roll"
        ),
    )
    assert (recorded.made_with.model, recorded.made_with.window) == ("mobile_sam_vit_t", Window(5, 250))
    assert recorded.made_with.weights_sha256 == "0a" * 32
    assert (recorded.scan.name, recorded.scan.shape_kji) == ("scan", (12, 30, 40))
    assert recorded.profile is not None and [each.name for each in recorded.profile.classes] == ["Can", "Jelly roll"]


def test_prompts_of_version_2_have_every_kind_of_step(written: Path) -> None:
    recorded = read_prompt_file(written / "prompts-2.json")
    on_slice, on_plane, propagated, key, found, by_hand, thresholded = recorded.steps
    assert on_slice == PromptedSlice(SliceKey("k", 5), Prompts((PointPrompt(3, 25),)), "can")
    assert isinstance(on_plane, PromptedSlice) and on_plane.prompts.box == BoxPrompt(4, 3, 12, 9)
    assert isinstance(propagated, RecordedPropagation) and propagated.keyframes[0].index == 5
    assert propagated.settings == PropagationRunSettings(
        PropagationSettings(most_growth=1.5, most_skipped=1, edge_reach=0.5, padding_px=3, grey=Range(150, None)),
        "forward",
        4,
        8,
    )
    assert key == PromptedSlice(SliceKey("k", 5), Prompts((BoxPrompt(8, 5, 23, 14),)), "jelly-roll")
    assert isinstance(found, RecordedVoxels) and (found.source, found.voxels) == ("automatic masks", 40)
    assert isinstance(by_hand, HandEdit) and by_hand.class_ids == ("can",)
    assert isinstance(thresholded, RecordedVoxels) and "narrowed" in thresholded.source
    assert recorded.scan.spacing_mm_ijk == pytest.approx((0.5, 0.7, 3.0))


@pytest.mark.parametrize("name", ["profile-1", "profile-2"])
def test_a_profile_that_is_written_again_says_the_same(written: Path, name: str) -> None:
    profile = read_profile(written / f"{name}.json")
    assert parse_profile(profile.to_json()) == profile


@pytest.mark.parametrize("name", ["prompts-1", "prompts-2"])
def test_prompts_that_are_written_again_say_the_same(written: Path, name: str) -> None:
    recorded = read_prompt_file(written / f"{name}.json")
    assert parse_prompt_file(recorded.to_json()) == recorded
