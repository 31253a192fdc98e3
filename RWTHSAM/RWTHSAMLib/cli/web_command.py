"""``rwthsam web``: hand over to the web front."""

from __future__ import annotations

from collections.abc import Sequence

from .options import require


def run(argv: Sequence[str]) -> int:
    """Serve the page.

    Raises
    ------
    DependencyMissing
        If the web front or trame-slicer is not installed.
    """
    require("trame_slicer", "The web page", "web")
    require("RWTHSAMWeb", "The web page", "web")
    from RWTHSAMWeb.__main__ import main

    return int(main(argv))
