"""Strokes of Slicer's own tools in the segmentation's record: noted, and forgotten when they are taken back."""

from __future__ import annotations

import random

import numpy as np
import pytest
from rwthsam_parts import MIDDLE_IJK, moved

from RWTHSAMLib.record.steps import HandEdit

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture
def a_painter(a_module, a_scan):
    """The module with the Segment Editor's brush chosen."""
    a_module.use_tool("Paint")
    return a_module


def hand_edits(module) -> int:
    """How many strokes the record tells of."""
    return sum(each.count for each in module.session.provenance.steps if isinstance(each, HandEdit))


def step(module, name: str) -> None:
    """Undo or redo by the Segment Editor's own button."""
    getattr(module.editor, name)()
    module.settle()


def test_a_stroke_that_was_undone_is_no_hand_edit_and_one_that_was_redone_is(a_painter):
    a_painter.click("Red", MIDDLE_IJK)
    a_painter.click("Red", moved(MIDDLE_IJK, "k", 6))
    assert hand_edits(a_painter) == 2
    step(a_painter, "undo")
    assert hand_edits(a_painter) == 1
    step(a_painter, "undo")
    assert hand_edits(a_painter) == 0 and not a_painter.mask().any()
    step(a_painter, "redo")
    assert hand_edits(a_painter) == 1
    step(a_painter, "redo")
    assert hand_edits(a_painter) == 2


def test_a_stroke_after_an_undo_is_another_one(a_painter):
    a_painter.click("Red", MIDDLE_IJK)
    step(a_painter, "undo")
    a_painter.click("Red", moved(MIDDLE_IJK, "k", 6))
    assert hand_edits(a_painter) == 1


def test_a_stroke_that_sams_undo_takes_back_is_no_hand_edit(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    submitted = a_module.mask()
    a_module.use_tool("Paint")
    a_module.click("Red", moved(MIDDLE_IJK, "k", 8))
    assert hand_edits(a_module) == 1
    a_module.use_tool("SAM")
    a_module.push(a_module.options.undoButton)
    assert np.array_equal(a_module.mask(), submitted) and hand_edits(a_module) == 0
    assert len(a_module.session.provenance.steps) == 1


def test_the_note_of_a_stroke_below_a_submit_goes_with_both(a_module, a_scan):
    a_module.use_tool("Paint")
    a_module.click("Red", moved(MIDDLE_IJK, "k", 8))
    a_module.use_tool("SAM")
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    assert hand_edits(a_module) == 1 and len(a_module.session.provenance.steps) == 2
    step(a_module, "undo")
    assert hand_edits(a_module) == 1 and len(a_module.session.provenance.steps) == 1
    step(a_module, "undo")
    assert not a_module.session.provenance.steps


def test_the_record_tells_of_as_many_strokes_as_there_are_after_any_undo_and_redo(a_painter):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice, there, taken_back = random.Random(seed), [], []
    for _ in range(25):
        action = dice.choice(("stroke", "stroke", "undo", "redo"))
        if action == "stroke" and len(there) < 8:
            column = next(each for each in range(-12, 13, 3) if each not in there)
            a_painter.click("Red", moved(MIDDLE_IJK, "k", column, 0))
            there, taken_back = [*there, column], []
        elif action == "undo" and there:
            step(a_painter, "undo")
            taken_back.append(there.pop())
        elif action == "redo" and taken_back:
            step(a_painter, "redo")
            there.append(taken_back.pop())
        assert hand_edits(a_painter) == len(there), action
