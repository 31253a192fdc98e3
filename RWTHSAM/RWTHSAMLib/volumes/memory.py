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
            f"'{path}' claims to hold {_size(byte_count)} of voxels, but this computer has {_size(memory_bytes)} of "
            "memory: crop or shrink the scan, or check whether the file is damaged."
        )


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


def _size(count: int) -> str:
    for unit, step in (("TB", 1e12), ("GB", 1e9)):
        if count >= step:
            return f"{count / step:,.1f} {unit}"
    return f"{count / 1e6:,.1f} MB"
