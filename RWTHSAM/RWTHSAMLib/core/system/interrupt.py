"""How a program ends when somebody interrupts it in its first second, while it is still importing."""

# almost nothing is imported here either
from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130
"""Exit code of a program that was interrupted, as shells use it."""
SAID = "rwthsam: interrupted"


def end_at_once(number: int, frame: FrameType | None) -> None:
    """Handle a signal before there is anything to put away: a line, and the exit code."""
    # an exception within the import of a library in C may end in anything
    os.write(2, f"{SAID}\n".encode())
    os._exit(INTERRUPTED)
