"""Scans and segmentations for commands; what was assumed on reading them is noted."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.system.counted import counted
from ..core.voxel_size import Spacing, checked_spacing
from ..errors import RwthSamError, VolumeError
from ..volumes.formats.kinds import is_ome_zarr
from ..volumes.lazy_segmentation import LazySegmentation, opened_segmentation
from ..volumes.lazy_volume import LazyVolume
from ..volumes.scan import Scan, in_memory, is_scan_too_large, is_too_large, opened_lazily, opened_scan, too_large
from ..volumes.volume_data import VolumeData
from .options import note

if TYPE_CHECKING:
    import slicer

_TIMES_HELD_AT_LEAST = 2
"""The scan and MRML's copy: where there is less than usual, work that cannot be done otherwise is tried."""


def add_voxel_size(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how large a voxel is, where the scan's file does not know, or is wrong."""
    parser.add_argument(
        "--voxel-size", type=float, nargs=3, metavar=("I", "J", "K"), help="in mm, instead of what the file says"
    )


def note_unknown_size(what: str, no_unit: bool = False) -> None:
    """Say that lengths are in voxels, and what to do about it unless that was asked for (``--no-unit``)."""
    hint = "" if no_unit else "; --voxel-size I J K, in mm, says it"
    note(f"The scan does not say how large a voxel is: {what} in voxels{hint}.")


def read_scan(
    path: Path,
    voxel_size_mm: Sequence[float] | None = None,
    shape_kji: Sequence[int] | None = None,
    what_for: str = "This command",
) -> VolumeData:
    """Read a scan; see `read_volume`. A size that is given counts instead of the file's.

    Parameters
    ----------
    path, voxel_size_mm, shape_kji
        As of `open_scan`.
    what_for : str
        What needs all of it, for the message where memory has no room even for the scan and a copy.
    """
    with opened_scan(path, shape_kji, _TIMES_HELD_AT_LEAST) as opened:
        data = in_memory(opened, path, what_for)
    if voxel_size_mm is not None:
        data = data.with_spacing(checked_spacing(voxel_size_mm))
    for text in data.notes:
        note(text)
    return data


@contextmanager
def open_scan(
    path: Path, voxel_size_mm: Sequence[float] | None = None, shape_kji: Sequence[int] | None = None
) -> Iterator[Scan]:
    """As `read_scan`, but a scan that memory has no room to work on is read from its disk, slice by slice."""
    with opened_scan(path, shape_kji) as opened:
        scan = opened if voxel_size_mm is None else opened.with_spacing(checked_spacing(voxel_size_mm))
        for text in scan.notes:
            note(text)
        if isinstance(scan, LazyVolume):
            note("The scan is larger than memory has room for: it is read from the disk, some slices at a time.")
        yield scan


def check_room(path: Path, what_for: str) -> None:
    """Raise `VolumeError` where work that needs all of a scan cannot be done; none of its voxels is read.

    Parameters
    ----------
    path : Path
    what_for : str
        The work, for the message.
    """
    with opened_lazily(path) as volume:
        if volume is not None and is_too_large(volume.byte_count, _TIMES_HELD_AT_LEAST):
            raise too_large(what_for, path, volume.byte_count)


def read_both(
    scene: slicer.vtkMRMLScene, given: argparse.Namespace
) -> tuple[slicer.vtkMRMLSegmentationNode, slicer.vtkMRMLVolumeNode]:
    """Read the segmentation and the scan that are named; both get the voxel size that was given, or have none."""
    from ..mrml.nodes import segments
    from ..mrml.nodes.voxel_size import set_voxel_size

    node = read_segmentation(scene, given.segmentation)
    scan = read_scan(given.volume, shape_kji=shape_of_scan(node))
    scan = replace(scan, unit_known=scan.unit_known and not given.no_unit)
    size = None if given.voxel_size is None else checked_spacing(given.voxel_size)
    if size is not None and segments.lies_on_grid(node, scan.with_spacing(size).grid):
        return node, _volume_beside(scene, node, scan.with_spacing(size))  # made with that size
    volume_node = _volume_beside(scene, node, scan)
    if size is not None:
        set_voxel_size(volume_node, node, size)
    return node, volume_node


def _volume_beside(
    scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLSegmentationNode, scan: VolumeData
) -> slicer.vtkMRMLVolumeNode:
    """A new node for a scan; what of its segmentation lies outside is told."""
    from ..mrml.nodes import labelmaps, segments
    from ..mrml.nodes.volumes import add_volume

    volume_node = add_volume(scene, scan)
    if segments.lies_on_volume(node, volume_node):
        note_beyond(labelmaps.voxels_beyond(node, scan.grid.extent), scan.name)
    return volume_node


def note_beyond(voxels: int, scan_name: str) -> None:
    """Say that a segmentation has voxels where the scan has none, as where a part of it was cut off since."""
    if voxels:
        note(
            f"The segmentation reaches beyond '{scan_name}', where {counted(voxels, 'voxel')} of its classes do not "
            "count: was it made on another scan, or has this one been cropped since?"
        )


@dataclass(frozen=True, eq=False)
class BothOnDisk:
    """A segmentation and its scan that memory has no room to work on.

    Attributes
    ----------
    segmentation : LazySegmentation
    scan : Scan
        With the voxel size of its file, which does not count where none is to be known.
    voxel_size_mm : tuple of float, optional
        Along i, j and k, what was given instead.
    """

    segmentation: LazySegmentation
    scan: Scan
    voxel_size_mm: tuple[float, float, float] | None


@contextmanager
def both_on_disk(given: argparse.Namespace) -> Iterator[BothOnDisk | None]:
    """The segmentation and the scan that are named, none of their voxels read; None where memory has room for work."""
    with opened_segmentation(given.segmentation) as found:
        shape = None if found is None else shape_of_scan_on_disk(given.volume, given.segmentation, found)
        if found is None:
            _check_read_whole(given)
        if found is None or not (is_scan_too_large(given.volume, shape) or is_too_large(found.byte_count)):
            yield None
            return
        with open_scan(given.volume, shape_kji=shape) as scan:
            known = replace(scan, unit_known=scan.unit_known and not getattr(given, "no_unit", False))
            size = None if given.voxel_size is None else checked_spacing(given.voxel_size)
            segmentation = on_file_grid(found, scan, size)
            if segmentation.grid_of_scan(scan.grid.shape_kji).fits(scan.grid):
                note_beyond(segmentation.voxels_beyond(scan.grid.shape_kji), scan.name)
            yield BothOnDisk(segmentation, known, size)


def on_file_grid(found: LazySegmentation, scan: Scan, size_mm_ijk: Spacing | None) -> LazySegmentation:
    """The same on the grid of the scan's file, if it was made with the size that is given instead of the file's."""
    if size_mm_ijk is None:
        return found
    fits = found.grid_of_scan(scan.grid.shape_kji).fits(scan.with_spacing(size_mm_ijk).grid)
    return found.on_grid_of(scan.grid) if fits else found


def _check_read_whole(given: argparse.Namespace) -> None:
    """Raise `VolumeError` where a scan has to stay on its disk, but its segmentation is read whole."""
    with opened_lazily(given.volume) as scan:
        if scan is not None and is_too_large(scan.byte_count, _TIMES_HELD_AT_LEAST):
            plain = given.segmentation.with_name(re.sub(r"(?i)\.seg\.nrrd$", ".nrrd", given.segmentation.name))
            first = "" if plain == given.segmentation else f"rename it to '{plain.name}', then "
            raise VolumeError(
                f"'{given.segmentation}' says nothing of its segments, so all of it is read, and with it all of "
                f"'{given.volume}', for which memory has no room. Make a label image of it, which is read slab by "
                f"slab: {first}rwthsam convert {plain} LABELS.ome.zarr --labels, and give LABELS.ome.zarr."
            )


def shape_of_scan(node: slicer.vtkMRMLSegmentationNode) -> tuple[int, int, int] | None:
    """Number of voxels (k, j, i) of the scan that a segmentation was made on, as far as it says so."""
    from ..mrml.nodes.label_grid import grid_of

    try:
        return grid_of(node).extent.shape_kji
    except RwthSamError:  # told by whatever needs the grid
        return None


def shape_of_scan_on_disk(volume: Path, path: Path, held: LazySegmentation) -> tuple[int, int, int] | None:
    """The same of a segmentation on disk, for a scan of several levels; None where it has one only.

    Parameters
    ----------
    volume, path : Path
        Of the scan and of the segmentation.
    held : LazySegmentation
    """
    if not is_ome_zarr(volume):
        return None
    from ..mrml.nodes.standalone import new_scene

    return shape_of_scan(segments_of(new_scene(), held, path)) or held.extent.shape_kji


def segments_of(scene: slicer.vtkMRMLScene, held: LazySegmentation, path: Path) -> slicer.vtkMRMLSegmentationNode:
    """The segments of a segmentation on disk, with all that is said of them, but without voxels."""
    from ..mrml.nodes.storage import load_segmentation

    return load_segmentation(scene, path, held=held.about)


def read_segmentation(scene: slicer.vtkMRMLScene, path: Path) -> slicer.vtkMRMLSegmentationNode:
    """Read a segmentation; see `load_segmentation`."""
    from ..mrml.nodes.storage import load_segmentation

    return load_segmentation(scene, path, note)
