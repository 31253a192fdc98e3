"""Hidden folders for files that are not finished yet, beside the place that they are for.

Each holds a lock file, which the operating system takes back when its process ends, however that ends. So what a killed
process has left is told from what a living one is at, on this computer or another one, and the next run for the same
place removes it.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .file_lock import try_lock

_LOCK, _FILES = "lock", "files"


@contextmanager
def unfinished_folder(place: Path) -> Iterator[Path]:
    """An empty folder on the file system of a place, gone afterwards; what killed processes left for it goes too.

    Parameters
    ----------
    place : Path
        Of the file to be; its folder is there.

    Raises
    ------
    OSError
        If no folder can be made there.
    """
    _sweep(place)
    folder, lock = _held_folder(place)
    try:
        with lock:  # closed first: Windows removes no open file
            yield folder / _FILES
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Remove the folders for this place whose processes are no more."""
    for folder in place.parent.glob(f"{_prefix(place)}*.part"):
        with suppress(OSError):  # somebody else may be at it
            lock = try_lock(folder / _LOCK, sure=True)
            if lock is not None:
                with lock:
                    shutil.rmtree(folder / _FILES, ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)


def _held_folder(place: Path) -> tuple[Path, IO[bytes]]:
    """A new folder and its lock."""
    while True:
        folder = place.parent / f"{_prefix(place)}{secrets.token_hex(6)}.part"
        folder.mkdir()
        try:
            with suppress(FileNotFoundError):  # swept before it was held
                if (lock := try_lock(folder / _LOCK)) is not None:
                    (folder / _FILES).mkdir()
                    return folder, lock
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def _prefix(place: Path) -> str:
    # not the name itself, which may be as long as names can be
    return f".{hashlib.sha256(place.name.encode()).hexdigest()[:12]}-"
