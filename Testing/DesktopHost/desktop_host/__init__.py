"""A strict stand-in for desktop Slicer: runs its Python files on PySide6 and slicer-core, refuses what Slicer refuses."""

from __future__ import annotations

from .errors import HostLimit
from .settings import HostSettings

__all__ = ["HostLimit", "HostSettings"]
