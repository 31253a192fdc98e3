"""``rwthsam provenance``: how a segmentation was made, as far as it says so."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import StateError
from ..record.record_file import write_prompt_file
from ..record.text import facts_of_record, steps_of_record
from .options import SEGMENTATION, Commands, require
from .outputs import check_outputs
from .reading import read_segmentation


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("provenance", help="how a segmentation was made; extracts its prompts for a replay")
    parser.add_argument("segmentation", type=Path, metavar="SEGMENTATION", help=f"a {SEGMENTATION} file")
    parser.add_argument("-o", "--output", type=Path, metavar="PROMPTS.json", help="what `rwthsam segment` replays")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Read, tell, write."""
    check_outputs((given.output,), (given.segmentation,))
    require("slicer", f"Reading {SEGMENTATION}", "scene")
    from ..mrml.nodes.record_tag import kept
    from ..mrml.nodes.standalone import new_scene

    record = kept(read_segmentation(new_scene(), given.segmentation))
    if record is None:
        raise StateError(f"'{given.segmentation}' does not say how it was made: only what was made with RWTHSAM does.")
    if given.output is not None:
        write_prompt_file(record, given.output)
        print(given.output)
    else:
        for name, value in facts_of_record(record):
            print(f"{name}: {value}")
        for number, text in enumerate(steps_of_record(record), 1):
            print(f"{number}. {text}")
    return 0
