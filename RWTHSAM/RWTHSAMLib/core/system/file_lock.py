"""One process at a time: a lock that the operating system takes back when its holder ends."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

# a choice: nobody notices it, and it costs nothing
_RETRY_S = 0.05
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
"""Answers of file systems without locks: better an unguarded file there than none."""


@contextmanager
def locked(path: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock file `path`, which is removed at the end.

    Raises
    ------
    BlockingIOError
        If another process still holds it after `patience_s` seconds.
    OSError
        If the file cannot be made.
    """
    end_s = time.monotonic() + patience_s
    while (file := try_lock(path)) is None:
        if time.monotonic() > end_s:
            raise BlockingIOError(f"'{path}' is held by another process")
        time.sleep(_RETRY_S)
    with file:  # closing gives the lock back
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no open file: it stays, and does no harm
                path.unlink()


def try_lock(path: Path, *, sure: bool = False) -> IO[bytes] | None:
    """The lock file, made where it is missing, open and held until it is closed; None while somebody else holds it.

    Parameters
    ----------
    sure : bool
        Whether it counts as held by somebody else where the file system has no locks, and not as free.

    Raises
    ------
    OSError
        If the file cannot be made.
    """
    file = path.open("a+b")
    try:
        # who has waited may hold a file that was removed meanwhile, beside somebody who has made a new one
        if _take(file, sure) and path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
            return file
    except BaseException:
        file.close()
        raise
    file.close()
    return None


def _take(file: IO[bytes], sure: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return not sure
    return True
