"""Scans and segmentations for commands; what was assumed on reading them is noted."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.voxel_size import checked_spacing
from ..volumes.read import VolumeData, read_volume
from .options import note

if TYPE_CHECKING:
    import slicer


def add_voxel_size(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how large a voxel is, where the scan's file does not know, or is wrong."""
    parser.add_argument(
        "--voxel-size", type=float, nargs=3, metavar=("I", "J", "K"), help="in mm, instead of what the file says"
    )


def read_scan(path: Path, voxel_size_mm: Sequence[float] | None = None) -> VolumeData:
    """Read a scan; see `read_volume`. A size that is given counts instead of the file's."""
    data = read_volume(path)
    if voxel_size_mm is not None:
        data = data.with_spacing(checked_spacing(voxel_size_mm))
    for text in data.notes:
        note(text)
    return data


def sized_alike(
    volume_node: slicer.vtkMRMLVolumeNode,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    voxel_size_mm: Sequence[float] | None,
) -> None:
    """Give a scan, and what was segmented on it, the voxel size that was given, if there is one."""
    from ..mrml.nodes.rescaling import set_voxel_size

    if voxel_size_mm is not None:
        set_voxel_size(volume_node, segmentation_node, checked_spacing(voxel_size_mm))


def read_segmentation(scene: slicer.vtkMRMLScene, path: Path) -> slicer.vtkMRMLSegmentationNode:
    """Read a segmentation; see `load_segmentation`."""
    from ..mrml.nodes.storage import load_segmentation

    return load_segmentation(scene, path, note)
