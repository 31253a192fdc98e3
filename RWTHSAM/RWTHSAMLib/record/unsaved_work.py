"""Work that nobody has saved yet: a project for each running program, which outlives a crash and is offered again."""

from __future__ import annotations

import re
import secrets
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..core.system.file_lock import try_lock
from ..errors import ProjectError
from .project import FILE_NAME, Project, read_project
from .project_folder import ProjectContent, ProjectFolder

MOST_KEPT = 10
"""Older ones go when another one comes."""
_LOCK, _PROJECT = "held", "project"
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, eq=False)
class LeftWork:
    """What a program that has ended had not saved.

    Attributes
    ----------
    id : str
    folder : Path
        Of the project.
    project : Project
    """

    id: str
    folder: Path
    project: Project


class UnsavedWork:
    """The unsaved work of all programs of a person, and a place for that of this one.

    Parameters
    ----------
    base : Path
        Made when it is first needed.
    """

    def __init__(self, base: Path) -> None:
        self._base = base
        self._lock: IO[bytes] | None = None
        self._own: ProjectFolder | None = None
        self._writing = threading.Lock()

    @property
    def own(self) -> ProjectFolder:
        """Where this program writes to; nobody else does as long as it lives.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        if self._own is None:
            folder = self._base / secrets.token_hex(6)
            folder.mkdir(parents=True)
            self._lock = try_lock(folder / _LOCK)
            self._own = ProjectFolder(folder / _PROJECT)
        return self._own

    @property
    def has_own(self) -> bool:
        """Whether this program has anything there."""
        return self._own is not None

    def keep(self, own: ProjectFolder, content: ProjectContent) -> bool:
        """Write unsaved work to a place that `own` gave, in any thread; False where it was dropped meanwhile.

        Raises
        ------
        InputError
            If it cannot be written; then what was kept before is there.
        """
        with self._writing:
            if own is not self._own:
                return False
            own.write(content)
            return True

    def drop_own(self) -> None:
        """Forget it: it was saved, or is not wanted. Waits for what another thread is writing there."""
        with self._writing:
            if self._own is not None:
                folder, self._own = self._own.folder.parent, None
                self.release()
                shutil.rmtree(folder, ignore_errors=True)

    def release(self) -> None:
        """Leave what is there to the next start."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        self._own = None

    def left(self) -> tuple[LeftWork, ...]:
        """What programs that have ended had not saved, the newest first; what cannot be read is left out."""
        found = [left for each in self._folders() if (left := _left_in(each)) is not None]
        return tuple(sorted(found, key=lambda each: each.project.saved, reverse=True))

    def discard(self, left_id: str) -> None:
        """Remove left work for good."""
        for each in self._folders():
            if each.name == left_id and _is_free(each):
                shutil.rmtree(each, ignore_errors=True)

    def sweep(self) -> None:
        """Remove the oldest beyond `MOST_KEPT`, and what holds no project.

        What cannot be read may be that of a newer program: as many of these are kept.
        """
        readable = [each.id for each in self.left()]
        others = sorted((each for each in self._folders() if each.name not in readable), key=_written_s, reverse=True)
        unreadable = [each.name for each in others if _main_file(each).is_file()]
        kept = {*readable[:MOST_KEPT], *unreadable[:MOST_KEPT]}
        for each in self._folders():
            if each.name not in kept and _is_free(each):
                shutil.rmtree(each, ignore_errors=True)

    def _folders(self) -> list[Path]:
        own = self._own.folder.parent if self._own is not None else None
        with suppress(OSError):
            return [each for each in self._base.iterdir() if _ID.fullmatch(each.name) and each != own]
        return []


def _main_file(folder: Path) -> Path:
    return folder / _PROJECT / FILE_NAME


def _written_s(folder: Path) -> float:
    """When its project was written, in seconds since 1970; 0 where there is none."""
    try:
        return _main_file(folder).stat().st_mtime
    except OSError:
        return 0.0


def _left_in(folder: Path) -> LeftWork | None:
    if not _main_file(folder).is_file() or not _is_free(folder):
        return None
    try:
        return LeftWork(folder.name, folder / _PROJECT, read_project(folder / _PROJECT))
    except ProjectError:
        return None


def _is_free(folder: Path) -> bool:
    """Whether the program that wrote it has ended."""
    try:
        lock = try_lock(folder / _LOCK, sure=True)
    except OSError:
        return False
    if lock is not None:
        lock.close()
    return lock is not None
