"""The command ``rwthsam``: what the fronts do, without a window.

Exit codes: 0 done, 1 a defect of the program, 2 something given cannot be used, 3 some scans of a job failed,
130 interrupted.
"""

# almost nothing is imported here: whoever interrupts in the first second shall see no traceback
from __future__ import annotations

import signal
import sys

from ..core.system.interrupt import INTERRUPTED, SAID, end_at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from types import FrameType

OK, DEFECT, USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code. Without `argv` it is the process's own command line."""
    if argv is not None:
        return _run(list(argv), _Interrupts())
    signal.signal(signal.SIGINT, end_at_once)
    interrupts = _Interrupts()
    try:
        return _run(sys.argv[1:], interrupts)
    finally:
        # what is taken down at the end is of no use to anybody
        signal.signal(signal.SIGINT, end_at_once)


class _Interrupts:
    """Remembers that somebody interrupted: libraries may make another error of it."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        raise KeyboardInterrupt


def _run(words: list[str], interrupts: _Interrupts) -> int:
    import traceback

    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    is_process = signal.getsignal(signal.SIGINT) is end_at_once
    try:
        if words[:1] == ["web"]:
            from . import web_command

            return web_command.run(words[1:])
        given = _parser().parse_args(words)
        if is_process:
            signal.signal(signal.SIGINT, interrupts)
        return int(given.run(given))
    except KeyboardInterrupt:
        print(SAID, file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        from ..core.system.error_text import one_line
        from ..errors import RwthSamError

        if interrupts.came:
            print(SAID, file=sys.stderr)
            return INTERRUPTED
        if debug:
            traceback.print_exc()
        else:
            said = one_line(error, "run again with --debug, and report it please")
            print(f"rwthsam: {said}", file=sys.stderr)
        return USAGE if isinstance(error, RwthSamError | MemoryError) else DEFECT


def _parser() -> argparse.ArgumentParser:
    import argparse

    from .. import __version__
    from . import (
        auto_command,
        convert_command,
        export_command,
        measure_command,
        models_command,
        phantom_command,
        profile_command,
        propagate_command,
        provenance_command,
        report_command,
        segment_command,
        threshold_command,
        unroll_command,
    )
    from .batch import command as batch_command
    from .learning import classify_command, learn_command
    from .quality import command as quality_command

    modules = (
        segment_command,
        unroll_command,
        propagate_command,
        auto_command,
        threshold_command,
        learn_command,
        classify_command,
        measure_command,
        quality_command,
        export_command,
        convert_command,
        report_command,
        batch_command,
        provenance_command,
        models_command,
        profile_command,
        phantom_command,
    )
    parser = argparse.ArgumentParser(
        prog="rwthsam",
        description="Segment 3D CT scans of batteries with Segment Anything.",
        epilog="Add --debug to any command for the full traceback of an error.",
    )
    parser.add_argument("--version", action="version", version=f"rwthsam {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in modules:
        module.add_to(commands)
    commands.add_parser("web", help="segment in a browser page; see rwthsam web --help", add_help=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
