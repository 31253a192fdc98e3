"""The command ``rwthsam``: what the fronts do, without a window.

Exit codes: 0 done, 1 a defect of the program, 2 something given cannot be used, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence

from .. import __version__
from ..errors import RwthSamError
from . import (
    auto_command,
    export_command,
    measure_command,
    models_command,
    narrow_command,
    phantom_command,
    profile_command,
    propagate_command,
    provenance_command,
    report_command,
    segment_command,
    unroll_command,
    web_command,
)

_COMMANDS = (
    segment_command,
    unroll_command,
    propagate_command,
    auto_command,
    narrow_command,
    measure_command,
    export_command,
    report_command,
    provenance_command,
    models_command,
    profile_command,
    phantom_command,
)
OK, DEFECT, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        if words[:1] == ["web"]:
            return web_command.run(words[1:])
        given = _parser().parse_args(words)
        run = given.run
        return int(run(given))
    except KeyboardInterrupt:
        print("rwthsam: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        if debug:
            traceback.print_exc()
        else:
            print(f"rwthsam: {_one_line(error)}", file=sys.stderr)
        return USAGE if isinstance(error, RwthSamError) else DEFECT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rwthsam",
        description="Segment 3D CT scans of batteries with Segment Anything.",
        epilog="Add --debug to any command for the full traceback of an error.",
    )
    parser.add_argument("--version", action="version", version=f"rwthsam {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _COMMANDS:
        module.add_to(commands)
    commands.add_parser("web", help="segment in a browser page; see rwthsam web --help", add_help=False)
    return parser


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, RwthSamError):
        return text
    return f"unexpected {type(error).__name__}: {text} (run again with --debug, and report it please)"


if __name__ == "__main__":
    sys.exit(main())
