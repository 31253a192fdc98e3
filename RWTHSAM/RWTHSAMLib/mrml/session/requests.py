"""Numbers of requests, one sequence for all: a client may outlive the volume whose requests it still answers."""

from __future__ import annotations

from itertools import count

_NUMBERS = count(1)


def next_request_id() -> int:
    """A number that no request of this process has had."""
    return next(_NUMBERS)
