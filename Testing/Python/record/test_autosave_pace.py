"""Unsaved work is written when hands rest, and at the latest after a while."""

from __future__ import annotations

import pytest

from RWTHSAMLib.record.autosave_pace import AutosavePace


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


@pytest.fixture
def pace(clock: list[float]) -> AutosavePace:
    return AutosavePace(lambda: clock[0])


def test_nothing_is_written_before_anything_has_changed(pace: AutosavePace) -> None:
    assert pace.wait_s is None


def test_it_is_time_when_hands_have_rested(pace: AutosavePace, clock: list[float]) -> None:
    pace.look("a click")
    clock[0] += 0.75
    assert pace.wait_s == 0.25
    pace.look("a second click")
    assert pace.wait_s == 1.0
    clock[0] += 1
    assert pace.wait_s == 0


def test_whoever_never_rests_is_kept_all_the_same(pace: AutosavePace, clock: list[float]) -> None:
    for number in range(31):
        pace.look(number)
        clock[0] += 0.5
    assert pace.wait_s == 0


def test_progress_that_changes_nothing_holds_nothing_up(pace: AutosavePace, clock: list[float]) -> None:
    for _ in range(4):
        pace.look("an object")
        clock[0] += 0.25
    assert pace.wait_s == 0


def test_what_changes_while_it_is_written_is_written_next(pace: AutosavePace) -> None:
    pace.look("a click")
    pace.begin()
    assert pace.wait_s is None
    pace.look("a click")
    assert pace.wait_s is None
    pace.look("a second click")
    assert pace.wait_s == 1.0


def test_what_failed_is_tried_again_without_another_change(pace: AutosavePace, clock: list[float]) -> None:
    pace.look("a click")
    pace.begin()
    pace.try_again()
    assert pace.wait_s == 15.0
    clock[0] += 5
    pace.look("a second click")
    assert pace.wait_s == 1.0
