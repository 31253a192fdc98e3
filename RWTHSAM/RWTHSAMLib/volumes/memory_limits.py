"""Limits that a system sets to the memory of a process: cluster jobs and containers have less than their computer."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def group_limit_bytes(root: Path = Path("/")) -> int | None:
    """What the control groups of this process (SLURM, Docker) let all of its like have, or None without a limit.

    Parameters
    ----------
    root : Path
        Where ``proc`` and ``sys`` are.
    """
    try:
        groups = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = [limit for line in groups for file in _limit_files(line, root) if (limit := _number_in(file)) is not None]
    return min(found, default=None)


def address_space_left_bytes() -> int | None:
    """What the limit of this process's address space (``ulimit -v``) leaves, or None without one."""
    if sys.platform == "win32":
        return None
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        pages = 0
    return max(0, limit - pages * os.sysconf("SC_PAGE_SIZE"))


def _limit_files(line: str, root: Path) -> Iterator[Path]:
    """Files with the limits of a group and of those that it is in; version 2 names no kinds, version 1 does."""
    _, kinds, place = line.split(":", 2)
    if kinds == "":
        top, name = root / "sys/fs/cgroup", "memory.max"
    elif "memory" in kinds.split(","):
        top, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
    else:
        return
    group = PurePosixPath(place.lstrip("/"))
    for each in (group, *group.parents):
        yield top / each / name


def _number_in(file: Path) -> int | None:
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None  # "max" is none
