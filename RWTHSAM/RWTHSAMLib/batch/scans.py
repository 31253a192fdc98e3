"""Which scans a job is for, and where the results of each of them go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from ..core.json_document import item_path
from ..errors import JobError
from ..volumes.formats.kinds import holds_store, name_without_ending
from .job import Job
from .placeholders import filled


@dataclass(frozen=True)
class JobScan:
    """A scan of a job.

    Attributes
    ----------
    path : Path
        Of the file or folder.
    name : str
        Without its ending.
    results : Path
        Folder of its results.
    """

    path: Path
    name: str
    results: Path

    @property
    def known(self) -> dict[str, str]:
        """What placeholders stand for."""
        return {"name": self.name, "folder": self.path.parent.name, "results": str(self.results)}


def scans_of(job: Job) -> tuple[JobScan, ...]:
    """The scans of a job, each once, in the order of their names.

    Raises
    ------
    JobError
        If a pattern matches nothing, two scans would have one folder of results, or a scan lies in one.
    """
    found: dict[Path, JobScan] = {}
    for number, pattern in enumerate(job.scans):
        paths = _matches(job.folder, pattern)
        if not paths:
            raise JobError(f"{item_path('scans', number)}: there is no file or folder '{job.folder / pattern}'.")
        for path in paths:
            found.setdefault(path.resolve(), _scan(job, path))
    scans = tuple(found.values())
    _check_results(scans)
    return scans


def _matches(folder: Path, pattern: str) -> list[Path]:
    whole = folder / pattern
    if whole.exists():  # a name that has brackets of its own
        return [whole]
    matched = (Path(each) for each in sorted(glob(str(whole), recursive=True)))  # noqa: PTH207 - absolute patterns too
    return [each for each in matched if not _is_inside_store(each, folder)]


def _is_inside_store(path: Path, folder: Path) -> bool:
    """Whether it is a part of a Zarr store, as ``**`` finds them."""
    return any(holds_store(each) for each in path.parents if each != folder and folder in each.parents)


def _scan(job: Job, path: Path) -> JobScan:
    name = name_without_ending(path)
    known = {"name": name, "folder": path.absolute().parent.name}
    return JobScan(path, name, job.folder / filled(job.results, known, "results"))


def _check_results(scans: Iterable[JobScan]) -> None:
    taken: dict[str, JobScan] = {}
    for each in scans:
        # names that differ in capitals alone are the same folder on some systems
        place = str(each.results.resolve()).casefold()
        if place in taken:
            raise JobError(
                f"results: '{taken[place].path}' and '{each.path}' would have the same folder '{each.results}': "
                "tell them apart by {name} and {folder}."
            )
        taken[place] = each
        if each.results.resolve() == each.path.resolve() or each.path.resolve() in each.results.resolve().parents:
            raise JobError(f"results: '{each.results}' is or lies in the scan itself: give another folder.")
