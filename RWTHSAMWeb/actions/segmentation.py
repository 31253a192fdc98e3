"""Opening a segmentation on the scan that is there: one of yesterday, of another program, or from a record."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from RWTHSAMLib.errors import StateError
from RWTHSAMLib.mrml.nodes import volumes
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import ScanOnDisk, label_path_beside
from RWTHSAMLib.mrml.nodes.on_disk.taken_labels import take_labels
from RWTHSAMLib.mrml.session.opened_segmentation import open_segmentation
from RWTHSAMLib.record.record_file import read_prompt_file
from RWTHSAMLib.volumes.formats.color_table import ENDINGS
from RWTHSAMLib.volumes.lazy_volume import LazyVolume
from RWTHSAMLib.volumes.ome_zarr.label_store import is_label_store
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
        self._taken: tuple[str, ...] = ()

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

    async def folder_of_classes(self, scan: Path, levels: Sequence[LazyVolume]) -> Path:
        """Where the classes of a scan lie that stays on the disk, if that was named at the start; else beside it.

        What something else has made is copied there, and gone on with; nothing opens it a second time.

        Raises
        ------
        InputError
            If it is no segmentation of this scan, or there are classes already.
        """
        path, self._first = self._first, None
        beside = label_path_beside(scan)
        if path is None:
            return beside
        if is_label_store(path) or (not path.exists() and path.name.endswith(_STORE)):
            return path.absolute()
        profile, grids = self._context.session.profile, [each.grid for each in levels]
        self._taken = await asyncio.to_thread(take_labels, path, beside, grids, levels[0].unit_known, profile)
        self._taken = (f"'{path.name}' was copied to '{beside}'.", *self._taken)
        return beside

    def notes_of_taken(self) -> tuple[str, ...]:
        """What was assumed of a segmentation that was copied; told once."""
        taken, self._taken = self._taken, ()
        return taken

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
        if path.suffix.lower() == _RECORD:
            self._context.session.workspace.check_in_memory(
                "Replaying a record", f"rwthsam segment {{scan}} {path.name} -o OUT.seg.nrrd does it, and opens here"
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
        on_disk = self._context.session.workspace.on_disk
        return await (self._take_in_memory(path) if on_disk is None else self._take_to_disk(path, on_disk))

    async def _take_to_disk(self, path: Path, on_disk: ScanOnDisk) -> tuple[str, ...]:
        """Copy it into the folder of classes, and show these."""
        session = self._context.session
        place, profile = on_disk.store_path, session.profile
        notes = await asyncio.to_thread(take_labels, path, place, on_disk.grids, on_disk.unit_known, profile)
        before = session.segmentation_node
        on_disk.open_classes()
        session.set_segmentation(None)
        self._context.host.remove(before)
        self._context.host.set_edited(session.segmentation_node, session.require_volume())
        self._context.refresh()
        return (f"It was copied to '{place}'.", *notes)

    async def _take_in_memory(self, path: Path) -> tuple[str, ...]:
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
