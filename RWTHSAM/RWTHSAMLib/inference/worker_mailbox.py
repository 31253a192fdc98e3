"""What waits for the worker's hands, and whether they should drop what they hold."""

from __future__ import annotations

import threading

from .client import EmbedRequest, Request, SegmentRequest
from .protocol import Message


class Mailbox:
    """Orders in the sequence in which they should be served: load, newest segment, newest embed.

    One thread puts, one takes. The job in hand is interrupted by its withdrawal and by a new load; an embed also by a
    segment request for another picture, because a person waits for that one. An interrupted embed goes back.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._load: Message | None = None
        self._waiting: dict[int, Request] = {}
        self._in_hand: Request | None = None
        self._withdrawn = False
        self._interrupt = False
        self._closed = False

    def put_load(self, order: Message) -> None:
        """An order to load a network; it replaces an older one."""
        with self._condition:
            self._load, self._interrupt = order, True
            self._condition.notify()

    def put(self, request: Request) -> None:
        """A request."""
        digest = request.image.digest  # here, beside the computation, and not in its way
        with self._condition:
            self._waiting[request.request_id] = request
            in_hand = self._in_hand
            if isinstance(request, SegmentRequest) and isinstance(in_hand, EmbedRequest):
                self._interrupt |= in_hand.image.digest != digest
            self._condition.notify()

    def withdraw(self, request_id: int) -> None:
        """A request that nobody wants any more."""
        with self._condition:
            self._waiting.pop(request_id, None)
            if self._in_hand is not None and self._in_hand.request_id == request_id:
                self._withdrawn = self._interrupt = True

    def close(self) -> None:
        """The host is gone."""
        with self._condition:
            self._closed = self._interrupt = True
            self._condition.notify()

    def take(self) -> Message | Request | None:
        """The next order, waiting for one; None once the host is gone."""
        with self._condition:
            self._in_hand, self._withdrawn, self._interrupt = None, False, self._closed
            self._condition.wait_for(lambda: self._closed or self._load is not None or self._waiting)
            if self._closed:
                return None
            self._interrupt = False
            if self._load is not None:
                load, self._load = self._load, None
                return load
            self._in_hand = self._waiting.pop(max(self._waiting, key=self._urgency))
            return self._in_hand

    def put_back(self) -> None:
        """Keep the interrupted request in hand for later, unless it was withdrawn."""
        with self._condition:
            if self._in_hand is not None and not self._withdrawn:
                self._waiting[self._in_hand.request_id] = self._in_hand

    def interrupted(self) -> bool:
        """Whether the job in hand should stop."""
        return self._interrupt

    def _urgency(self, request_id: int) -> tuple[bool, int]:
        return isinstance(self._waiting[request_id], SegmentRequest), request_id
