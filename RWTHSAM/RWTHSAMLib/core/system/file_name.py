"""Names of files that every system takes, and libraries in C++."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ...errors import InputError


def check_name(path: Path) -> None:
    """Raise `InputError` for a name whose bytes are no text: ITK ends the whole process at one.

    Parameters
    ----------
    path : Path
        Of a file that is to be read or written.
    """
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError as error:
        shown = os.fspath(path).encode("utf-8", "replace").decode()
        raise InputError(f"'{shown}' has characters in its path that are not UTF-8: rename the file.") from error


def file_word(name: str | None) -> str:
    """A name, which nodes may lack, as a part of a file's name on every system."""
    return re.sub(r"[^\w.-]+", "_", name or "").strip("._") or "class"
