"""What takes long and runs beside the page: reading scans, making the phantom, fetching weights, exporting."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from RWTHSAMLib.core.system.atomic_file import replacing
from RWTHSAMLib.errors import InputError, StateError, VolumeError
from RWTHSAMLib.models.catalogue import ModelEntry
from RWTHSAMLib.models.weights import download_weights
from RWTHSAMLib.mrml.nodes.on_disk import scan_on_disk
from RWTHSAMLib.volumes.formats.kinds import is_ome_zarr
from RWTHSAMLib.volumes.lazy_volume import LazyVolume
from RWTHSAMLib.volumes.ome_zarr.read import open_ome_zarr
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell
from RWTHSAMLib.volumes.read import VolumeData, read_volume
from RWTHSAMLib.volumes.write import write_volume

PHANTOM_SEED = 7


async def read_scan(path: Path, shape_kji: Sequence[int] | None = None) -> VolumeData:
    """Read a file or a folder of slices; see `read_volume`."""
    return await asyncio.to_thread(read_volume, path, shape_kji)


async def levels_beyond_memory(path: Path, data: VolumeData) -> tuple[LazyVolume, ...]:
    """All levels of a scan of which a coarser one was read; none where that is the finest."""
    return await asyncio.to_thread(scan_on_disk.levels_beyond_memory, path, data.array_kji.shape)


async def make_phantom() -> VolumeData:
    """A generated battery scan, the same at every start."""
    return await asyncio.to_thread(_phantom)


async def write_scan(data: VolumeData, path: Path) -> None:
    """Write a scan for another process, as fast as it goes."""
    await asyncio.to_thread(write_volume, data, path, False)


async def run_command(*words: object) -> tuple[str, ...]:
    """Run ``rwthsam`` in a process of its own, which ends with this call; returns what it noted.

    Raises
    ------
    StateError
        If the command fails, with its own words.
    """
    command = (sys.executable, "-X", "utf8", "-m", "RWTHSAMLib.cli", *map(str, words))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    lines = tuple(line for line in said.decode("utf-8", "replace").splitlines() if line.strip())
    if process.returncode:
        raise StateError(lines[-1].removeprefix("rwthsam: ") if lines else "The export ended without a word.")
    return lines


async def packed(folder: Path, name: str) -> Path:
    """The only file of a folder, or all of them as a ZIP archive beside it.

    Raises
    ------
    StateError
        If there is none.
    InputError
        If the archive cannot be written whole.
    """
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    if not files:
        raise StateError("Nothing came of the export: there is nothing to download.")
    if len(files) == 1:
        return files[0]
    return await asyncio.to_thread(_archive, files, folder, folder.with_name(f"{name}.zip"))


class Fetch:
    """A download of weights that reports its progress to the event loop and can be stopped.

    Parameters
    ----------
    entry : ModelEntry
    progress : callable
        Called in the event loop with percent, or with 0 while the size is unknown.
    """

    def __init__(self, entry: ModelEntry, progress: Callable[[int], None]) -> None:
        self._entry = entry
        self._progress = progress
        self._percent = -1
        self._is_cancelled = False

    def cancel(self) -> None:
        """Stop; what was fetched so far is kept and continued next time."""
        self._is_cancelled = True

    async def run(self) -> Path:
        """Fetch and verify; returns the file.

        Raises
        ------
        DownloadError, Cancelled
        """
        loop = asyncio.get_running_loop()

        def report(done_bytes: int, total_bytes: int | None) -> None:
            percent = int(100 * done_bytes / total_bytes) if total_bytes else 0
            if percent != self._percent:
                self._percent = percent
                loop.call_soon_threadsafe(self._progress, percent)

        return await asyncio.to_thread(
            download_weights, self._entry, progress=report, cancelled=lambda: self._is_cancelled
        )


def shape_of_level(path: Path, level: int) -> tuple[int, int, int]:
    """How many voxels (k, j, i) a level of an OME-Zarr scan has.

    Raises
    ------
    VolumeError
        If the scan has no such level.
    """
    if path.exists() and not is_ome_zarr(path):
        raise VolumeError(
            f"'{path}' has no levels, and level {level} was to be shown: only OME-Zarr has (rwthsam convert)."
        )
    levels = open_ome_zarr(path)
    if level >= len(levels):
        raise VolumeError(f"'{path}' has the levels 0 to {len(levels) - 1}, and no level {level}.")
    return levels[level].grid.shape_kji


def _archive(files: Sequence[Path], folder: Path, path: Path) -> Path:
    with replacing(path, _check_archive) as unfinished, ZipFile(unfinished, "w", ZIP_DEFLATED) as archive:
        for each in files:
            archive.write(each, each.relative_to(folder))
    return path


def _check_archive(path: Path) -> None:
    with ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise InputError(f"'{damaged}' could not be packed whole: check that the disk has free space.")


def _phantom() -> VolumeData:
    return cylindrical_cell(seed=PHANTOM_SEED).volume()
