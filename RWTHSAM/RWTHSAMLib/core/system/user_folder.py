"""Where a program keeps what belongs to the person who uses it and cannot be computed again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

DATA_VARIABLE = "RWTHSAM_DATA"
_CACHE_VARIABLE = "RWTHSAM_CACHE"


def data_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Folder for unsaved work and the list of projects; ``RWTHSAM_DATA`` overrides the platform's custom.

    Whoever has put the cache elsewhere has this beside it.
    """
    environ = os.environ if environ is None else environ
    if environ.get(DATA_VARIABLE):
        return Path(environ[DATA_VARIABLE])
    if environ.get(_CACHE_VARIABLE):
        return Path(environ[_CACHE_VARIABLE]) / "data"
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "RWTHSAM" / "Data"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "RWTHSAM"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "rwthsam"
