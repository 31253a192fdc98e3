"""Whether what a file claims to hold can be read at all, told before memory is asked for."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from ..errors import VolumeError


def check_fits(byte_count: int, path: Path) -> None:
    """Raise `VolumeError` where the voxels of a file take more than the memory of this computer."""
    memory_bytes = physical_memory_bytes()
    if memory_bytes is not None and byte_count > memory_bytes:
        raise VolumeError(
            f"'{path}' claims to hold {size_text(byte_count)} of voxels, but this computer has "
            f"{size_text(memory_bytes)} of memory: crop or shrink the scan, or check whether the file is damaged."
        )


def usable_bytes() -> int | None:
    """Memory that this process may have: that of the computer, or what a limit leaves it; None where nobody says."""
    found = [each for each in (physical_memory_bytes(), _left_by_limit()) if each is not None]
    return min(found, default=None)


def _left_by_limit() -> int | None:
    """What the limit of this process's address space (``ulimit -v``) leaves, or None without one."""
    if sys.platform == "win32":
        return None
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        taken = 0
    return max(0, limit - taken)


def physical_memory_bytes() -> int | None:
    """Memory of this computer, or None where the system does not say."""
    if sys.platform == "win32":
        return _windows_memory_bytes()
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _windows_memory_bytes() -> int | None:
    kilobytes = ctypes.c_ulonglong()
    found = ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))  # type: ignore[attr-defined, unused-ignore]
    return kilobytes.value * 1024 if found else None


def size_text(count: int) -> str:
    """A number of bytes for people."""
    for unit, step in (("TB", 1e12), ("GB", 1e9)):
        if count >= step:
            return f"{count / step:,.1f} {unit}"
    return f"{count / 1e6:,.1f} MB"
