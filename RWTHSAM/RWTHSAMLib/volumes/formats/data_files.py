"""Files that a header names: one by one, or by a pattern and a range of numbers."""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import VolumeError

_PATTERN = re.compile(r"(.*%0?\d*d\S*)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(\s+\d+)?$")
# limits against damaged files, far above what scans have
_MOST_FILES = 1_000_000


def named_file(name: str, folder: Path) -> Path:
    """Path of a file that a header names; a header written on Windows may part its folders by backslashes."""
    path = folder / name
    if "\\" in name and not path.exists():
        return folder / name.replace("\\", "/")
    return path


def numbered_files(text: str, folder: Path) -> list[Path]:
    """Paths of ``slice%03d.raw 1 10 1`` (pattern, first, last, step), or none where the text is no such pattern.

    Raises
    ------
    VolumeError
        If the range has no end.
    """
    match = _PATTERN.match(text.strip())
    if match is None:
        return []
    first, last, step = (int(match[group]) for group in (2, 3, 4))
    if step == 0 or (last - first) // step not in range(_MOST_FILES):
        raise VolumeError(f"'{folder}': the data files are named as {text!r}, which is no range of numbers.")
    stop = last + (1 if step > 0 else -1)
    return [named_file(_numbered(match[1], number), folder) for number in range(first, stop, step)]


def _numbered(pattern: str, number: int) -> str:
    return re.sub(r"%(0?)(\d*)d", lambda form: format(number, f"{form[1]}{form[2]}d"), pattern, count=1)
