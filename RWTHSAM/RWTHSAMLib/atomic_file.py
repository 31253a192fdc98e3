"""Files that are either old or new, never half of each."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a name to write to, and put that file in the place of `path` when the block ends without an error.

    The temporary file lies in the same folder, because only there is replacing one step for every file system, and
    keeps the file name's ending, because some writers choose the format by it. Missing folders are made.

    Parameters
    ----------
    path : Path
        File to make or to replace; where it is a symbolic link, the file it points to.

    Raises
    ------
    InputError
        If the file cannot be written; then `path` is as it was before.
    """
    target = Path(path).resolve()
    unfinished = target.with_name(f".{secrets.token_hex(4)}.part.{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        _flush_to_disk(unfinished)
        unfinished.replace(target)
    except OSError as error:
        raise InputError(f"'{path}' could not be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write files to, and put all of them into `folder` when the block ends without an error.

    For files that belong together or name each other. Each takes the place of an older one of its name in one step.

    Raises
    ------
    InputError
        If they cannot be written; none is put into `folder` then, unless moving itself fails.
    """
    target = Path(folder).resolve()
    unfinished = target / f".{secrets.token_hex(4)}.part"
    try:
        target.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
        yield unfinished
        files = sorted(unfinished.iterdir())
        for each in files:
            _flush_to_disk(each)
        for each in files:
            each.replace(target / each.name)
    except OSError as error:
        raise InputError(f"'{folder}' could not be written to: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8, line ends as they are; what UTF-8 cannot say becomes a question mark.

    Raises
    ------
    InputError
        If the file cannot be written; then `path` is as it was before.
    """
    with replacing(path) as unfinished:
        unfinished.write_bytes(text.encode("utf-8", "replace"))


def _flush_to_disk(path: Path) -> None:
    # without it a power cut after the replacement may leave an empty file under the final name
    with path.open("rb+") as file:
        os.fsync(file.fileno())
