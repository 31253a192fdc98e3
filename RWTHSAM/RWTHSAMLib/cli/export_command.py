"""``rwthsam export``: a segmentation as files for other programs."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.settings.export import FORMATS, Exported, ExportFormat, ExportSettings, format_of_file, formats_named
from ..errors import SettingsError
from ..export.color_table import CSV_COLUMNS, CTBL_START
from ..export.obj import MTL_START
from ..volumes.formats.kinds import OME_ZARR, has_ending
from ..volumes.lazy_segmentation import opened_segmentation
from ..volumes.ome_zarr.labels import check_replaceable_labels
from ..volumes.scan import is_too_large
from .options import SEGMENTATION, Commands, add_settings, given_settings, note, require
from .outputs import check_beside, check_outputs
from .reading import read_segmentation, segments_of

if TYPE_CHECKING:
    import slicer

_FLAGS = {"each_class": "--each", "classes": "--class"}
_ANOTHER = "give another name or folder by --output"


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("export", help="labelmaps and surfaces for other programs")
    parser.add_argument("segmentation", type=Path, metavar="SEGMENTATION", help=f"a {SEGMENTATION} file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER|FILE")
    parser.add_argument(
        "--format", nargs="+", choices=list(FORMATS), default=[], metavar="NAME", help=f"of {', '.join(FORMATS)}"
    )
    add_settings(parser, ExportSettings, "each_class", "classes", "frame", "smoothing", "decimation", flags=_FLAGS)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> None:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read."""
    _check_outputs(given, _target(given))
    given_settings(given, ExportSettings())
    require("slicer", f"Reading {SEGMENTATION}", "scene")


def check_classes(given: argparse.Namespace, node: slicer.vtkMRMLSegmentationNode) -> None:
    """Raise `StateError` if a class that is named is none of the segments, whose voxels are not looked at."""
    from ..mrml.results.export import chosen_classes

    chosen_classes(node, given_settings(given, ExportSettings()).classes)


def run(given: argparse.Namespace) -> int:
    """Export; what can be wrong with the request is checked before anything is read."""
    check(given)
    target = _target(given)
    choices = given_settings(given, ExportSettings(labelmap_suffix=target.labelmap_suffix))
    exported = _from_disk(given, target, choices) or _in_memory(given, target, choices)
    for text in exported.notes:
        note(text)
    for path in exported.files:
        print(path)
    return 0


def _in_memory(given: argparse.Namespace, target: _Target, choices: ExportSettings) -> Exported:
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.results.export import export_segmentation

    node = read_segmentation(new_scene(), given.segmentation)
    return export_segmentation(node, target.folder, target.stem, target.formats, choices)


def _from_disk(given: argparse.Namespace, target: _Target, choices: ExportSettings) -> Exported | None:
    """What was exported of a segmentation that memory has no room to work on; None where it has."""
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.results.export_from_disk import export_from_disk

    with opened_segmentation(given.segmentation) as found:
        if found is None or not is_too_large(found.byte_count):
            return None
        note("The segmentation is larger than memory has room for: it is read from the disk, some slices at a time.")
        scene = new_scene()
        node = segments_of(scene, found, given.segmentation)
        return export_from_disk(found, node, target.folder, target.stem, target.formats, choices)


@dataclass(frozen=True)
class _Target:
    """Where files go, and what their names are made of."""

    folder: Path
    stem: str
    formats: tuple[ExportFormat, ...]
    labelmap_suffix: str = ExportSettings.labelmap_suffix


def _check_outputs(given: argparse.Namespace, target: _Target) -> None:
    """Of files that nobody named, only earlier ones of the same kind are replaced."""
    is_file = not _is_folder(given.output) and format_of_file(given.output) is not None
    named = given.output if is_file else target.folder / "files"
    if is_file and target.formats[0].name == "ome-zarr":
        check_replaceable_labels(given.output)
        named = named / "zarr.json"  # the folder may be there
    check_outputs((named,), (given.segmentation,))
    tables = target.folder / f"{target.stem}{target.labelmap_suffix}"
    for each in target.formats:
        if each.kind == "labelmap":
            check_beside(tables.with_name(f"{tables.name}.csv"), CSV_COLUMNS, _ANOTHER)
            check_beside(tables.with_name(f"{tables.name}.ctbl"), [CTBL_START], _ANOTHER)
        elif each.name == "obj":
            check_beside(target.folder / f"{target.stem}.mtl", [MTL_START], _ANOTHER)


def _is_folder(path: Path) -> bool:
    # a folder of this name is a store, in which nothing else belongs; that of pathlib fails for names that are too long
    return os.path.isdir(path) and not has_ending(path, OME_ZARR)  # noqa: PTH112


def _target(given: argparse.Namespace) -> _Target:
    of_file = None if _is_folder(given.output) else format_of_file(given.output)
    if of_file is None:
        return _Target(given.output, given.segmentation.name.removesuffix(SEGMENTATION), formats_named(given.format))
    if given.format not in ([], [of_file.name]):
        raise SettingsError(
            f"'{given.output.name}' is a file of the format {of_file.name}, but --format asks for "
            f"{', '.join(given.format)}: give a folder for several formats."
        )
    return _Target(given.output.parent, given.output.name.removesuffix(of_file.ending), (of_file,), "")
