"""The page and Slicer's panels call the same thing by the same words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BOTH = (
    "Add rule",
    "All slices",
    "Apply threshold",
    "Automatic",
    "Backward",
    "Both ways",
    "Box",
    "Click",
    "Delete all",
    "Delete prompt",
    "Device",
    "Discard",
    "Each as its own class",
    "Everywhere",
    "Fewest slices",
    "Filters",
    "Find objects",
    "Forward",
    "From what the class has on this slice",
    "Hide doubtful objects",
    "Large slices",
    "Model",
    "Only inside the box",
    "Other classes",
    "Point",
    "Points",
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
