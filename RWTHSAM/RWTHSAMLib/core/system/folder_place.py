"""Put a finished folder into its place."""

from __future__ import annotations

import os
from pathlib import Path


def flushed_files(folder: Path) -> int:
    """Flush all files of a folder to the disk, and return how many there are.

    Without it a power cut after the folder is put into its place may leave empty files in it.
    """
    files = [each for each in folder.rglob("*") if each.is_file()]
    for each in files:
        with each.open("rb+") as file:
            os.fsync(file.fileno())
    return len(files)


def put_folder(finished: Path, target: Path, aside: Path) -> None:
    """Give a folder its name: in one step where nothing is of that name.

    Parameters
    ----------
    finished : Path
    target : Path
        What is there is put aside first, and back if the folder cannot take its place.
    aside : Path
        A name on the same disk that nobody has.

    Raises
    ------
    OSError
        If it cannot be done; then `target` is as it was before.
    """
    if not os.path.lexists(target):
        finished.rename(target)
        return
    target.rename(aside)
    try:
        finished.rename(target)
    except OSError:
        aside.rename(target)
        raise
