"""Undo and redo walk along the same edits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from RWTHSAMLib.core.undo_history import UndoHistory


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
def a_history(letters) -> UndoHistory:
    history = UndoHistory()
    for letter in "abc":
        history.push(Append(letters, letter))
    return history


def test_undo_and_redo_go_back_and_forth(a_history, letters):
    a_history.undo()
    a_history.undo()
    assert letters == ["a"]
    a_history.redo()
    assert letters == ["a", "b"]


def test_the_texts_name_what_would_happen(a_history):
    assert (a_history.undo_text, a_history.redo_text) == ("Add c", None)
    a_history.undo()
    assert (a_history.undo_text, a_history.redo_text) == ("Add b", "Add c")


def test_a_new_edit_ends_what_could_be_redone(a_history, letters):
    a_history.undo()
    a_history.push(Append(letters, "x"))
    a_history.redo()
    assert letters == ["a", "b", "x"] and a_history.redo_text is None


def test_beyond_the_ends_nothing_happens(a_history, letters):
    for _ in range(5):
        a_history.undo()
    assert letters == [] and a_history.undo_text is None
    for _ in range(5):
        a_history.redo()
    assert letters == ["a", "b", "c"]


def test_the_oldest_edits_are_forgotten_first(letters):
    history = UndoHistory(limit=2)
    for letter in "abcd":
        history.push(Append(letters, letter))
    for _ in range(4):
        history.undo()
    assert letters == ["a", "b"]


def test_clearing_forgets_both_directions(a_history, letters):
    a_history.undo()
    a_history.clear()
    a_history.undo()
    a_history.redo()
    assert letters == ["a", "b"] and a_history.undo_text is None and a_history.redo_text is None


class Failing:
    """Edit that cannot be taken back."""

    text = "Fail"

    def undo(self) -> None:
        raise RuntimeError("no")

    def redo(self) -> None:
        raise RuntimeError("no")


def test_an_edit_that_cannot_be_taken_back_stays_in_the_history(a_history):
    a_history.push(Failing())
    with pytest.raises(RuntimeError):
        a_history.undo()
    assert a_history.undo_text == "Fail" and a_history.redo_text is None


def test_any_sequence_ends_where_its_undone_edits_say(letters):
    rng = np.random.default_rng(51)
    history, expected, undone = UndoHistory(), [], []
    for step in range(400):
        action = rng.choice(["push", "undo", "redo"])
        if action == "push":
            history.push(Append(letters, str(step)))
            expected, undone = [*expected, str(step)], []
        elif action == "undo" and expected:
            history.undo()
            undone.append(expected.pop())
        elif action == "redo" and undone:
            history.redo()
            expected.append(undone.pop())
        assert letters == expected, f"step {step}, seed 51"
