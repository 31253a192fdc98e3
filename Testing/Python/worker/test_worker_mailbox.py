"""The worker serves what a person waits for first, and drops what nobody wants."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.core.propagation_step import Seed
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.system.message import Message
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.worker.client import AutomaticRequest, EmbedRequest, Request, SegmentRequest, StepRequest
from RWTHSAMLib.worker.mailbox import Mailbox


def an_image(grey: int) -> SliceImage:
    return SliceImage(np.full((2, 2), grey, np.uint8))


def embed(number: int, grey: int = 0, for_clicks: bool = False) -> EmbedRequest:
    return EmbedRequest(number, an_image(grey), for_clicks)


def segment(number: int, grey: int = 0) -> SegmentRequest:
    return SegmentRequest(number, an_image(grey), Prompts())


def automatic(number: int, grey: int = 0) -> AutomaticRequest:
    return AutomaticRequest(number, an_image(grey), AutomaticSettings())


def step(number: int, grey: int = 0) -> StepRequest:
    mask = Mask.from_array(np.ones((2, 2)))
    return StepRequest(number, an_image(grey), np.zeros((2, 2)), mask, Seed(Range(), None), 3)


@pytest.fixture
def a_mailbox() -> Mailbox:
    return Mailbox()


def test_segments_come_before_embeds_and_the_newest_first(a_mailbox: Mailbox) -> None:
    for request in (embed(1), segment(2), embed(3), segment(4)):
        a_mailbox.put(request)
    taken = [a_mailbox.take() for _ in range(4)]
    assert [request.request_id for request in taken] == [4, 2, 3, 1]  # type: ignore[union-attr]


def test_steps_come_between_segments_and_embeds_and_the_oldest_first(a_mailbox: Mailbox) -> None:
    for request in (embed(1), step(2), step(3), segment(4), automatic(5)):
        a_mailbox.put(request)
    assert [a_mailbox.take().request_id for _ in range(5)] == [4, 2, 3, 1, 5]  # type: ignore[union-attr]


def test_a_load_comes_before_everything(a_mailbox: Mailbox) -> None:
    a_mailbox.put(segment(1))
    a_mailbox.put_load(Message("load"))
    assert isinstance(a_mailbox.take(), Message)


def test_only_the_newest_load_counts(a_mailbox: Mailbox) -> None:
    first, second = Message("load"), Message("load")
    a_mailbox.put_load(first)
    a_mailbox.put_load(second)
    a_mailbox.put(segment(1))
    assert a_mailbox.take() is second
    assert isinstance(a_mailbox.take(), SegmentRequest)


def test_a_withdrawn_request_is_not_served(a_mailbox: Mailbox) -> None:
    a_mailbox.put(segment(1))
    a_mailbox.put(segment(2))
    a_mailbox.withdraw(2)
    assert a_mailbox.take().request_id == 1  # type: ignore[union-attr]


def test_withdrawing_the_request_in_hand_interrupts_it_for_good(a_mailbox: Mailbox) -> None:
    a_mailbox.put(segment(1))
    a_mailbox.take()
    assert not a_mailbox.interrupted()
    a_mailbox.withdraw(1)
    assert a_mailbox.interrupted()
    a_mailbox.put_back()
    a_mailbox.put(embed(2))
    assert a_mailbox.take().request_id == 2  # type: ignore[union-attr]
    assert not a_mailbox.interrupted()


def test_withdrawing_another_request_does_not_interrupt(a_mailbox: Mailbox) -> None:
    a_mailbox.put(segment(1))
    a_mailbox.take()
    a_mailbox.put(segment(2))
    a_mailbox.withdraw(2)
    assert not a_mailbox.interrupted()


@pytest.mark.parametrize("kind", [embed, step])
def test_a_click_on_another_slice_interrupts_an_embed_or_step_which_is_repeated(
    a_mailbox: Mailbox, kind: Callable[..., EmbedRequest | StepRequest]
) -> None:
    a_mailbox.put(kind(1, grey=10))
    a_mailbox.take()
    a_mailbox.put(segment(2, grey=20))
    assert a_mailbox.interrupted()
    a_mailbox.put_back()
    assert [a_mailbox.take().request_id for _ in range(2)] == [2, 1]  # type: ignore[union-attr]


def test_a_click_on_the_slice_being_embedded_lets_it_finish(a_mailbox: Mailbox) -> None:
    a_mailbox.put(embed(1, grey=10))
    a_mailbox.take()
    a_mailbox.put(segment(2, grey=10))
    assert not a_mailbox.interrupted()


def test_the_end_of_the_host_interrupts_and_empties(a_mailbox: Mailbox) -> None:
    a_mailbox.put(segment(1))
    a_mailbox.take()
    a_mailbox.put(segment(2))
    a_mailbox.close()
    assert a_mailbox.interrupted()
    assert a_mailbox.take() is None


def test_automatic_requests_come_last_and_the_oldest_first(a_mailbox: Mailbox) -> None:
    for request in (automatic(1), automatic(2), embed(3), segment(4)):
        a_mailbox.put(request)
    assert [a_mailbox.take().request_id for _ in range(4)] == [4, 3, 1, 2]  # type: ignore[union-attr]


def test_a_click_during_automatic_masks_is_taken_in_between_and_interrupts_nothing(a_mailbox: Mailbox) -> None:
    a_mailbox.put(automatic(1, grey=10))
    a_mailbox.take()
    assert a_mailbox.take_in_between() is None
    a_mailbox.put(automatic(2))
    a_mailbox.put(segment(3, grey=20))
    assert not a_mailbox.interrupted()
    assert a_mailbox.take_in_between().request_id == 3  # type: ignore[union-attr]
    a_mailbox.end_in_between()
    assert a_mailbox.take_in_between() is None and not a_mailbox.interrupted()
    assert a_mailbox.take().request_id == 2  # type: ignore[union-attr]


def test_automatic_masks_withdrawn_during_a_click_end_after_it(a_mailbox: Mailbox) -> None:
    a_mailbox.put(automatic(1))
    a_mailbox.take()
    a_mailbox.put(segment(2))
    a_mailbox.take_in_between()
    a_mailbox.withdraw(1)
    a_mailbox.end_in_between()
    assert a_mailbox.interrupted() and a_mailbox.take_in_between() is None
    a_mailbox.put_back()
    a_mailbox.put(embed(3))
    assert a_mailbox.take().request_id == 3  # type: ignore[union-attr]


def test_a_new_model_interrupts_automatic_masks_which_are_repeated(a_mailbox: Mailbox) -> None:
    a_mailbox.put(automatic(1))
    a_mailbox.take()
    a_mailbox.put_load(Message("load"))
    assert a_mailbox.interrupted()
    a_mailbox.put_back()
    assert isinstance(a_mailbox.take(), Message)
    assert a_mailbox.take().request_id == 1  # type: ignore[union-attr]


def numbers(requests: list[Request]) -> list[int]:
    return [each.request_id for each in requests]


@pytest.fixture
def three_in_hand(a_mailbox: Mailbox) -> Mailbox:
    """A mailbox from which embeds 3, 2 and 1, of different slices, were taken together."""
    for number in (1, 2, 3):
        a_mailbox.put(embed(number, grey=10 * number))
    a_mailbox.take()
    assert numbers(a_mailbox.take_along(3)) == [2, 1]
    return a_mailbox


def test_embeds_take_along_the_newest_of_those_that_wait_and_no_more_than_asked_for(a_mailbox: Mailbox) -> None:
    for request in (embed(1), embed(2), automatic(3), step(4), embed(5), embed(6)):
        a_mailbox.put(request)
    assert [a_mailbox.take().request_id for _ in range(2)] == [4, 6]  # type: ignore[union-attr]
    assert numbers(a_mailbox.take_along(2)) == [5, 2]
    assert [a_mailbox.take().request_id for _ in range(2)] == [1, 3]  # type: ignore[union-attr]


def test_an_engine_for_one_slice_at_a_time_takes_none_along(a_mailbox: Mailbox) -> None:
    a_mailbox.put(embed(1))
    a_mailbox.put(embed(2))
    a_mailbox.take()
    assert a_mailbox.take_along(0) == []


@pytest.mark.parametrize("kind", [segment, step])
def test_only_embeds_take_others_along(a_mailbox: Mailbox, kind: Callable[[int], SegmentRequest | StepRequest]) -> None:
    a_mailbox.put(embed(1))
    a_mailbox.put(kind(2))
    a_mailbox.take()
    assert a_mailbox.take_along(3) == []


def test_the_slice_that_is_made_ready_for_clicks_is_embedded_alone(a_mailbox: Mailbox) -> None:
    for request in (embed(1), embed(2, for_clicks=True), embed(3), embed(4)):
        a_mailbox.put(request)
    a_mailbox.take()
    assert numbers(a_mailbox.take_along(3)) == [3, 1]
    a_mailbox.put(embed(5))
    a_mailbox.take()
    a_mailbox.put(embed(6))
    assert a_mailbox.take().request_id == 6  # type: ignore[union-attr]
    assert a_mailbox.take().request_id == 2  # type: ignore[union-attr]
    a_mailbox.put(embed(7))
    assert a_mailbox.take_along(3) == []


@pytest.mark.parametrize("grey", [10, 20, 99])
def test_a_click_waits_for_no_embeds_in_hand_not_even_its_own_among_others(three_in_hand: Mailbox, grey: int) -> None:
    three_in_hand.put(segment(4, grey))
    assert three_in_hand.interrupted()
    three_in_hand.put_back()
    assert [three_in_hand.take().request_id for _ in range(4)] == [4, 3, 2, 1]  # type: ignore[union-attr]


def test_one_withdrawn_among_others_in_hand_does_not_interrupt_them(three_in_hand: Mailbox) -> None:
    three_in_hand.withdraw(3)
    three_in_hand.withdraw(1)
    assert not three_in_hand.interrupted()
    three_in_hand.put(segment(4))
    assert three_in_hand.interrupted()
    three_in_hand.put_back()
    three_in_hand.put(embed(0))
    assert [three_in_hand.take().request_id for _ in range(3)] == [4, 2, 0]  # type: ignore[union-attr]


def test_embeds_all_of_which_are_withdrawn_are_interrupted_for_good(three_in_hand: Mailbox) -> None:
    for number in (1, 2, 3):
        assert not three_in_hand.interrupted()
        three_in_hand.withdraw(number)
    assert three_in_hand.interrupted()
    three_in_hand.put_back()
    three_in_hand.put(embed(4))
    assert three_in_hand.take().request_id == 4  # type: ignore[union-attr]
    assert not three_in_hand.interrupted()
    assert three_in_hand.take_along(3) == []


def test_a_new_model_interrupts_all_embeds_in_hand_and_they_are_repeated(three_in_hand: Mailbox) -> None:
    three_in_hand.put_load(Message("load"))
    assert three_in_hand.interrupted()
    three_in_hand.put_back()
    assert isinstance(three_in_hand.take(), Message)
    assert three_in_hand.take().request_id == 3  # type: ignore[union-attr]
    assert numbers(three_in_hand.take_along(3)) == [2, 1]


def test_embeds_taken_in_between_end_together(a_mailbox: Mailbox) -> None:
    a_mailbox.put(automatic(1))
    a_mailbox.take()
    a_mailbox.put(embed(2))
    a_mailbox.put(embed(3))
    a_mailbox.take_in_between()
    a_mailbox.take_along(3)
    a_mailbox.withdraw(2)
    a_mailbox.end_in_between()
    assert not a_mailbox.interrupted() and a_mailbox.take_in_between() is None
    a_mailbox.withdraw(1)
    assert a_mailbox.interrupted()
