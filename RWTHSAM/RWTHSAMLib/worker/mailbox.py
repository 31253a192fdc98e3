"""What waits for the worker's hands, and whether they should drop what they hold."""

from __future__ import annotations

import threading

from ..core.system.message import Message
from .client import AutomaticRequest, EmbedRequest, Request, SegmentRequest, StepRequest, urgency

_GIVE_WAY_TO_A_PERSON = (StepRequest, EmbedRequest)


class Mailbox:
    """Orders in the sequence in which they should be served.

    A load comes first, then the newest segment, the oldest step, the newest embed, the oldest automatic request.

    One thread puts, one takes. A job is one request, or several embeds that are computed together. The job in hand is
    interrupted when all of it is withdrawn, and by a new load; embeds or a step also by a segment request, unless it
    is for the very picture in hand, because a person waits for that one. What is interrupted so goes back. While an
    automatic request is in hand, others can be taken in between.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._load: Message | None = None
        self._waiting: dict[int, Request] = {}
        # jobs: the last one is worked on; those before it go on afterwards
        self._in_hand: list[list[Request]] = []
        self._withdrawn: set[int] = set()
        self._interrupt = False
        self._closed = False

    def put_load(self, order: Message) -> None:
        """An order to load a network; it replaces an older one."""
        with self._condition:
            self._load = order
            self._reconsider()

    def put(self, request: Request) -> None:
        """A request."""
        request.image.digest  # noqa: B018 (computed here, beside the computation, and not in its way)
        with self._condition:
            self._waiting[request.request_id] = request
            self._reconsider()

    def withdraw(self, request_id: int) -> None:
        """A request that nobody wants any more."""
        with self._condition:
            self._waiting.pop(request_id, None)
            if any(each.request_id == request_id for job in self._in_hand for each in job):
                self._withdrawn.add(request_id)
            self._reconsider()

    def close(self) -> None:
        """The host is gone."""
        with self._condition:
            self._closed = True
            self._reconsider()

    def take(self) -> Message | Request | None:
        """The next order, waiting for one; None once the host is gone. What was in hand is done."""
        with self._condition:
            self._in_hand.clear()
            self._withdrawn.clear()
            self._condition.wait_for(lambda: self._closed or self._load is not None or self._waiting)
            order: Message | Request | None = None
            if self._load is not None and not self._closed:
                order, self._load = self._load, None
            elif not self._closed:
                order = self._take_most_urgent()
            self._reconsider()
            return order

    def take_in_between(self) -> Request | None:
        """A request in a greater hurry than the automatic one in hand; None if there is none, or nothing may go on."""
        with self._condition:
            hurried = any(not isinstance(each, AutomaticRequest) for each in self._waiting.values())
            request = self._take_most_urgent() if hurried and not self._interrupt else None
            self._reconsider()
            return request

    def take_along(self, most: int) -> list[Request]:
        """Embeds to be computed together with the one in hand, the newest first; none with anything else in hand.

        What is to be made ready for clicks stays alone, so that it is there as soon as it can be.
        """
        with self._condition:
            job = self._in_hand[-1]
            if not _may_be_one_of_many(job[0]):
                return []
            numbers = [number for number, each in self._waiting.items() if _may_be_one_of_many(each)]
            numbers.sort(key=self._urgency, reverse=True)
            along = [self._waiting.pop(number) for number in numbers[:most]]
            job += along
            self._reconsider()
            return along

    def end_in_between(self) -> None:
        """What was taken in between is done."""
        with self._condition:
            self._withdrawn -= {each.request_id for each in self._in_hand.pop()}
            self._reconsider()

    def put_back(self) -> None:
        """Keep the interrupted job in hand for later, except for what was withdrawn."""
        with self._condition:
            for request in self._in_hand[-1]:
                if request.request_id not in self._withdrawn:
                    self._waiting[request.request_id] = request

    def interrupted(self) -> bool:
        """Whether the job in hand should stop."""
        return self._interrupt

    def _take_most_urgent(self) -> Request:
        request = self._waiting.pop(max(self._waiting, key=self._urgency))
        self._in_hand.append([request])
        return request

    def _reconsider(self) -> None:
        """After any change: whether what is in hand should stop, and that there may be something to take."""
        now = self._in_hand[-1][0] if self._in_hand else None
        self._interrupt = (
            self._closed
            or self._load is not None
            or any(all(each.request_id in self._withdrawn for each in job) for job in self._in_hand)
            or (isinstance(now, _GIVE_WAY_TO_A_PERSON) and any(map(self._cannot_wait_for, self._waiting.values())))
        )
        self._condition.notify()

    def _cannot_wait_for(self, waiting: Request) -> bool:
        pictures = [each.image.digest for each in self._in_hand[-1]]
        return isinstance(waiting, SegmentRequest) and pictures != [waiting.image.digest]

    def _urgency(self, request_id: int) -> tuple[int, int]:
        return urgency(self._waiting[request_id])


def _may_be_one_of_many(request: Request) -> bool:
    return isinstance(request, EmbedRequest) and not request.for_clicks
