"""What is left of a run is told smoothly: it falls, and only what was far too low is corrected upwards."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.mrml.session.pace import Pace, remaining_text


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_never_rises_although_single_steps_take_very_different_times(clock: Clock, seed: int) -> None:
    random, pace = np.random.default_rng(seed), Pace(clock)
    pace.begin(0.0)
    said = []
    for step in range(1, 201):
        clock.now_s += random.uniform(0.02, 0.6)
        said.append(pace.remaining_s(step / 200))
        clock.now_s += 0.03  # it is asked at every tick, too
        said.append(pace.remaining_s(step / 200))
    falls = np.diff(said[20:])  # the first few steps cannot know the pace
    assert falls.max() <= 0, f"seed {seed}"
    assert said[-1] == pytest.approx(0, abs=1.5)


def test_a_run_that_becomes_much_slower_is_corrected(clock: Clock) -> None:
    pace = Pace(clock)
    pace.begin(0.0)
    clock.now_s += 10
    assert pace.remaining_s(0.5) == pytest.approx(10)
    clock.now_s += 60
    assert pace.remaining_s(0.55) == pytest.approx(70 / 0.55 * 0.45)


def test_an_even_run_is_told_as_it_is(clock: Clock) -> None:
    pace = Pace(clock)
    pace.begin(0.2)
    for step in range(1, 9):
        clock.now_s += 2
        assert pace.remaining_s(0.2 + step / 10) == pytest.approx(2 * (8 - step), abs=1e-6)


@pytest.mark.parametrize(
    ("left_s", "said"),
    [
        (None, ""),
        (0.0, ", about 1 s left"),
        (7.2, ", about 8 s left"),
        (11.0, ", about 15 s left"),
        (62.0, ", about 70 s left"),
        (200.0, ", about 3 min left"),
    ],
)
def test_what_is_left_is_said_no_finer_than_it_is_known(left_s: float | None, said: str) -> None:
    assert remaining_text(left_s) == said
