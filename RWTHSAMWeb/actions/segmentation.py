"""Opening a segmentation on the scan that is there: one of yesterday, of another program, or from a record."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from RWTHSAMLib.errors import StateError, VolumeError
from RWTHSAMLib.mrml.nodes import volumes
from RWTHSAMLib.mrml.session.opened_segmentation import open_segmentation
from RWTHSAMLib.record.record_file import read_prompt_file
from RWTHSAMLib.volumes.formats.color_table import ENDINGS
from RWTHSAMLib.volumes.segmentation_file import read_segmentation_file

from .. import jobs
from ..app_context import AppContext

_RECORD = ".json"
_STORE = ".ome.zarr"
_PROGRESS = re.compile(r"step \d+ of \d+")


class SegmentationActions:
    """Opens segmentations.

    Parameters
    ----------
    context : AppContext
    first : Path, optional
        File named at the start.
    """

    def __init__(self, context: AppContext, first: Path | None) -> None:
        self._context, self._first = context, first

    async def begin(self) -> None:
        """Open what was named at the start, as soon as there is a scan; until then it is said that it waits."""
        path = self._first
        if path is None:
            return
        if self._context.session.volume_node is None:
            self._context.notice(f"'{path.name}' is opened as soon as there is a scan to lay it on.", "warning")
            return
        self._first = None
        await self._context.finished(self.open_file(path))

    def taken_folder(self) -> Path | None:
        """The folder that was named at the start for the classes of a scan on the disk; nothing else opens it then.

        Raises
        ------
        VolumeError
            If it is no name of such a folder.
        """
        path, self._first = self._first, None
        if path is not None and not path.name.endswith(_STORE):
            raise VolumeError(
                f"The classes of a scan that stays on the disk lie in a folder of OME-Zarr, not in '{path.name}': name "
                f"one that ends in {_STORE}, which is made if it is not there."
            )
        return None if path is None else path.absolute()

    async def receive(self, paths: list[Path]) -> None:
        """Open an uploaded file, a colour table beside it or not."""
        files = [each for each in paths if len(paths) == 1 or each.suffix.lower() not in ENDINGS]
        if len(files) != 1:
            await self._context.finished(_refuse("Choose one segmentation, and at most its colour table with it."))
            return
        await self._context.finished(self.open_file(files[0]), upload_folder=files[0].parent)

    async def open_file(self, path: Path) -> None:
        """Open a ``.seg.nrrd``, a labelmap, or a record, which is replayed.

        Raises
        ------
        InputError
            If it is none of these, or does not fit the scan; the open work stays then.
        """
        self._context.session.require_volume()
        self._context.session.workspace.check_in_memory(
            "Opening a segmentation",
            "name an OME-Zarr label image of it at the start: rwthsam web {scan} --segmentation FOLDER.ome.zarr",
        )
        was_saved = not self._context.session.projects.has_unsaved_work
        with self._context.busy(f"Opening {path.name} ..."):
            if path.suffix.lower() == _RECORD:
                notes = await self._replay(path)
            else:
                notes = await self._take(path)
                if was_saved:  # what was opened lies in its file
                    projects = self._context.session.projects
                    projects.count_as_saved(projects.work_stamp)
        text = f"'{path.name}' is open on this scan."
        self._context.notice(" ".join((text, *notes)), "warning" if notes else "success")

    async def _take(self, path: Path) -> tuple[str, ...]:
        held = await asyncio.to_thread(read_segmentation_file, path)  # of large ones nearly all of the time
        session, host = self._context.session, self._context.host
        before = session.segmentation_node
        notes = open_segmentation(session.workspace, path, held)
        if before is not session.segmentation_node:
            host.remove(before)
        self._context.refresh()
        return notes

    async def _replay(self, path: Path) -> tuple[str, ...]:
        """Compute what a record says in a process of its own, and open the result."""
        read_prompt_file(path)
        data = volumes.volume_data_of(self._context.session.require_volume())
        with TemporaryDirectory(prefix="rwthsam-replay-", ignore_cleanup_errors=True) as name:
            scan, result = Path(name) / "scan.nrrd", Path(name) / f"{path.stem}.seg.nrrd"
            await jobs.write_scan(data, scan)
            said = await jobs.run_command("segment", scan, path, "-o", result)
            notes = await self._take(result)
        return (*(each for each in said if not _PROGRESS.fullmatch(each)), *notes)


async def _refuse(text: str) -> None:
    raise StateError(text)
