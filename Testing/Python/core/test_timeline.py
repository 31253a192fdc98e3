"""Undo and redo walk along the same edits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from RWTHSAMLib.core.undo import Timeline


@dataclass
class Append:
    """Edit that adds a letter to a list."""

    letters: list[str]
    letter: str
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = f"Add {self.letter}"
        self.redo()

    def undo(self) -> None:
        assert self.letters.pop() == self.letter

    def redo(self) -> None:
        self.letters.append(self.letter)


@pytest.fixture
def letters() -> list[str]:
    return []


@pytest.fixture
def a_timeline(letters) -> Timeline:
    timeline = Timeline()
    for letter in "abc":
        timeline.push(Append(letters, letter))
    return timeline


def test_undo_and_redo_go_back_and_forth(a_timeline, letters):
    a_timeline.undo()
    a_timeline.undo()
    assert letters == ["a"]
    a_timeline.redo()
    assert letters == ["a", "b"]


def test_the_texts_name_what_would_happen(a_timeline):
    assert (a_timeline.undo_text, a_timeline.redo_text) == ("Add c", None)
    a_timeline.undo()
    assert (a_timeline.undo_text, a_timeline.redo_text) == ("Add b", "Add c")


def test_a_new_edit_ends_what_could_be_redone(a_timeline, letters):
    a_timeline.undo()
    a_timeline.push(Append(letters, "x"))
    a_timeline.redo()
    assert letters == ["a", "b", "x"] and a_timeline.redo_text is None


def test_beyond_the_ends_nothing_happens(a_timeline, letters):
    for _ in range(5):
        a_timeline.undo()
    assert letters == [] and a_timeline.undo_text is None
    for _ in range(5):
        a_timeline.redo()
    assert letters == ["a", "b", "c"]


def test_the_oldest_edits_are_forgotten_first(letters):
    timeline = Timeline(limit=2)
    for letter in "abcd":
        timeline.push(Append(letters, letter))
    for _ in range(4):
        timeline.undo()
    assert letters == ["a", "b"]


def test_clearing_forgets_both_directions(a_timeline, letters):
    a_timeline.undo()
    a_timeline.clear()
    a_timeline.undo()
    a_timeline.redo()
    assert letters == ["a", "b"] and a_timeline.undo_text is None and a_timeline.redo_text is None


class Failing:
    """Edit that cannot be taken back."""

    text = "Fail"

    def undo(self) -> None:
        raise RuntimeError("no")

    def redo(self) -> None:
        raise RuntimeError("no")


def test_an_edit_that_cannot_be_taken_back_stays_in_the_timeline(a_timeline):
    a_timeline.push(Failing())
    with pytest.raises(RuntimeError):
        a_timeline.undo()
    assert a_timeline.undo_text == "Fail" and a_timeline.redo_text is None


def test_any_walk_ends_where_its_undone_edits_say(letters):
    rng = np.random.default_rng(51)
    timeline, expected, undone = Timeline(), [], []
    for step in range(400):
        action = rng.choice(["push", "undo", "redo"])
        if action == "push":
            timeline.push(Append(letters, str(step)))
            expected, undone = [*expected, str(step)], []
        elif action == "undo" and expected:
            timeline.undo()
            undone.append(expected.pop())
        elif action == "redo" and undone:
            timeline.redo()
            expected.append(undone.pop())
        assert letters == expected, f"step {step}, seed 51"
