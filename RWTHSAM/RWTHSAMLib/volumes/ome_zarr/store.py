"""Stores on disk: a folder, or a ZIP archive of one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

from ...errors import DependencyMissing, VolumeError
from . import packages

_GROUP_FILES = ("zarr.json", ".zgroup", ".zattrs")
_UNFINISHED = "the store is damaged, or still being written"


@contextmanager
def told_of(path: Path, what: str = "") -> Iterator[None]:
    """Say of which store, and which part of it, it is that zarr gives up."""
    try:
        yield
    except (VolumeError, DependencyMissing, MemoryError, PermissionError):
        raise
    except Exception as error:  # each codec and each store fails in its own way: Runtime, Value, Key, OS, JSON, ...
        part = f": {what}" if what else ""
        own_words = " ".join(str(error).split())
        raise VolumeError(
            f"'{path}'{part} could not be read as OME-Zarr, {_UNFINISHED}: {own_words or type(error).__name__}"
        ) from error


@contextmanager
def nothing_left_at_work() -> Iterator[None]:
    """Wait, after an error, for the chunks that zarr has begun: it would go on writing while the folder is removed."""
    try:
        yield
    except BaseException:
        import_module("zarr.core.sync").sync(_others_at_work())
        raise


async def _others_at_work() -> None:
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


def opened_group(path: Path) -> Any:
    """The group of an image, for reading (``zarr.Group``).

    Raises
    ------
    VolumeError
        If there is none.
    DependencyMissing
        If zarr is not installed.
    """
    module = packages.zarr()
    if path.is_dir():
        if not any((path / name).is_file() for name in _GROUP_FILES):
            raise VolumeError(
                f"'{path}' is no OME-Zarr: it holds no zarr.json or .zgroup. It may be still being written."
            )
        with told_of(path):
            return module.open_group(str(path), mode="r")
    with told_of(path):
        inside = _folder_in_archive(path)
        return module.open_group(module.storage.ZipStore(path, mode="r"), path=inside, mode="r")


def level_folder(path: Path) -> bool:
    """Whether a folder is that of one level, an array, and not that of an image."""
    if (path / ".zarray").is_file():
        return True
    with told_of(path):
        module = packages.zarr()
        return (path / "zarr.json").is_file() and not isinstance(module.open(str(path), mode="r"), module.Group)


def _folder_in_archive(path: Path) -> str:
    """Where the image is in an archive: at its top, or in its only folder."""
    try:
        with ZipFile(path) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()]
    except BadZipFile as error:
        raise VolumeError(f"'{path}' is no ZIP archive, or cut short: {error}.") from error
    if any(str(name) in _GROUP_FILES for name in names):
        return ""
    tops = {name.parts[0] for name in names if name.parts}
    if len(tops) == 1 and any(name.name in _GROUP_FILES and len(name.parts) == 2 for name in names):
        return tops.pop()
    raise VolumeError(f"'{path}' is an archive without an OME-Zarr image at its top.")
