"""Files that are either old or new, never half of each: the one way in which anything is written.

A file is written beside its place, in a folder of its own, so that it never has the name of somebody's file; it is
flushed to the disk, looked at, and only then put into its place, which is one step on every file system. What a killed
process leaves beside it is removed when the same place is written to again.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...errors import InputError
from .file_name import check_name
from .folder_place import flushed_files, put_folder
from .unfinished import unfinished_folder

Check = Callable[[Path], None]
"""Raises `InputError` for a file that is not whole."""

_WRITE_BITS = 0o222
_SENTENCES = {
    "ENOSPC": "the disk is full",
    "EDQUOT": "the disk quota is used up",
    "EFBIG": "it would be larger than a file may be there",
    "EROFS": "the disk is write-protected",
    "EACCES": "that is not permitted there",
    "EPERM": "that is not permitted there",
    "ENAMETOOLONG": "the name is too long",
    "ENOTDIR": "a part of its path is a file, not a folder",
    "EISDIR": "there is a folder of that name",
    "ELOOP": "a symbolic link leads back to itself",
}
# not every system knows every one
_REASONS = {getattr(errno, name): text for name, text in _SENTENCES.items() if hasattr(errno, name)}


@contextmanager
def replacing(path: Path, check: Check | None = None) -> Iterator[Path]:
    """Give a name to write to, and put that file in the place of `path` when the block ends without an error.

    Missing folders are made. An older file's permissions are kept.

    Parameters
    ----------
    path : Path
        File to make or to replace; where it is a symbolic link, the file it points to.
    check : callable, optional
        Looks at the finished file before it takes the place: for writers that do not report a full disk.

    Raises
    ------
    InputError
        If the file cannot be written, or nothing was; then `path` is as it was before.
    """
    path = Path(path)
    with _beside(path) as (target, folder):
        unfinished = folder / target.name
        yield unfinished
        _finish(unfinished, path, check)
        _take_place(unfinished, target)


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write files to, and put all of them into `folder` when the block ends without an error.

    For files that belong together or name each other. Each takes the place of an older one of its name in one step;
    folders do so in two, the old one put aside.

    Raises
    ------
    InputError
        If they cannot be written; none is put into `folder` then, unless moving itself fails.
    """
    folder = Path(folder)
    with _beside(folder / "files", folder) as (target, unfinished):
        yield unfinished
        files = sorted(unfinished.iterdir())
        for each in files:
            if each.is_dir():
                flushed_files(each)
                continue
            check_can_be_written(target.parent / each.name)
            _finish(each, folder / each.name, None)
        for each in files:
            place = (target.parent / each.name).resolve()
            if each.is_dir():
                put_folder(each, place, unfinished / f"{each.name}-old")
                continue
            if place.parent == target.parent:
                _take_place(each, place)
            else:  # a link to another folder, perhaps on another disk
                with replacing(place) as copy:
                    shutil.copyfile(each, copy)


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8, line ends as they are; what UTF-8 cannot say becomes a question mark.

    Raises
    ------
    InputError
        If the file cannot be written; then `path` is as it was before.
    """
    write_bytes(path, text.encode("utf-8", "replace"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file.

    Raises
    ------
    InputError
        If the file cannot be written; then `path` is as it was before.
    """
    with replacing(path) as unfinished:
        unfinished.write_bytes(content)


def check_can_be_written(path: Path) -> None:
    """Raise `InputError`, which says why, unless a file can be made or replaced; for long work, before it begins.

    A folder is made in its folder and removed again, because permissions alone do not tell.
    """
    path = Path(path)
    try:
        target = path.resolve()
        _check_place(target, path)
        existing = next(place for place in target.parents if place.exists())
        if not existing.is_dir():
            raise InputError(f"'{path}' cannot be written: '{existing}' is a file, not a folder.")
        if not existing.stat().st_mode & _WRITE_BITS:
            raise InputError(f"'{path}' cannot be written: the folder '{existing}' is write-protected.")
        with unfinished_folder(existing / target.name):
            pass
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"'{path}' cannot be written: {reason_of(error)}.") from error


@contextmanager
def _beside(path: Path, named: Path | None = None) -> Iterator[tuple[Path, Path]]:
    """The place that a path stands for, links followed, and an empty folder beside it, gone afterwards."""
    try:
        target = path.resolve()
        _check_place(target, path)
        with made_folders(target.parent), unfinished_folder(target) as folder:
            yield target, folder
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) or "Symlink loop" in str(error):
            raise InputError(f"'{named or path}' could not be written: {reason_of(error)}.") from error
        raise


def _check_place(target: Path, path: Path) -> None:
    check_name(target)
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if target.is_dir():
        raise InputError(f"'{path}' cannot be written: there is a folder of that name.")
    if not target.is_file():
        raise InputError(f"'{path}' cannot be written: it is a device, not a file.")
    if not mode & _WRITE_BITS:
        raise InputError(f"'{path}' cannot be written: the file that is there is write-protected.")


@contextmanager
def made_folders(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; new ones are gone again where the block ends with an error."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for each in missing:
            with suppress(OSError):
                each.rmdir()
        raise


def _finish(unfinished: Path, path: Path, check: Check | None) -> None:
    if not unfinished.is_file() or not unfinished.stat().st_size:
        raise InputError(f"'{path}' could not be written: nothing came. Check that the disk has free space.")
    # without it a power cut after the replacement may leave an empty file under the final name
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    if check is not None:
        check(unfinished)


def _take_place(unfinished: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        unfinished.chmod(target.stat().st_mode & 0o7777)
    unfinished.replace(target)


def reason_of(error: Exception) -> str:
    """Why something could not be written or read, for the end of a sentence."""
    number = error.errno if isinstance(error, OSError) else None
    own_words = str(error.strerror or error) if isinstance(error, OSError) else str(error)
    return f"{_REASONS[number]} ({own_words})" if number in _REASONS else own_words
