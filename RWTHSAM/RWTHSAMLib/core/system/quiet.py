"""Libraries in C and C++ that write their own log lines to the process's error stream, kept from doing so."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

_STDERR = 2
_lock = Lock()
_state = {"depth": 0, "kept": -1}


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Let nothing that libraries print reach the error stream; what matters of it is said in our own words.

    Python's own output within the block is silenced as well, that of other threads too. May be nested.
    """
    with _lock:
        _state["depth"] += 1
        if _state["depth"] == 1:
            _silence()
    try:
        yield
    finally:
        with _lock:
            _state["depth"] -= 1
            if _state["depth"] == 0:
                _restore()


def _silence() -> None:
    # a program without a console has no error stream
    with suppress(OSError):
        if sys.stderr is not None:
            sys.stderr.flush()
        kept = os.dup(_STDERR)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDERR)
        os.close(nowhere)
        _state["kept"] = kept


def _restore() -> None:
    kept, _state["kept"] = _state["kept"], -1
    if kept < 0:
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    os.dup2(kept, _STDERR)
    os.close(kept)
