"""Limits that a system sets to the memory of a process: cluster jobs and containers have less than their computer."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# numbers of ``/proc/self/statm``
_ADDRESS_SPACE, _DATA = 0, 5


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


def process_limit_left_bytes() -> int | None:
    """What limits of this process (``ulimit -v`` of its address space, ``ulimit -d`` of its data) leave, or None."""
    if sys.platform == "win32":
        return None
    import resource

    taken = _taken_bytes()
    limits = {resource.RLIMIT_AS: taken[_ADDRESS_SPACE], resource.RLIMIT_DATA: taken[_DATA]}
    found = [(resource.getrlimit(kind)[0], own) for kind, own in limits.items()]
    return min((max(0, limit - own) for limit, own in found if limit != resource.RLIM_INFINITY), default=None)


def _taken_bytes() -> list[int]:
    """What this process has, as ``statm`` counts; nothing where the system does not say."""
    try:
        pages = [int(each) for each in Path("/proc/self/statm").read_text(encoding="ascii").split()]
    except (OSError, ValueError):
        return [0] * 7
    return [each * os.sysconf("SC_PAGE_SIZE") for each in pages]


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
