"""``rwthsam unroll``: a jelly roll as a flat scan, and labels of the flat scan back on the roll."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import VolumeError
from ..volumes.lazy.changed_slices import ChangedSlices
from ..volumes.lazy_segmentation import slices_at_a_time
from ..volumes.lazy_volume import LazyVolume, lazy_volume
from ..volumes.scan import Scan, slab_of, too_large
from ..volumes.unroll import Unrolling
from ..volumes.volume_data import upright_grid
from ..volumes.write import check_ending, write_volume
from ..volumes.write_slices import can_be_written_in_slices, write_slices
from .options import Commands, note
from .outputs import check_outputs
from .reading import open_scan


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
    with open_scan(given.volume) as scan:
        if scan.array_kji.ndim != 3:
            raise VolumeError(f"'{given.volume}' is a colour image: only grey values and labels can be unrolled.")
        if given.back is None:
            _write(_flat(scan, unrolling, given.volume), given.output)
        else:
            with open_scan(given.back) as roll:
                _write(_rolled(scan, roll, unrolling, given.volume), given.output)
    print(given.output)
    return 0


def _check_reaches(roll: Scan, unrolling: Unrolling) -> None:
    if not unrolling.reaches((roll.array_kji.shape[1], roll.array_kji.shape[2])):
        x, y = unrolling.center_xy
        raise VolumeError(f"'{roll.name}' has no pixel in the ring round {x:g}, {y:g}.")


def _flat(scan: Scan, unrolling: Unrolling, path: Path) -> Scan:
    _check_reaches(scan, unrolling)
    i_mm, j_mm, k_mm = scan.spacing_mm
    if abs(i_mm - j_mm) > 1e-6 * max(i_mm, j_mm):
        note(f"Pixels are not square ({i_mm:g} x {j_mm:g} mm): rings in mm are not rings in pixels.")
    rows, columns = unrolling.shape_vu
    note(f"{columns} columns round the roll, {rows} rows from radius {unrolling.inner_px:g} to {unrolling.outer_px:g}.")
    grid, name = upright_grid((i_mm, j_mm, k_mm)), f"{scan.name} unrolled"
    if isinstance(scan, LazyVolume):
        source = _changed(scan, (scan.array_kji.shape[0], rows, columns), unrolling.unrolled, path)
        return lazy_volume(source, grid, name, scan.unit_known, scan.notes)
    bands = np.stack([unrolling.unrolled(each) for each in scan.array_kji])
    return replace(scan, array_kji=bands, ijk_to_ras=grid, name=name)


def _rolled(labels: Scan, like: Scan, unrolling: Unrolling, path: Path) -> Scan:
    _check_reaches(like, unrolling)
    planes, rows, columns = like.grid.shape_kji
    expected = (planes, *unrolling.shape_vu)
    if labels.array_kji.shape != expected:
        raise VolumeError(
            f"'{path}' has {labels.array_kji.shape} voxels (k, j, i), the unrolled scan has {expected}: "
            "give the same centre, radii, pitch and columns as for unrolling."
        )
    if labels.array_kji.dtype.kind not in "iu":
        raise VolumeError(f"'{path}' holds {labels.array_kji.dtype} values: expected labels, whole numbers.")
    back, name = partial(unrolling.rolled, shape_yx=(rows, columns)), f"{labels.name} rolled"
    if isinstance(labels, LazyVolume) or isinstance(like, LazyVolume):
        source = _changed(labels, like.grid.shape_kji, back, path)
        return lazy_volume(source, like.ijk_to_ras, name, like.unit_known, like.notes)
    return replace(like, array_kji=np.stack([back(each) for each in labels.array_kji]), name=name)


def _changed(
    scan: Scan, shape_kji: tuple[int, int, int], change: Callable[[np.ndarray], np.ndarray], path: Path
) -> ChangedSlices:
    dtype = scan.array_kji.dtype
    at_a_time = slices_at_a_time(scan.grid.shape_kji, dtype.itemsize)
    return ChangedSlices(path, shape_kji, dtype, partial(slab_of, scan), at_a_time, change)


def _write(made: Scan, output: Path) -> None:
    if not isinstance(made, LazyVolume):
        write_volume(made, output)
    elif can_be_written_in_slices(made, output):
        write_slices(made, output)
    else:
        raise too_large(f"Writing '{output.name}', unlike .nrrd and .nii.gz,", made.path, made.byte_count)
