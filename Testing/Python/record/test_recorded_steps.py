"""Every kind of step is read as it was written, and is told in a line."""

from __future__ import annotations

import json
from dataclasses import replace

import documents as d
import numpy as np
import pytest

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.mask import Mask, PackedMask
from RWTHSAMLib.core.placed_masks import count, placed, within
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import PromptError
from RWTHSAMLib.record.record_file import SegmentationRecord, parse_prompt_file
from RWTHSAMLib.record.steps import (
    HandEdit,
    Keyframe,
    MadeWith,
    PromptedSlice,
    RecordedPropagation,
    RecordedVoxels,
    ScanFacts,
    made_by,
)
from RWTHSAMLib.record.text import facts_of_record, steps_of_record

SEED = 7
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)


@pytest.fixture
def recorded() -> SegmentationRecord:
    return parse_prompt_file(json.dumps(d.STEPS))


def test_each_kind_becomes_its_step(recorded) -> None:
    kinds = [type(each) for each in recorded.steps]
    assert kinds == [PromptedSlice, RecordedPropagation, RecordedVoxels, HandEdit]
    assert [each.slice for each in recorded.slices] == [SliceKey("k", 7)]


def test_a_mask_keeps_its_pixels(recorded) -> None:
    mask = recorded.steps[1].keyframes[1].mask.unpack()
    assert np.array_equal(mask.to_array()[5:8, 4:7], CROSS) and mask.area == 5
    (key, packed), *_ = recorded.steps[2].masks
    assert key == SliceKey("k", 1) and np.array_equal(packed.unpack().pixels, CROSS)


def test_the_rules_of_a_propagation_are_read(recorded) -> None:
    choices = recorded.steps[1].settings
    assert (choices.rules.most_growth, choices.direction, choices.last) == (1.5, "forward", 8)
    assert choices.rules.grey.lower == 10 and choices.rules.grey.upper is None


def test_what_is_written_says_the_same(recorded) -> None:
    written = json.loads(recorded.to_json())["steps"]
    for ours, theirs in zip(written, d.STEPS["steps"], strict=True):
        for name, value in theirs.items():
            if name not in ("choices", "given"):
                assert ours[name] == value
    assert written[1]["given"][1] == d.STEPS["steps"][1]["given"][1]
    assert parse_prompt_file(recorded.to_json()).to_json() == recorded.to_json()


def test_a_step_made_with_what_the_record_says_does_not_repeat_it() -> None:
    made_with = MadeWith("RWTHSAM 1", "sam_vit_b", "0a" * 32, "On the processor.", Window(0, 9))
    step = PromptedSlice(SliceKey("k", 1), Prompts((PointPrompt(1, 1),)), "can", made_with=made_with)
    other = replace(step, made_with=replace(made_with, window=Window(0, 5)))
    written = json.loads(SegmentationRecord((step, other), made_with).to_json())["steps"]
    assert "made_with" not in written[0] and written[1]["made_with"]["window"] == [0, 5]


def test_a_step_without_its_own_engine_has_that_of_the_record(recorded) -> None:
    made_with = made_by(recorded.steps[1], recorded.made_with)
    assert made_with == recorded.made_with
    own = made_by(recorded.steps[0], recorded.made_with)
    assert (own.model, own.window, own.program) == ("mobile_sam_vit_t", Window(5, 9), "RWTHSAM 0.1.0")


def test_another_window_is_that_of_every_step(recorded) -> None:
    again = recorded.seen_through(Window(1, 2))
    assert made_by(again.steps[0], again.made_with).window == Window(1, 2) == again.made_with.window
    assert made_by(again.steps[0], again.made_with).model == "mobile_sam_vit_t"


def test_a_given_slice_has_prompts_or_a_mask() -> None:
    mask = PackedMask.of(Mask.from_array(CROSS))
    for wrong in ({}, {"prompts": Prompts((PointPrompt(1, 1),)), "mask": mask}):
        with pytest.raises(PromptError, match="by prompts or by a mask"):
            Keyframe(3, **wrong)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shape_kji": (11, 20, 30)}, ("11 x 20 x 30 voxels (k, j, i) instead of 10 x 20 x 30",)),
        ({"spacing_mm_ijk": (0.02, 0.02, 0.2)}, ("0.02 x 0.02 x 0.2 mm",)),
        ({"fingerprint": "0c" * 32}, ("other grey values",)),
        ({"fingerprint": None, "spacing_mm_ijk": None, "name": "copy"}, ()),
    ],
    ids=["shape", "spacing", "values", "unknown"],
)
def test_another_scan_is_told_by_what_differs(recorded, change, said) -> None:
    found = recorded.scan.differences(replace(recorded.scan, **change))
    assert len(found) == len(said) and all(ours.startswith(each) for ours, each in zip(found, said, strict=True))
    assert ScanFacts().differences(recorded.scan) == ()


def test_every_step_is_told_in_a_line(recorded) -> None:
    first, second, third, fourth = steps_of_record(recorded)
    assert first.startswith(
        "'core': slice k = 7, 1 positive, replacing what was there, looked at closely; 40 voxels; some withheld"
    )
    assert "model mobile_sam_vit_t, window 5 to 9, On the processor" in first and first.endswith("+00:00")
    assert second == "'core': propagated from k = 2 (a box); k = 5 (a mask)"
    assert third == "'can': automatic masks, kept voxel by voxel"
    assert fourth.startswith("'can': changed by hand (Paint), 3 times")


def test_facts_name_scan_time_and_hand_edits(recorded) -> None:
    facts = dict(facts_of_record(recorded))
    assert facts["Model"] == "sam_vit_b" and facts["Scan's voxels (k, j, i)"] == "10 x 20 x 30"
    assert facts["Submitted"] == "2026-05-04T10:00:00+00:00 to 2026-05-04T10:05:00+00:00"
    assert facts["Edits by hand"].startswith("3, not recorded")


@pytest.mark.parametrize("shape", [(3, 40, 50), (20, 4, 30), (25, 30, 2)], ids=["along k", "along j", "along i"])
def test_any_voxels_become_masks_and_voxels_again(shape) -> None:
    print(f"seed {SEED}")
    voxels = np.random.default_rng(SEED).random(shape) < 0.2
    corner = (4, 7, 9)
    low, high = corner[::-1], [first + size - 1 for first, size in zip(corner, shape, strict=True)][::-1]
    extent = Extent.between(low, high)
    masks = placed(voxels, extent, (60, 70, 80))
    assert count(masks) == voxels.sum() and len({key.axis for key, _ in masks}) == 1
    assert len(masks) <= min(shape)
    assert np.array_equal(within(masks, extent), voxels)
    whole = within(masks, Extent(0, 79, 0, 69, 0, 59))
    expected = np.zeros((60, 70, 80), bool)
    expected[4 : 4 + shape[0], 7 : 7 + shape[1], 9 : 9 + shape[2]] = voxels
    assert np.array_equal(whole, expected)
    assert not within(masks, Extent(0, 3, 0, 69, 0, 59)).any()
