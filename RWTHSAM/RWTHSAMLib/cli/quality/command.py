"""``rwthsam quality``: roundness, offset, dents, thickness, gaps and overhang of the parts of a cell."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...algorithms.quality.cell import CellQuality
from ...algorithms.quality.files import ALONG_COLUMNS, ENDINGS, write_quality, write_quality_along
from ...algorithms.quality.roles import ROLES, Role, roles_of
from ...core.slices import AXES
from ...errors import StateError, VolumeError
from ..options import SEGMENTATION, Commands, note, require
from ..outputs import along_beside, write_and_name
from ..reading import add_voxel_size, both_on_disk, note_unknown_size, read_both, segments_of

if TYPE_CHECKING:
    import slicer


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("quality", help="how round, centred, undented and even a cell is, slice by slice")
    parser.add_argument("segmentation", type=Path, metavar="SEGMENTATION", help=f"a {SEGMENTATION} file")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="the scan that it was made on")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar=f"OUT{'|'.join(ENDINGS)}")
    for role in ROLES:
        parser.add_argument(
            f"--{role}", nargs="+", default=[], metavar="NAME", help=f"classes that make the {role}; default: by name"
        )
    parser.add_argument("--axis", choices=AXES, default="k", help="of the cell; slices lie across it; default: k")
    parser.add_argument("--no-unit", action="store_true", help="the scan's voxel size is not to be trusted: no mm")
    add_voxel_size(parser)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> Path | None:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read.

    Returns where the table of slices goes, if there is one.
    """
    inputs = given.segmentation, given.volume
    beside = along_beside(given.output, ENDINGS, given.axis, ALONG_COLUMNS[:2], inputs)
    require("slicer", f"Reading {SEGMENTATION}", "scene")
    require("scipy", "Measuring cells", "openvino")
    return beside


def check_classes(given: argparse.Namespace, node: slicer.vtkMRMLSegmentationNode) -> None:
    """Raise `StateError` if a class that is named is none of the segments, whose voxels are not looked at."""
    from ...mrml.nodes.labelled_segments import labelled_classes

    roles_of([each.name for each in labelled_classes(node).values()], _named(given))


def run(given: argparse.Namespace) -> int:
    """Read, measure, write."""
    beside = check(given)
    quality = _from_disk(given) or _in_memory(given)
    for each in quality.notes:
        note(each)
    if not quality.unit_known:
        note_unknown_size("lengths are", given.no_unit)
    if not quality.along and not quality.overhang:
        raise StateError(f"Nothing could be measured, and nothing was written. {' '.join(quality.notes)}")
    write_and_name(
        (given.output, partial(write_quality, quality)),
        (beside, partial(write_quality_along, quality)),
    )
    return 0


def _named(given: argparse.Namespace) -> dict[Role, tuple[str, ...]]:
    return {role: tuple(getattr(given, role)) for role in ROLES}


def _in_memory(given: argparse.Namespace) -> CellQuality:
    from ...mrml.nodes.standalone import new_scene
    from ...mrml.results.cell_quality import quality_of_segmentation

    node, volume_node = read_both(new_scene(), given)
    return quality_of_segmentation(node, volume_node, given.axis, _named(given))


def _from_disk(given: argparse.Namespace) -> CellQuality | None:
    """What is measured of files that memory has no room to work on; None where it has."""
    from ...mrml.nodes.standalone import new_scene
    from ...mrml.results.cell_quality import quality_from_disk

    with both_on_disk(given) as both:
        if both is None:
            return None
        if given.axis != "k":
            raise VolumeError(
                f"There is no room in memory for '{given.volume}', and from the disk cells are measured along k only: "
                "work on a coarser level."
            )
        node = segments_of(new_scene(), both.segmentation, given.segmentation)
        return quality_from_disk(both.segmentation, node, both.scan, _named(given), both.voxel_size_mm)
