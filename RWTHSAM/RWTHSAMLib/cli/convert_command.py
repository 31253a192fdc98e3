"""``rwthsam convert``: a scan from one kind of file to another, however large it is."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ..core.system.atomic_file import replacing
from ..core.system.atomic_folder import check_free
from ..core.voxel_size import checked_spacing
from ..errors import InputError, VolumeError
from ..export.tiff_stack import write_tiff_stack
from ..volumes.formats.color_table import named_labels, table_beside
from ..volumes.formats.kinds import TIFF, has_ending
from ..volumes.lazy_volume import LazyVolume
from ..volumes.ome_zarr.labels import properties_of
from ..volumes.ome_zarr.metadata import NEWEST, VERSIONS
from ..volumes.ome_zarr.write import StoreSettings, check_replaceable, write_ome_zarr
from ..volumes.open import open_volume
from ..volumes.write import ENDINGS, check_ending, write_volume
from ..volumes.write_slices import can_be_written_in_slices, write_slices
from .options import Commands, note, require
from .outputs import check_outputs
from .progress import ProgressBar
from .reading import add_voxel_size

_STORES = (".ome.zarr", ".zarr")


def add_to(commands: Commands) -> None:
    """Add the command."""
    known = ", ".join((_STORES[0], *ENDINGS, TIFF[0]))
    parser = commands.add_parser("convert", help="a scan to another kind of file, also one larger than memory")
    parser.add_argument("scan", type=Path, metavar="SCAN", help="any file or folder that scans are read from")
    parser.add_argument("output", type=Path, metavar="OUT", help=f"its ending says the kind: {known}")
    parser.add_argument(
        "--ome-version",
        choices=VERSIONS,
        default=NEWEST,
        help="0.4: for older programs; default: %(default)s",
    )
    parser.add_argument(
        "--labels",
        action="store_true",
        help="the voxels are labels: of several the most frequent, not the mean",
    )
    parser.add_argument("--replace", action="store_true", help="replace what has the name of the output")
    add_voxel_size(parser)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Open, write chunk by chunk; what can be wrong with the request is checked before."""
    to_store = has_ending(given.output, _STORES)
    _check(given, to_store)
    require("dask", "Converting", "ome-zarr")
    with open_volume(given.scan) as volume:
        if given.voxel_size is not None:
            volume = volume.with_spacing(checked_spacing(given.voxel_size))
        for text in volume.notes:
            note(text)
        if to_store:
            _write_store(volume, given)
        else:
            _write_file(volume, given.output)
    print(given.output)
    return 0


def _check(given: argparse.Namespace, to_store: bool) -> None:
    if not to_store and not has_ending(given.output, TIFF):
        check_ending(given.output)
    check_free(given.output, given.replace)
    if to_store:
        check_replaceable(given.output)
    else:
        check_outputs((given.output,), (given.scan,))
        return
    # the folder itself is made, so a file in it stands for it
    check_outputs((given.output / "zarr.json",) if not given.output.is_file() else (given.output,), (given.scan,))
    for one, other in ((given.output, given.scan), (given.scan, given.output)):
        if one.resolve() == other.resolve() or one.resolve() in other.resolve().parents:
            raise InputError(f"'{given.scan}' and '{given.output}' are or hold each other: give another name.")


def _write_store(volume: LazyVolume, given: argparse.Namespace) -> None:
    if given.labels and volume.array_kji.dtype.kind == "f":
        raise VolumeError(f"'{given.scan}' holds floating point numbers, expected labels.")
    settings = StoreSettings(given.ome_version, labels=_named_labels(given.scan) if given.labels else None)
    with ProgressBar(sys.stderr) as bar:
        write_ome_zarr(volume, given.output, settings, replace=given.replace, progress=bar.show)


def _named_labels(path: Path) -> list[dict[str, Any]]:
    """What a colour table beside a labelmap says of its labels."""
    table = table_beside(path)
    return [] if table is None else [properties_of(each) for each in named_labels(table).values()]


def _write_file(volume: LazyVolume, output: Path) -> None:
    if has_ending(output, TIFF):
        with replacing(output) as unfinished, ProgressBar(sys.stderr) as bar:
            write_tiff_stack(volume, unfinished, bar.show)
    elif can_be_written_in_slices(volume, output):
        with ProgressBar(sys.stderr) as bar:
            write_slices(volume, output, bar.show)
    else:
        write_volume(volume.read(), output)
