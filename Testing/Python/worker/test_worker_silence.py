"""A worker that stands still is doubted, and replaced where somebody waits for it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from worker_parts import CENTRE, is_alive, loaded, needs_signals, until, wait_for_end

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.worker.client import EngineSpec, Reply, SegmentRequest
from RWTHSAMLib.worker.process_client import WorkerClient


class Clock:
    """Time that passes only when somebody says so."""

    def __init__(self) -> None:
        self.time_s = 0.0

    def __call__(self) -> float:
        return self.time_s

    def passes(self, seconds: float) -> bool:
        """Let time pass; True, for the middle of a condition."""
        self.time_s += seconds
        return True


@pytest.fixture
def a_clock() -> Clock:
    return Clock()


@pytest.fixture
def a_timed_client(quick_spec: EngineSpec, a_clock: Clock) -> Iterator[WorkerClient]:
    """A loaded client of the small network, whose patience goes by the clock."""
    client = WorkerClient(now_s=a_clock)
    client.load(quick_spec)
    until(client, loaded(client))
    yield client
    client.close()


@pytest.fixture
def a_halted_client(a_timed_client: WorkerClient) -> Iterator[WorkerClient]:
    """The same, its process halted."""
    halted = a_timed_client.process_id
    assert halted is not None
    os.kill(halted, signal.SIGSTOP)
    yield a_timed_client
    if is_alive(halted):
        os.kill(halted, signal.SIGCONT)


@needs_signals
def test_a_worker_that_stands_still_is_told_and_another_takes_its_place(
    a_halted_client: WorkerClient, a_clock: Clock, quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    client, halted = a_halted_client, a_halted_client.process_id
    assert halted is not None
    client.send(SegmentRequest(36, an_image, CENTRE))
    until(client, lambda replies: a_clock.passes(1) and client.status.doubt)
    assert "has not answered" in client.status.doubt and client.status.phase == "ready"
    assert a_clock.time_s < 60
    client.load(quick_spec)
    (reply,) = until(client, bool)
    assert reply.request_id == 36 and reply.segmentation is not None
    assert client.process_id != halted and not client.status.doubt
    wait_for_end(halted)


@needs_signals
def test_a_worker_that_goes_on_is_doubted_no_more(
    a_halted_client: WorkerClient, a_clock: Clock, an_image: SliceImage
) -> None:
    client = a_halted_client
    assert client.process_id is not None
    client.send(SegmentRequest(37, an_image, CENTRE))
    until(client, lambda replies: a_clock.passes(1) and client.status.doubt)
    os.kill(client.process_id, signal.SIGCONT)
    (reply,) = until(client, bool)
    assert reply.segmentation is not None
    until(client, lambda replies: not client.status.doubt)


@needs_signals
def test_a_worker_that_nobody_waits_for_is_not_doubted(a_halted_client: WorkerClient, a_clock: Clock) -> None:
    for _ in range(100):
        a_clock.passes(10)
        a_halted_client.poll()
    assert not a_halted_client.status.doubt


@needs_signals
def test_no_click_after_another_makes_a_worker_that_stands_still_look_alive(
    a_halted_client: WorkerClient, a_clock: Clock, an_image: SliceImage
) -> None:
    numbers = iter(range(200, 1000))

    def clicked_again(_replies: list[Reply]) -> str:
        a_clock.passes(1)
        a_halted_client.send(SegmentRequest(next(numbers), an_image, CENTRE))
        return a_halted_client.status.doubt

    until(a_halted_client, clicked_again)
    assert a_clock.time_s < 60
