"""``rwthsam unroll``: a jelly roll as a flat scan, and labels of the flat scan back on the roll."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import VolumeError
from ..volumes.read import VolumeData
from ..volumes.unroll import Unrolling
from ..volumes.volume_data import upright_grid
from ..volumes.write import check_ending, write_volume
from .options import Commands, note
from .outputs import check_outputs
from .reading import read_scan


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("unroll", help="a jelly roll as a flat scan; --back brings its labels back")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="a scan; with --back labels of the flat scan")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.nrrd")
    parser.add_argument(
        "--center", type=float, nargs=2, required=True, metavar=("I", "J"), help="of the roll, in pixels"
    )
    parser.add_argument("--inner", type=float, required=True, metavar="PX", help="radius where the flat scan begins")
    parser.add_argument("--outer", type=float, required=True, metavar="PX", help="radius where it ends")
    parser.add_argument("--pitch", type=float, default=0.0, metavar="PX", help="from winding to winding; default: 0")
    parser.add_argument("--columns", type=int, metavar="N", help="pixels of a turn; default: as the outermost ring")
    parser.add_argument("--back", type=Path, metavar="SCAN", help="the scan that was unrolled: labels return to it")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Read, unroll or roll, write."""
    check_ending(given.output)
    check_outputs((given.output,), (given.volume, given.back))
    unrolling = Unrolling(tuple(given.center), given.inner, given.outer, given.pitch, given.columns)
    data = read_scan(given.volume, what_for="Unrolling")
    if data.array_kji.ndim != 3:
        raise VolumeError(f"'{given.volume}' is a colour image: only grey values and labels can be unrolled.")
    roll = data if given.back is None else read_scan(given.back)
    if not unrolling.reaches((roll.array_kji.shape[1], roll.array_kji.shape[2])):
        raise VolumeError(f"'{roll.name}' has no pixel in the ring round {given.center[0]:g}, {given.center[1]:g}.")
    if given.back is None:
        made = _flat(data, unrolling)
    else:
        made = _rolled(data, roll, unrolling, given.volume)
    write_volume(made, given.output)
    print(given.output)
    return 0


def _flat(data: VolumeData, unrolling: Unrolling) -> VolumeData:
    i_mm, j_mm, k_mm = data.spacing_mm
    if abs(i_mm - j_mm) > 1e-6 * max(i_mm, j_mm):
        note(f"Pixels are not square ({i_mm:g} x {j_mm:g} mm): rings in mm are not rings in pixels.")
    bands = np.stack([unrolling.unrolled(each) for each in data.array_kji])
    rows, columns = unrolling.shape_vu
    note(f"{columns} columns round the roll, {rows} rows from radius {unrolling.inner_px:g} to {unrolling.outer_px:g}.")
    return replace(data, array_kji=bands, ijk_to_ras=upright_grid((i_mm, j_mm, k_mm)), name=f"{data.name} unrolled")


def _rolled(labels: VolumeData, like: VolumeData, unrolling: Unrolling, path: Path) -> VolumeData:
    planes, rows, columns = like.array_kji.shape[:3]
    expected = (planes, *unrolling.shape_vu)
    if labels.array_kji.shape != expected:
        raise VolumeError(
            f"'{path}' has {labels.array_kji.shape} voxels (k, j, i), the unrolled scan has {expected}: "
            "give the same centre, radii, pitch and columns as for unrolling."
        )
    if labels.array_kji.dtype.kind not in "iu":
        raise VolumeError(f"'{path}' holds {labels.array_kji.dtype} values: expected labels, whole numbers.")
    rolled = np.stack([unrolling.rolled(each, (rows, columns)) for each in labels.array_kji])
    return replace(like, array_kji=rolled, name=f"{labels.name} rolled")
