"""A strict stand-in for desktop Slicer on PySide6 and slicer-core: it refuses what Slicer refuses."""

from __future__ import annotations

from .errors import HostLimit
from .settings import HostSettings

__all__ = ["HostLimit", "HostSettings"]
