"""Places that one process at a time writes into, for as long as it is at work there.

The lock file lies beside the place, because the place itself may be replaced. The operating system takes a lock back
when its process ends, however that ends: what a killed process leaves keeps nobody out.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

from ...errors import InputError
from .file_lock import try_lock

_guard = threading.Lock()
_held: dict[Path, tuple[IO[bytes] | None, int]] = {}
"""Lock files that this process holds, and how many parts of it are at work there."""


class HeldPlace:
    """That no other process writes into a place; parts of one process share it.

    Parameters
    ----------
    place : Path
        Of a file or folder that is there or will be.

    Raises
    ------
    InputError
        If another process is at work there.
    """

    def __init__(self, place: Path) -> None:
        self._place: Path | None = place.absolute()
        self._path = lock_path(self._place)
        with _guard:
            file, users = _held.get(self._path, (None, 0))
            if not users:
                file = _taken(self._path, place)
            _held[self._path] = file, users + 1

    def close(self) -> None:
        """Let others go there; once is enough."""
        if self._place is None:
            return
        self._place = None
        with _guard:
            file, users = _held.pop(self._path)
            if users > 1:
                _held[self._path] = file, users - 1
            elif file is not None:
                with file, suppress(OSError):  # Windows removes no open file: it stays, and does no harm
                    self._path.unlink()

    def __enter__(self) -> HeldPlace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def lock_path(place: Path) -> Path:
    """The lock file of a place."""
    # not the name itself, which may be as long as names can be
    place = place.resolve()
    return place.with_name(f".{hashlib.sha256(place.name.encode()).hexdigest()[:12]}.lock")


def _taken(path: Path, place: Path) -> IO[bytes] | None:
    """The lock file, held; None where none can be made, so that nobody can write there either."""
    try:
        file = try_lock(path)
    except OSError:
        return None
    if file is None:
        raise InputError(
            f"'{place}' is open on another page, or another process is writing it: close it there first, or "
            "give another name."
        )
    return file
