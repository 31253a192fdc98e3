"""A project's folder on disk: written so that it is whole at every moment, whoever pulls the plug."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.json_document import Json, to_text
from ..core.system.atomic_file import check_can_be_written, write_text
from ..core.system.file_lock import locked
from ..errors import InputError, ProjectError
from .project import FILE_NAME, MAX_BYTES, MAX_FOUND_BYTES, Project, own_file, read_project

SUFFIX = ".rwthsam"
"""Of folders that hold a project; others do as well."""
_LOCK = ".lock"
_PATIENCE_S = 20.0

Write = Callable[[Path], object]
"""Writes a file of a given name, atomically."""


@dataclass(frozen=True, eq=False)
class ProjectContent:
    """What goes into a project's folder; nobody changes any of it any more.

    Attributes
    ----------
    project : Project
        Without the names of files.
    segmentation : callable, optional
        Writes the segmentation; None where there is none.
    segmentation_stamp : object
        Equal for equal segmentations: they are not written again.
    found : mapping of str to callable
        By part of the session, gives what it found as JSON; what makes it may take its time.
    found_stamp : object
    scan : callable, optional
        Writes the scan, where it has no file of its own; its name is that of its fingerprint.
    needs_scene : bool
        Whether the segmentation is written from the scene itself, and so in its thread: the rare one whose labelmaps
        lie on different grids.
    """

    project: Project
    segmentation: Write | None = None
    segmentation_stamp: object = None
    found: Mapping[str, Callable[[], Json]] | None = None
    found_stamp: object = None
    scan: Write | None = None
    needs_scene: bool = False


class ProjectFolder:
    """Writes one project again and again, only what has changed.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[str, tuple[object, str]] = {}

    @property
    def stamp_of_segmentation(self) -> object:
        """Of the segmentation that was written last and is still there; None before."""
        stamp, name = self._written.get("segmentation", (None, ""))
        return stamp if name and (self.folder / name).is_file() else None

    def write(self, content: ProjectContent) -> None:
        """Write what a project holds.

        Raises
        ------
        InputError
            If it cannot be written; then the project is as it was before.
        ProjectError
            If a folder of that name holds something else, or more was found than a project takes.
        """
        self._check_place()
        try:
            with locked(self.folder / _LOCK, _PATIENCE_S):
                self._write(content)
        except OSError as error:
            raise InputError(f"The project '{self.folder}' could not be written: {error.strerror or error}.") from error

    def _write(self, content: ProjectContent) -> None:
        names = {
            "segmentation": self._part("segmentation", ".seg.nrrd", content.segmentation_stamp, content.segmentation),
            "found": self._part("found", ".json", content.found_stamp, _writer_of(content.found)),
        }
        project = replace(content.project, segmentation=names["segmentation"], found=names["found"])
        if content.scan is not None:
            names["scan"] = self._scan(content)
            project = replace(project, scan=replace(project.scan, relative=names["scan"]))
        text = to_text(project.to_dict())
        if len(text) > MAX_BYTES:
            raise ProjectError(f"The project is larger than {MAX_BYTES >> 20} MiB without its segmentation.")
        write_text(self.folder / FILE_NAME, text)
        self._sweep({name for name in names.values() if name is not None})

    def _part(self, kind: str, ending: str, stamp: object, write: Write | None) -> str | None:
        """Name of a part's file, which is written where it has changed; None for a part that is not there."""
        if write is None:
            return None
        known = self._written.get(kind)
        if known is not None and known[0] == stamp and (self.folder / known[1]).is_file():
            return known[1]
        name = f"{kind}-{secrets.token_hex(4)}{ending}"
        write(self.folder / name)
        self._written[kind] = (stamp, name)
        return name

    def _scan(self, content: ProjectContent) -> str:
        name = f"scan-{(content.project.scan.facts.fingerprint or '')[:8]}.nrrd"
        if content.scan is not None and not (self.folder / name).is_file():
            content.scan(self.folder / name)
        return name

    def _sweep(self, named: set[str]) -> None:
        """Remove what no main file names any more."""
        for each in self.folder.iterdir():
            if own_file(each.name) and each.name not in named:
                with suppress(OSError):
                    each.unlink()

    def _check_place(self) -> None:
        check_can_be_written(self.folder / FILE_NAME)
        if self.folder.is_dir() and any(self.folder.iterdir()) and not (self.folder / FILE_NAME).exists():
            if not _is_left_over(self.folder):
                raise ProjectError(f"The folder '{self.folder}' holds other files: give the project another name.")
        elif (self.folder / FILE_NAME).exists():
            _check_replaceable(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"The folder '{self.folder}' could not be made: {error.strerror or error}.") from error


def _is_left_over(folder: Path) -> bool:
    """Whether a folder holds only what an unfinished first save leaves."""
    return all(own_file(each.name) or each.name.startswith(".") for each in folder.iterdir())


def _check_replaceable(folder: Path) -> None:
    """Raise `ProjectError` rather than replace the project of a newer program, or a file that is none of ours."""
    try:
        read_project(folder)
    except ProjectError as error:
        if "Update RWTHSAM" in str(error) or '"format"' in str(error):
            raise ProjectError(f"The project is not replaced: {error}") from error


def _writer_of(found: Mapping[str, Callable[[], Json]] | None) -> Write | None:
    if not found:
        return None

    def write(path: Path) -> None:
        text = json.dumps({name: make() for name, make in found.items()}, ensure_ascii=False, allow_nan=False)
        if len(text) > MAX_FOUND_BYTES:
            raise ProjectError(
                f"More was found than a project takes ({MAX_FOUND_BYTES >> 20} MiB): submit or discard some objects."
            )
        write_text(path, text)

    return write
