"""Profiles are read strictly, written whole, and edited without re-labelling anything."""

from __future__ import annotations

import json
from pathlib import Path

import documents as d
import pytest

from RWTHSAMLib.core.profile import (
    SegmentationProfile,
    default_profile,
    fresh_id,
    parse_profile,
    read_profile,
    write_profile,
)
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import InputError, ProfileError


@pytest.fixture
def a_profile() -> SegmentationProfile:
    return parse_profile(json.dumps(d.PROFILE))


@pytest.fixture
def an_old_file(tmp_path: Path) -> Path:
    path = tmp_path / "18650 cells.json"
    path.write_text(json.dumps({"classes": ["Jelly roll", "Jelly-roll", "Gehäuse", "電池"]}), encoding="utf-8")
    return path


def test_version_2_is_read_with_all_it_says(a_profile) -> None:
    assert (a_profile.name, a_profile.window, a_profile.model) == ("Cell", Window(0, 255.5), "mobile_sam_vit_t")
    can, core = a_profile.classes
    assert (can.id, can.color, can.locked, can.terminology) == ("can", (1, 0.5, 0), False, None)
    assert (core.name, core.locked, core.terminology) == ("Wickelkern Ø", True, "a~b^c^d~e")


def test_what_is_written_is_read_again_equal(a_profile, tmp_path) -> None:
    path = tmp_path / "new folder" / "cell.json"
    write_profile(a_profile, path)
    assert read_profile(path) == a_profile


def test_what_a_newer_version_wrote_is_kept(tmp_path) -> None:
    document = {**d.PROFILE, "windings": {"points_per_side": 16}}
    assert json.loads(parse_profile(json.dumps(document)).to_json())["windings"] == {"points_per_side": 16}


def test_a_file_of_rwth_sam_is_read_with_ids_from_its_names(an_old_file) -> None:
    profile = read_profile(an_old_file)
    assert profile.name == "18650 cells"
    assert [each.name for each in profile.classes] == ["Jelly roll", "Jelly-roll", "Gehäuse", "電池"]
    assert [each.id for each in profile.classes] == ["jelly-roll", "jelly-roll-2", "gehause", "class"]
    assert len({each.color for each in profile.classes}) == 4
    assert read_profile(an_old_file) == profile


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        ("classes.1.name", "Can", ": 'name' of the 2nd class: 'Can' is taken by the 1st class"),
        ("classes.1.id", "can", ": 'id' of the 2nd class: 'can' is taken"),
        ("classes.0.color", "red", r": 'color' of the 1st class \('Can'\): expected three numbers"),
        ("classes.0.locked", "yes", r": 'locked' of the 1st class \('Can'\): expected true or false"),
        ("classes", [], "classes"),
        ("window", [9, 3], "window"),
        ("version", 3, "Update RWTHSAM"),
    ],
)
def test_a_message_names_the_place_within_the_document(place, value, named, tmp_path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(d.changed(d.PROFILE, place, value)), encoding="utf-8")
    with pytest.raises(ProfileError, match=named) as refused:
        read_profile(path)
    assert "bad.json" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "{",
        '{"classes": ["a"], "classes": ["b"]}',
        '{"classes": ["a"]} {}',
        '{"classes": [NaN]}',
        "[" * 100_000,
        '{"type": "FeatureCollection", "features": []}',
        '{"format": "rwthsam-prompts", "version": 1, "slices": []}',
    ],
    ids=["empty", "blank", "cut", "key twice", "more behind", "not JSON", "deep", "foreign", "prompts"],
)
def test_what_is_no_profile_is_refused(text) -> None:
    with pytest.raises(ProfileError):
        parse_profile(text)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"\x00" * 100], ids=["bytes", "zeros"])
def test_a_file_that_is_no_text_is_refused(content, tmp_path) -> None:
    path = tmp_path / "binary.json"
    path.write_bytes(content)
    with pytest.raises(ProfileError, match=r"binary\.json"):
        read_profile(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(1 << 33)
    with pytest.raises(ProfileError, match=r"huge\.json"):
        read_profile(path)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ProfileError, match=r"nowhere\.json"):
        read_profile(tmp_path / "nowhere.json")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(a_profile, tmp_path, monkeypatch) -> None:
    path = tmp_path / "cell.json"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(InputError, match="disk full"):
        write_profile(a_profile, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["cell.json"]


def test_renaming_and_moving_keep_the_ids(a_profile) -> None:
    edited = a_profile.renaming("can", "Housing").moving("can", 5)
    assert [(each.id, each.name) for each in edited.classes] == [("core", "Wickelkern Ø"), ("can", "Housing")]
    assert a_profile.classes[0].name == "Can"


def test_a_new_class_gets_a_fresh_id_and_colour(a_profile) -> None:
    added = a_profile.adding("Can 2").adding("can-2")
    assert [each.id for each in added.classes] == ["can", "core", "can-2", "can-2-2"]
    assert len({each.color for each in added.classes}) == 4


@pytest.mark.parametrize(
    "edit",
    [
        lambda profile: profile.renaming("can", "Wickelkern Ø"),
        lambda profile: profile.renaming("can", "  "),
        lambda profile: profile.without("can").without("core"),
        lambda profile: profile.recolouring("can", (2, 0, 0)),
        lambda profile: profile.renaming("nothing", "x"),
    ],
    ids=["taken name", "no name", "the last class", "no colour", "no class"],
)
def test_an_edit_that_breaks_a_rule_is_refused(a_profile, edit) -> None:
    with pytest.raises(ProfileError):
        edit(a_profile)


def test_ids_are_made_the_same_way_every_time() -> None:
    assert fresh_id("Jelly roll", []) == fresh_id("  jelly / ROLL ", []) == "jelly-roll"
    assert fresh_id("x" * 500, []) == fresh_id("x" * 500, [])
    assert len(fresh_id("x" * 500, [])) <= 64


def test_the_default_profile_is_of_a_cylindrical_cell() -> None:
    assert "Core" in [each.name for each in default_profile().classes]


@pytest.mark.parametrize("name", ["Cap", ""])
def test_a_name_that_cannot_be_is_refused_in_words_for_whoever_typed_it(name: str) -> None:
    profile = default_profile()
    first = profile.classes[0].id
    for change in (lambda: profile.renaming(first, name), lambda: profile.adding(name)):
        with pytest.raises(ProfileError, match="^(Another class is called 'Cap' already|The name of a class has 1 to)"):
            change()
    assert profile.renaming(first, profile.classes[0].name) == profile
