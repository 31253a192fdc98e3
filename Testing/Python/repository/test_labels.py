"""The page and Slicer's panels call the same thing by the same words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from every_setting import every_setting

BOTH = (
    "Add rule",
    "All slices",
    "Apply threshold",
    "Automatic",
    "Box",
    "Click",
    "Delete all",
    "Delete prompt",
    "Device",
    "Discard",
    "Each as its own class",
    "Everywhere",
    "Filters",
    "Find objects",
    "From what the class has on this slice",
    "Large slices",
    "Model",
    "Only inside the box",
    "Other classes",
    "Point",
    "Prepare all slices",
    "Propagate",
    "Propose",
    "Refine the class on this slice",
    "Remove rule",
    "Result goes to",
    "Rules",
    "SAM settings",
    "Save to profile",
    "Scan",
    "Segment",
    "Show on the slices what would be left",
    "This slice",
    "This slice is right",
    "Threshold a class",
    "Through the volume",
    "When the object ends",
    "Winding",
    "Window",
)


@pytest.fixture(scope="module")
def on_the_page() -> set[str]:
    folder = Path(__file__).resolve().parents[3] / "RWTHSAMWeb/ui"
    return {each for path in folder.glob("*.py") for each in re.findall(r'"([^"\n]+)"', path.read_text("utf-8"))}


@pytest.fixture(scope="module")
def in_slicer() -> set[str]:
    folder = Path(__file__).resolve().parents[3] / "RWTHSAM/Resources/UI"
    strings = (re.findall(r"<string>([^<]+)</string>", path.read_text("utf-8")) for path in folder.glob("*.ui"))
    return {each.rstrip(":.") for several in strings for each in several}


def test_labels_that_both_fronts_need_are_the_same(on_the_page: set[str], in_slicer: set[str]) -> None:
    assert [each for each in BOTH if each not in on_the_page] == []
    assert [each for each in BOTH if each not in in_slicer] == []


def test_what_stands_at_the_field_of_a_setting_is_not_said_again(on_the_page: set[str], in_slicer: set[str]) -> None:
    said = {text for each in every_setting() for text in (each.help, *(option.help for option in each.options)) if text}
    assert len(said) > 50
    assert not said & on_the_page and not said & in_slicer


def test_forms_offer_every_word_of_a_choice() -> None:
    choices = [each for each in every_setting() if each.options and each.words]
    assert len(choices) > 5
    for each in choices:
        values = [option.value for option in each.options if option.value is not None]
        assert sorted(values) == sorted(each.words), each.name
        assert each.may_be_none == any(option.value is None for option in each.options), each.name
