"""``python -m RWTHSAMWeb``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .options import parse
from .preflight import missing_rendering_libraries


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the page until it is interrupted; returns the process's exit code."""
    options = parse(argv)
    missing = missing_rendering_libraries()
    if missing:
        print(missing, file=sys.stderr)
        return 1
    from .app import WebApp  # VTK ends the process where the libraries above are missing

    return WebApp(options).run()


if __name__ == "__main__":
    sys.exit(main())
