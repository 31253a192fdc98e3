"""How many of something there are, in words."""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """``"1 voxel"``, ``"1,234 voxels"``: `thing` is one that takes an s."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
