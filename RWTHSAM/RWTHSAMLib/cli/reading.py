"""Scans and segmentations for commands; what was assumed on reading them is noted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..volumes.read import VolumeData, read_volume
from .options import note

if TYPE_CHECKING:
    import slicer


def read_scan(path: Path) -> VolumeData:
    """Read a scan; see `read_volume`."""
    data = read_volume(path)
    for text in data.notes:
        note(text)
    return data


def read_segmentation(scene: slicer.vtkMRMLScene, path: Path) -> slicer.vtkMRMLSegmentationNode:
    """Read a segmentation; see `load_segmentation`."""
    from ..mrml.nodes.storage import load_segmentation

    return load_segmentation(scene, path, note)
