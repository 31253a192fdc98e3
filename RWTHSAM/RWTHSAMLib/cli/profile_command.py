"""``rwthsam profile``: check profiles and bring old ones up to date."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from ..core.profile import read_profile, write_profile
from ..errors import ProfileError
from .options import Commands, note
from .outputs import check_outputs


def add_to(commands: Commands) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("profile", help="check and convert segmentation profiles")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    validate = actions.add_parser("validate", help="say whether files are valid profiles")
    validate.add_argument("profiles", nargs="+", type=Path, metavar="PROFILE.json")
    validate.set_defaults(run=_validate)
    convert = actions.add_parser("convert", help="save a profile, also one of RWTH-SAM, as version 2")
    convert.add_argument("source", type=Path, metavar="OLD.json")
    convert.add_argument("target", type=Path, metavar="NEW.json")
    convert.add_argument("--name", help="name of the profile; default: the one it has, or the file's")
    convert.set_defaults(run=_convert)


def _validate(given: argparse.Namespace) -> int:
    wrong = 0
    for path in given.profiles:
        try:
            profile = read_profile(path)
        except ProfileError as error:
            wrong += 1
            note(f"rwthsam: {error}")
        else:
            names = ", ".join(entry.name for entry in profile.classes)
            print(f"{path}: valid, '{profile.name}' with {len(profile.classes)} classes: {names}")
    return 2 if wrong else 0


def _convert(given: argparse.Namespace) -> int:
    check_outputs((given.target,), (given.source,))
    profile = read_profile(given.source)
    if given.name is not None:
        profile = replace(profile, name=given.name)
    write_profile(profile, given.target)
    print(f"{given.target}: version 2, '{profile.name}' with {len(profile.classes)} classes")
    return 0
