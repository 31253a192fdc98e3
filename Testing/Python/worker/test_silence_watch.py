"""What is heard of a worker tells one that never answers from a slow one."""

from __future__ import annotations

import pytest

from RWTHSAMLib.worker.silence_watch import Patience, SilenceWatch

PATIENCE = Patience(answer_s=20, news_s=300)


class Clock:
    """Time that passes only when somebody says so."""

    def __init__(self) -> None:
        self.time_s = 1000.0

    def __call__(self) -> float:
        return self.time_s


@pytest.fixture
def a_clock() -> Clock:
    return Clock()


@pytest.fixture
def a_watch(a_clock: Clock) -> SilenceWatch:
    return SilenceWatch(PATIENCE, a_clock)


def look_for(watch: SilenceWatch, clock: Clock, duration_s: int, answers: bool) -> int:
    """Look every second; how often the worker was asked, which answers at once or never."""
    asked = 0
    for _ in range(duration_s):
        clock.time_s += 1
        if watch.look(is_awaited=True):
            asked += 1
            if answers:
                watch.heard(is_news=False)
    return asked


def test_a_worker_is_asked_once_and_doubted_when_it_does_not_answer(a_watch, a_clock) -> None:
    assert look_for(a_watch, a_clock, 24, answers=False) == 1 and not a_watch.doubt
    assert look_for(a_watch, a_clock, 5, answers=False) == 0 and "has not answered" in a_watch.doubt
    a_watch.heard(is_news=False)
    a_watch.look(is_awaited=True)
    assert not a_watch.doubt


def test_a_worker_that_answers_may_compute_for_minutes_and_is_doubted_after_that(a_watch, a_clock) -> None:
    look_for(a_watch, a_clock, 299, answers=True)
    assert not a_watch.doubt
    look_for(a_watch, a_clock, 5, answers=True)
    assert "over 5 minutes without a result" in a_watch.doubt


def test_news_begin_the_minutes_anew(a_watch, a_clock) -> None:
    for _ in range(10):
        look_for(a_watch, a_clock, 200, answers=True)
        a_watch.heard(is_news=True)
    assert not a_watch.doubt


def test_the_time_in_which_nobody_waits_does_not_count(a_watch, a_clock) -> None:
    a_clock.time_s += 10_000
    assert not a_watch.look(is_awaited=False)
    assert not a_watch.look(is_awaited=True) and not a_watch.doubt


def test_a_host_that_was_held_up_itself_does_not_doubt_before_it_has_asked(a_watch, a_clock) -> None:
    look_for(a_watch, a_clock, 1, answers=True)
    a_clock.time_s += 100
    assert a_watch.look(is_awaited=True) and not a_watch.doubt


def test_another_worker_is_not_doubted_for_the_one_before(a_watch, a_clock) -> None:
    look_for(a_watch, a_clock, 30, answers=False)
    a_watch.begin()
    assert not a_watch.doubt and not a_watch.look(is_awaited=True)
