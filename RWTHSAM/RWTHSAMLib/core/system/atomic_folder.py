"""Folders that are there whole or not at all, as `atomic_file` does it for files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import InputError
from .atomic_file import made_folders, reason_of
from .file_name import check_name
from .folder_place import flushed_files, put_folder
from .place_lock import HeldPlace
from .unfinished import unfinished_folder


@contextmanager
def replacing_folder(path: Path, replace: bool = False) -> Iterator[Path]:
    """Give an empty folder to fill, and put it in the place of `path` when the block ends without an error.

    Missing folders above it are made.

    Parameters
    ----------
    path : Path
        Folder to make; where it is a symbolic link, the folder it points to.
    replace : bool
        Whether a folder or file that is there is replaced.

    Raises
    ------
    InputError
        If it cannot be written, nothing was, another process is at work there, or there is something already; then
        `path` is as it was before.
    """
    path = Path(path)
    check_name(path)
    try:
        target = path.resolve()
        check_free(path, replace)
        with made_folders(target.parent), HeldPlace(target), unfinished_folder(target) as folder:
            unfinished = folder / "new"
            unfinished.mkdir()
            yield unfinished
            if not flushed_files(unfinished):
                raise InputError(f"'{path}' could not be written: nothing came. Check that the disk has free space.")
            put_folder(unfinished, target, folder / "old")
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) or "Symlink loop" in str(error):
            raise InputError(f"'{path}' could not be written: {reason_of(error)}.") from error
        raise


def check_free(path: Path, replace: bool) -> None:
    """Raise `InputError` where something is there that is not to be replaced.

    Parameters
    ----------
    path : Path
    replace : bool
        Whether somebody asked for it.
    """
    if os.path.lexists(path) and not replace:
        raise InputError(f"'{path}' is there already and is not replaced unasked: give another name, or --replace.")
