"""``rwthsam provenance``: how a segmentation was made, as far as it says so."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from ..errors import StateError
from ..prompt_file import PromptFile, write_prompt_file
from .options import SEGMENTATION, Commands, require


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("provenance", help="how a segmentation was made; extracts its prompts for a replay")
    parser.add_argument("segmentation", type=Path, metavar="SEGMENTATION", help=f"a {SEGMENTATION} file")
    parser.add_argument("-o", "--output", type=Path, metavar="PROMPTS.json", help="what `rwthsam segment` replays")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Read, tell, write."""
    require("slicer", f"Reading {SEGMENTATION}", "scene")
    from ..scene.provenance import kept
    from ..scene.standalone import new_scene
    from ..scene.storage import load_segmentation

    record = kept(load_segmentation(new_scene(), given.segmentation))
    if record is None:
        raise StateError(
            f"'{given.segmentation}' does not say how it was made: only files that the web app or `rwthsam segment` "
            "saved after a submit do."
        )
    if given.output is not None:
        write_prompt_file(record, given.output)
        print(given.output)
    else:
        for name, value in facts_of(record):
            print(f"{name}: {value}")
    return 0


def facts_of(record: PromptFile) -> list[tuple[str, str]]:
    """Name and value of what a record says, for people."""
    times = sorted(each.time for each in record.slices if each.time)
    facts = [
        ("Program", record.program),
        ("Model", record.model),
        ("Weights (SHA-256)", record.weights_sha256),
        ("Engine", record.engine),
        ("Window", f"{record.window.lower:g} to {record.window.upper:g}" if record.window else None),
        ("Scan", record.volume_name),
        ("Submitted", f"{times[0]} to {times[-1]}" if times else None),
    ]
    names = {each.id: each.name for each in record.profile.classes} if record.profile else {}
    counts = Counter(each.class_id for each in record.slices)
    facts += [(f"Slices of '{names.get(each, each)}'", str(count)) for each, count in counts.items()]
    return [(name, value) for name, value in facts if value]
