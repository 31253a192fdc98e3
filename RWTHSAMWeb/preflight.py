"""System libraries without which VTK ends the process instead of raising an error."""

from __future__ import annotations

import ctypes
import sys

_APT_LINE = "sudo apt-get install -y --no-install-recommends libegl1 libegl-mesa0 libgl1-mesa-dri libx11-6 libxcursor1"


def missing_rendering_libraries() -> str | None:
    """What to install before a view can be rendered, or None if nothing is missing."""
    if sys.platform != "linux":
        return None
    missing = [] if _loads("libX11.so.6") else ["libX11"]
    if not _loads("libEGL.so.1") and not _loads("libOSMesa.so.8"):
        missing.append("libEGL")
    if not missing:
        return None
    return f"Rendering needs {' and '.join(missing)}, which this machine lacks. On Debian or Ubuntu:\n  {_APT_LINE}"


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
