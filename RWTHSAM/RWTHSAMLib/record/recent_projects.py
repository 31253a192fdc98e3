"""The projects that were saved or opened last."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..core.json_document import Json, read_document, to_text
from ..core.system.atomic_file import write_text
from ..errors import InputError
from .project import is_project

MOST = 8


class RecentProjects:
    """A list of paths in a file, the latest first; a file that cannot be read or written costs nobody any work.

    Parameters
    ----------
    file : Path
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def paths(self) -> tuple[Path, ...]:
        """Those that are still there."""
        with suppress(InputError):
            named = [Path(each.text()) for each in read_document(self._file, InputError).items()]
            return tuple(each for each in named[:MOST] if _is_there(each))
        return ()

    def add(self, folder: Path) -> None:
        """Put a project first."""
        kept = [folder, *(each for each in self.paths() if each != folder)][:MOST]
        listed: list[Json] = [str(each) for each in kept]
        with suppress(InputError):
            write_text(self._file, to_text(listed))


def _is_there(path: Path) -> bool:
    try:
        return is_project(path)
    except (OSError, ValueError):
        return False
