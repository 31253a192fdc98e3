"""``rwthsam export``: a segmentation as files for other programs."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingsError
from ..export_choices import FORMATS, FRAMES, ExportChoices, ExportFormat, format_of_file, formats_named
from .options import SEGMENTATION, Commands, note, require
from .reading import read_segmentation


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("export", help="labelmaps and surfaces for other programs")
    parser.add_argument("segmentation", type=Path, metavar="SEGMENTATION", help=f"a {SEGMENTATION} file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER|FILE")
    parser.add_argument(
        "--format", nargs="+", choices=list(FORMATS), default=[], metavar="NAME", help=f"of {', '.join(FORMATS)}"
    )
    usual = ExportChoices()
    parser.add_argument("--each", action="store_true", help="one file for each class")
    parser.add_argument("--class", nargs="+", dest="classes", default=[], metavar="NAME", help="only these classes")
    parser.add_argument("--frame", choices=FRAMES, default=usual.frame, help="of STL and OBJ; default: %(default)s")
    parser.add_argument(
        "--smoothing",
        type=float,
        default=usual.smoothing,
        metavar="X",
        help="of surfaces, 0 to 1; default: %(default)s",
    )
    parser.add_argument(
        "--decimation", type=float, default=usual.decimation, metavar="X", help="triangles to leave out; default: none"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Export; what can be wrong with the wishes is checked before anything is read."""
    target = _target(given)
    choices = ExportChoices(
        each_class=given.each,
        frame=given.frame,
        smoothing=given.smoothing,
        decimation=given.decimation,
        classes=tuple(given.classes),
        labelmap_suffix=target.labelmap_suffix,
    )
    require("slicer", f"Reading {SEGMENTATION}", "scene")
    from ..scene.export import export_segmentation
    from ..scene.standalone import new_scene

    node = read_segmentation(new_scene(), given.segmentation)
    exported = export_segmentation(node, target.folder, target.stem, target.formats, choices)
    for text in exported.notes:
        note(text)
    for path in exported.files:
        print(path)
    return 0


@dataclass(frozen=True)
class _Target:
    """Where files go, and what their names are made of."""

    folder: Path
    stem: str
    formats: tuple[ExportFormat, ...]
    labelmap_suffix: str = ExportChoices.labelmap_suffix


def _target(given: argparse.Namespace) -> _Target:
    of_file = None if given.output.is_dir() else format_of_file(given.output)
    if of_file is None:
        return _Target(given.output, given.segmentation.name.removesuffix(SEGMENTATION), formats_named(given.format))
    if given.format not in ([], [of_file.name]):
        raise SettingsError(
            f"'{given.output.name}' is a file of the format {of_file.name}, but --format asks for "
            f"{', '.join(given.format)}: give a folder for several formats."
        )
    return _Target(given.output.parent, given.output.name.removesuffix(of_file.ending), (of_file,), "")
