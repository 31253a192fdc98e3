"""``rwthsam measure``: what the classes of a segmentation measure, as a table."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..algorithms.measurement.class_names import names_to_measure
from ..algorithms.measurement.files import ALONG_COLUMNS, ENDINGS, MeasuredScan, write_along, write_measurements
from ..algorithms.measurement.from_disk import measure_from_disk
from ..core.settings.measurement import MeasureSettings
from ..core.system.stepwise import made_at_once
from .options import SEGMENTATION, Commands, add_settings, given_settings, note, require
from .outputs import along_beside, write_and_name
from .reading import add_voxel_size, both_on_disk, note_unknown_size, read_both

if TYPE_CHECKING:
    import slicer


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("measure", help="volumes, areas, grey values, thicknesses of classes and their parts")
    parser.add_argument("segmentation", type=Path, metavar="SEGMENTATION", help=f"a {SEGMENTATION} file")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="the scan that it was made on")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar=f"OUT{'|'.join(ENDINGS)}")
    parser.add_argument("--class", dest="classes", action="append", metavar="NAME", help="repeatable; default: all")
    parser.add_argument("--region", metavar="NAME", help="class that phase fractions are shares of; default: the scan")
    add_settings(parser, MeasureSettings)
    parser.add_argument("--no-unit", action="store_true", help="the scan's voxel size is not to be trusted: no mm")
    add_voxel_size(parser)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> Path | None:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read.

    Returns where the table of slices goes, if there is one.
    """
    along = given_settings(given, MeasureSettings()).along
    beside = along_beside(given.output, ENDINGS, along, ALONG_COLUMNS, (given.segmentation, given.volume))
    require("slicer", f"Reading {SEGMENTATION}", "scene")
    return beside


def check_classes(given: argparse.Namespace, node: slicer.vtkMRMLSegmentationNode) -> None:
    """Raise `StateError` if a class that is named is none of the segments, whose voxels are not looked at."""
    from ..mrml.nodes.labelled_segments import labelled_classes

    names_to_measure([each.name for each in labelled_classes(node).values()], given.classes, given.region)


def run(given: argparse.Namespace) -> int:
    """Read, measure, write."""
    beside = check(given)
    choices = given_settings(given, MeasureSettings())
    measured = _from_disk(given, choices) or _in_memory(given, choices)
    if not measured.unit_known:
        note_unknown_size("lengths, areas and volumes are", given.no_unit)
    for each in measured.left_out:
        note(each.text)
    write_and_name(
        (given.output, partial(write_measurements, measured)),
        (beside, partial(write_along, measured)),
    )
    return 0


def _in_memory(given: argparse.Namespace, choices: MeasureSettings) -> MeasuredScan:
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.results.measurements import measure_segmentation

    scene = new_scene()
    node, volume_node = read_both(scene, given)
    steps = measure_segmentation(node, volume_node, choices, classes=given.classes, region=given.region)
    return made_at_once(steps)


def _from_disk(given: argparse.Namespace, choices: MeasureSettings) -> MeasuredScan | None:
    """What was measured of files that memory has no room to work on; None where it has."""
    with both_on_disk(given) as both:
        if both is None:
            return None
        if choices.parts:
            note("The distance to the next part needs all parts in memory and is left out.")
        return measure_from_disk(
            both.segmentation, both.scan, choices, given.classes, given.region, both.voxel_size_mm, note
        )
