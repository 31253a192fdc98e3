"""``rwthsam report``: a segmentation in pictures and numbers, as one page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.slices import AXES
from ..core.window import Window
from ..errors import SettingsError
from .options import SEGMENTATION, Commands, require
from .outputs import check_outputs
from .reading import add_voxel_size, both_on_disk, check_room, read_both, segments_of

if TYPE_CHECKING:
    from ..report.compose import ReportSettings

_ENDINGS = (".html", ".htm")


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("report", help="a segmentation in pictures and numbers, as one HTML page")
    parser.add_argument("segmentation", type=Path, metavar="SEGMENTATION", help=f"a {SEGMENTATION} file")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="the scan that it was made on")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.html")
    parser.add_argument("--title", help="default: the segmentation's name")
    parser.add_argument("--axis", choices=AXES, default="k", help="of areas and small slices; default: k")
    parser.add_argument(
        "--window", type=float, nargs=2, metavar=("LO", "HI"), help="of the pictures; default: from the histogram"
    )
    parser.add_argument("--no-unit", action="store_true", help="the scan's voxel size is not to be trusted: no mm")
    add_voxel_size(parser)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> Window | None:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read; returns the window, if any."""
    if not given.output.name.lower().endswith(_ENDINGS):
        raise SettingsError(f"A report is a page and ends in '.html', but '{given.output.name}' does not.")
    check_outputs((given.output,), (given.segmentation, given.volume))
    require("slicer", f"Reading {SEGMENTATION}", "scene")
    return Window(*given.window) if given.window else None


def run(given: argparse.Namespace) -> int:
    """Read, measure, draw, write."""
    window = check(given)
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.nodes.volumes import volume_data_of
    from ..mrml.results.report import write_report
    from ..report.compose import ReportSettings
    from ..report.files import about_files

    choices = ReportSettings(
        title=given.title or given.segmentation.name.removesuffix(SEGMENTATION),
        axis=given.axis,
        window=window,
        provenance=about_files(given.segmentation, given.volume),
    )
    if not _from_disk(given, choices):
        check_room(given.volume, "A report")
        scene = new_scene()
        node, volume_node = read_both(scene, given)
        write_report(node, volume_data_of(volume_node), given.output, choices)
    print(given.output)
    return 0


def _from_disk(given: argparse.Namespace, choices: ReportSettings) -> bool:
    """Report on files that memory has no room to work on; False where it has."""
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.results.report import write_report_from_disk

    with both_on_disk(given) as both:
        if both is None:
            return False
        scene = new_scene()
        node = segments_of(scene, both.segmentation, given.segmentation)
        write_report_from_disk(both.segmentation, node, both.scan, given.output, choices, both.voxel_size_mm)
    return True
