"""``python -m RWTHSAMWeb``."""

# almost nothing is imported here: whoever interrupts in the first second shall see no traceback
from __future__ import annotations

import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the page until it is interrupted; returns the process's exit code."""
    from .options import parse
    from .preflight import missing_rendering_libraries

    options = parse(argv)
    missing = missing_rendering_libraries()
    if missing:
        print(missing, file=sys.stderr)
        return 1
    from .app import WebApp  # VTK ends the process where the libraries above are missing

    return WebApp(options).run()


if __name__ == "__main__":
    from RWTHSAMLib.core.system.interrupt import end_at_once

    signal.signal(signal.SIGINT, end_at_once)
    sys.exit(main())
