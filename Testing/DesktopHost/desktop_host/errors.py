"""What the host raises when the reason is the host and not the code that it runs."""

from __future__ import annotations


class HostLimit(NotImplementedError):
    """Real Slicer has this member, the host does not offer it: nothing is said about the calling code."""
