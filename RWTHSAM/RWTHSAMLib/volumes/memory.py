"""Whether what a file claims to hold can be read at all, told before memory is asked for."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from ..errors import VolumeError
from .memory_limits import group_limit_bytes, process_limit_left_bytes


def check_fits(byte_count: int, path: Path) -> None:
    """Raise `VolumeError` where the voxels of a file take more than the memory of this computer."""
    most = memory_bytes()
    if most is not None and byte_count > most:
        raise VolumeError(
            f"'{path}' claims to hold {size_text(byte_count)} of voxels, but this computer has "
            f"{size_text(most)} of memory: if the file is not damaged, rwthsam convert SCAN OUT.ome.zarr makes coarser "
            "levels of it, and OUT.ome.zarr opens one that fits."
        )


def usable_bytes() -> int | None:
    """Memory that this process may have: that of the computer, or what a limit leaves it; None where nobody says."""
    return _least(memory_bytes(), process_limit_left_bytes())


def memory_bytes() -> int | None:
    """Memory of this computer, or of the container or cluster job that this is, where that has less."""
    return _least(physical_memory_bytes(), group_limit_bytes())


def _least(*limits: int | None) -> int | None:
    return min((each for each in limits if each is not None), default=None)


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
