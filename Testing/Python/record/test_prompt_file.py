"""Recorded prompts are read strictly, keep their order, and are written whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import documents as d
import pytest

from RWTHSAMLib.core.profile import parse_profile
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import InputError, PromptError
from RWTHSAMLib.record.record_file import SegmentationRecord, parse_prompt_file, read_prompt_file, write_prompt_file


def parsed(document: dict) -> SegmentationRecord:
    return parse_prompt_file(json.dumps(document))


def on_slice(axis: str, index: int, **prompts: object) -> dict:
    """The document with another first slice, and without the volume's shape."""
    return {**d.PROMPTS, "volume": None, "slices": [{"axis": axis, "index": index, "class": "core", **prompts}]}


@pytest.fixture
def recorded() -> SegmentationRecord:
    return parsed(d.PROMPTS)


def test_all_that_is_recorded_is_read(recorded) -> None:
    made = recorded.made_with
    assert (made.model, made.weights_sha256, made.window) == ("sam_vit_b", "0a" * 32, Window(-1350, 150))
    assert (recorded.scan.name, recorded.scan.shape_kji, recorded.profile) == ("scan", (10, 20, 30), None)
    assert recorded.class_ids == ("core", "can")
    assert [each.slice for each in recorded.slices] == [SliceKey("k", 7), SliceKey("j", 2)]


def test_prompts_keep_their_order_and_candidate(recorded) -> None:
    prompts = recorded.slices[1].prompts
    assert prompts.items == (BoxPrompt(1, 1, 9, 8), PointPrompt(3, 4, False))
    assert prompts.candidate == 2


@pytest.mark.parametrize(
    ("axis", "voxel", "x", "y"), [("k", [3, 4, 7], 3, 4), ("j", [3, 7, 4], 3, 4), ("i", [7, 3, 4], 3, 4)], ids="kji"
)
def test_a_voxel_becomes_the_pixel_of_its_slice(axis, voxel, x, y) -> None:
    recorded = parsed(on_slice(axis, 7, prompts=[{"point": voxel, "label": 1}]))
    assert recorded.slices[0].prompts.items == (PointPrompt(x, y, True),)
    assert json.loads(recorded.to_json())["steps"][0]["prompts"] == [{"point": voxel, "label": 1}]


def test_the_short_form_puts_the_box_first() -> None:
    short = parsed(on_slice("k", 7, points=[[3, 4, 7, 1], [5, 6, 7, 0]], box=[[9, 9, 7], [1, 2, 7]]))
    assert short.slices[0].prompts.items == (BoxPrompt(1, 2, 9, 9), PointPrompt(3, 4), PointPrompt(5, 6, False))


@pytest.mark.parametrize("document", d.GOOD_PROMPTS.values(), ids=d.GOOD_PROMPTS)
def test_what_is_written_is_read_again_equal(document, tmp_path) -> None:
    path, recorded = tmp_path / "new" / "prompts.json", parsed(document)
    write_prompt_file(recorded, path)
    assert read_prompt_file(path) == recorded


def test_a_slice_may_come_twice(recorded) -> None:
    twice = replace(recorded, steps=recorded.steps * 2)
    assert parse_prompt_file(twice.to_json()).slices == recorded.slices * 2


def test_class_names_become_ids_and_an_id_wins_over_an_equal_name() -> None:
    profile = parse_profile(
        json.dumps(
            d.changed(
                d.PROFILE,
                "classes",
                [{"id": "can", "name": "core", "color": [1, 0, 0]}, {"id": "core", "name": "Can", "color": [0, 1, 0]}],
            )
        )
    )
    by_name = parsed(d.changed(d.PROMPTS, "slices.1.class", "Can")).resolved(profile)
    assert [each.class_id for each in by_name.slices] == ["core", "core"]
    assert by_name.profile == profile


def test_a_class_that_the_profile_lacks_is_named(recorded) -> None:
    with pytest.raises(PromptError, match="'Cells' has no class 'core'.*it has 'Can'"):
        recorded.resolved(parse_profile('{"classes": ["Can"]}', "Cells"))


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("slices.1.prompts.1.label", 2, "'label' of the 2nd prompt of the 2nd slice: expected"),
        ("slices.0.prompts.0.point", [3, 4, 8], "'point' of the 1st prompt of the 1st slice.*k=7"),
        ("slices.0.prompts.0.point", [30, 4, 7], "the 1st slice"),
        ("slices.0.prompts", d.REMOVE, 'json\': the 1st slice: expected "prompts"'),
        ("slices.0.axis", "z", "'axis' of the 1st slice: expected"),
        ("slices.1.candidate", 3, "'candidate' of the 2nd slice: expected"),
        ("slices.0.opacity", 1, "'opacity' of the 1st slice: unknown key"),
        ("volume.shape_kji", [0, 1, 1], "'shape_kji' of 'volume': expected"),
        ("version", 3, "Update RWTHSAM"),
        ("profile", {"classes": []}, r"classes"),
    ],
)
def test_a_message_names_the_file_and_the_place_within_it(place, value, said, tmp_path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(d.changed(d.PROMPTS, place, value)), encoding="utf-8")
    with pytest.raises(PromptError, match=said) as refused:
        read_prompt_file(path)
    assert "bad.json" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ('{"format": "rwthsam-prompts"', "not JSON"),
        ('{"format": "rwthsam-prompts", "version": 1, "version": 1, "slices": []}', "twice"),
        ('{"version": NaN}', "finite"),
        ("[" * 100_000, "nested"),
        (json.dumps(d.PROFILE), "got a segmentation profile"),
        ('{"annotations": [], "categories": []}', "COCO"),
        ('{"classes": ["a"]}', "a profile of RWTH-SAM"),
    ],
    ids=["empty", "cut", "key twice", "NaN", "deep", "profile", "COCO", "RWTH-SAM"],
)
def test_what_is_no_prompt_file_is_refused_in_words(text, said) -> None:
    with pytest.raises(PromptError, match=said):
        parse_prompt_file(text)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(1 << 33)
    with pytest.raises(PromptError, match=r"huge\.json.*larger than 64 MiB"):
        read_prompt_file(path)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(PromptError, match=r"nowhere\.json"):
        read_prompt_file(tmp_path / "nowhere.json")


def test_nothing_recorded_is_not_written(recorded, tmp_path) -> None:
    path = tmp_path / "prompts.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(PromptError, match="submit"):
        write_prompt_file(replace(recorded, steps=()), path)
    assert path.read_text(encoding="utf-8") == "old"


def test_a_write_into_a_file_instead_of_a_folder_says_so(recorded, tmp_path) -> None:
    (tmp_path / "plain").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="could not be written"):
        write_prompt_file(recorded, Path(tmp_path / "plain" / "prompts.json"))
