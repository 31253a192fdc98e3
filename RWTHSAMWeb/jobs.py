"""What takes long and runs in a thread beside the page: reading scans, making the phantom, fetching weights."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from RWTHSAMLib.models.catalogue import ModelEntry
from RWTHSAMLib.models.weights import download_weights
from RWTHSAMLib.volume.phantom import cylindrical_cell
from RWTHSAMLib.volume.read import VolumeData, read_volume

PHANTOM_SEED = 7


async def read_scan(path: Path) -> VolumeData:
    """Read a file or a folder of slices."""
    return await asyncio.to_thread(read_volume, path)


async def make_phantom() -> VolumeData:
    """A generated battery scan, the same at every start."""
    return await asyncio.to_thread(_phantom)


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


def _phantom() -> VolumeData:
    return cylindrical_cell(seed=PHANTOM_SEED).volume()
