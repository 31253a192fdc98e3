"""A disk that is soon full."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

PAGE_BYTES = 4096


class SmallDisk:
    """A disk of its own where that can be had, else the limit that the system sets to a file's size."""

    def __init__(self, folder: Path, is_mounted: bool) -> None:
        self.folder = folder
        self._is_mounted = is_mounted

    @contextlib.contextmanager
    def with_room_for(self, byte_count: int) -> Iterator[None]:
        """Leave room for so many bytes, in whole pages."""
        if self._is_mounted:
            self._resize(used_bytes(self.folder) + byte_count // PAGE_BYTES * PAGE_BYTES)
            try:
                yield
            finally:
                self._resize(1 << 26)
            return
        import resource

        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count // PAGE_BYTES * PAGE_BYTES, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def _resize(self, byte_count: int) -> None:
        # a size of 0 would mean no limit
        size = f"remount,size={max(byte_count, PAGE_BYTES)}"
        subprocess.run(["mount", "-o", size, str(self.folder)], check=True)


def used_bytes(folder: Path) -> int:
    return sum(-(-each.stat().st_size // PAGE_BYTES) * PAGE_BYTES for each in folder.rglob("*") if each.is_file())


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A disk at an empty folder, as long as the block lasts."""
    if not _is_mounted(folder):
        yield SmallDisk(folder, False)
        return
    try:
        yield SmallDisk(folder, True)
    finally:
        # PyTorch holds a file open that it could not write to the end
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _is_mounted(folder: Path) -> bool:
    """Mount a disk in memory at a folder, where that is permitted."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={1 << 26}", "tmpfs", str(folder)]
    try:
        return subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
