"""``rwthsam threshold``: the fine structure inside a class, by grey values, at its rim, outside other classes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.settings.threshold import ThresholdSettings
from ..core.voxel_size import checked_spacing
from . import class_writing
from .options import SEGMENTATION, Commands, add_settings, check_output, given_settings, note, require
from .outputs import check_outputs
from .reading import add_voxel_size, both_on_disk, check_room, read_scan, read_segmentation, shape_of_scan
from .threshold_classes import named_classes
from .threshold_from_disk import threshold_from_disk

if TYPE_CHECKING:
    import slicer


def add_to(commands: Commands) -> None:
    """Add the command, and the name that it had in 0.1.0, which help does not list."""
    _add_options(commands.add_parser("threshold", help="what of a class has certain grey values, or lies at its rim"))
    _add_options(commands.add_parser("narrow"))


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("segmentation", type=Path, metavar="SEGMENTATION", help=f"a {SEGMENTATION} file")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="the scan that it was made on")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar=f"OUT{SEGMENTATION}")
    parser.add_argument("--class", dest="source", required=True, metavar="NAME", help="what is thresholded")
    parser.add_argument("--to", dest="target", required=True, metavar="NAME", help="class of the result; may be new")
    parser.add_argument("--outside", action="append", default=[], metavar="NAME", help="leave a class out; repeatable")
    parser.add_argument("--inside", action="append", default=[], metavar="NAME", help="keep within a class; repeatable")
    add_settings(parser, ThresholdSettings, flags={"rim_mm": "--rim", "smooth_mm": "--smooth"})
    class_writing.add_overwrite(parser)
    add_voxel_size(parser)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> None:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read."""
    check_output(given.output)
    check_outputs((given.output,), (given.segmentation, given.volume))
    given_settings(given, ThresholdSettings())
    require("slicer", f"Reading {SEGMENTATION}", "scene")


def check_classes(given: argparse.Namespace, node: slicer.vtkMRMLSegmentationNode) -> None:
    """Raise `RwthSamError` if a class that is named is none of the segments, whose voxels are not looked at."""
    profile, _ = named_classes(node, given, given_settings(given, ThresholdSettings()))
    class_writing.overwriting_of(given.overwrite, profile)


def run(given: argparse.Namespace) -> int:
    """Read, threshold, write."""
    check(given)
    choices = given_settings(given, ThresholdSettings())
    with both_on_disk(given) as both:
        if both is not None:
            threshold_from_disk(given, choices, both.segmentation, both.scan)
            print(given.output)
            return 0
    check_room(given.volume, "A threshold")
    _in_memory(given, choices)
    print(given.output)
    return 0


def _in_memory(given: argparse.Namespace, choices: ThresholdSettings) -> None:
    from ..mrml.nodes import segments
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.nodes.storage import save_segmentation
    from ..mrml.nodes.volumes import add_volume
    from ..mrml.session.session import Session
    from ..worker.inline import InlineClient

    scene = new_scene()
    session = Session(scene, InlineClient())
    try:
        node = read_segmentation(scene, given.segmentation)
        scan = read_scan(given.volume, shape_kji=shape_of_scan(node))
        size = None if given.voxel_size is None else checked_spacing(given.voxel_size)
        if size is not None and segments.lies_on_grid(node, scan.with_spacing(size).grid):
            scan, size = scan.with_spacing(size), None  # made with that size
        volume_node = add_volume(scene, scan)
        session.set_volume(volume_node)
        profile, wanted = named_classes(node, given, choices)
        session.set_segmentation(node, profile)
        if size is not None:
            session.voxel_size.set(size)
        session.submitting.set_overwriting(class_writing.overwriting_of(given.overwrite, profile))
        count = session.threshold.refine(wanted)
        segments.keep_unit(node, volume_node)
        save_segmentation(node, given.output)
        note(f"{count:,} voxels were left of '{given.source}': {session.status.said}")
    finally:
        session.close()
