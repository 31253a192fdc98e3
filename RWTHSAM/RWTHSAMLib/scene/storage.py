"""Segmentations on disk, with names, colours and class ids: Slicer's own ``.seg.nrrd`` through its storage node."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import slicer

from ..errors import VolumeError
from ..volume.segmentation_file import SegmentationFile, read_segmentation_file, readable_by_slicer
from .quiet import without_vtk_lines

SUFFIX = ".seg.nrrd"


def save_segmentation(segmentation_node: slicer.vtkMRMLSegmentationNode, path: Path) -> Path:
    """Write a segmentation; nothing is replaced before the new file is whole.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        Any; its storage node is made if there is none.
    path : Path
        Ends in ``.seg.nrrd``; missing folders are made.

    Raises
    ------
    VolumeError
        If the name does not end so, or writing fails.
    """
    path = Path(path)
    if not path.name.endswith(SUFFIX):
        raise VolumeError(f"A segmentation file ends in '{SUFFIX}', but '{path.name}' does not.")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name.removesuffix(SUFFIX)}.part{SUFFIX}")
    try:
        storage = slicer.vtkMRMLSegmentationStorageNode()
        storage.SetFileName(str(unfinished))
        if not storage.WriteData(segmentation_node) or not unfinished.is_file():
            raise VolumeError(f"'{path}' could not be written: check free space and permissions.")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def load_segmentation(
    scene: slicer.vtkMRMLScene, path: Path, say: Callable[[str], None] | None = None
) -> slicer.vtkMRMLSegmentationNode:
    """Read a segmentation into a scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    path : Path
        A ``.seg.nrrd``, or a labelmap in any kind of file that scans are read from.
    say : callable, optional
        Told, sentence by sentence, what was assumed.

    Raises
    ------
    VolumeError
        If there is no such file, it is damaged or cut short, or it is not a segmentation.
    """
    path = Path(path)
    held = read_segmentation_file(path)
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", path.name.removesuffix(SUFFIX))
    with readable_by_slicer(path, held) as readable, without_vtk_lines():
        storage = slicer.vtkMRMLSegmentationStorageNode()
        storage.SetFileName(str(readable))
        is_read = storage.ReadData(node)
    if not is_read or not _holds(node, held):
        scene.RemoveNode(node)
        raise VolumeError(f"'{path}' could not be read as a segmentation ({SUFFIX}).")
    node.CreateDefaultDisplayNodes()
    for text in held.notes:
        (say or _nobody)(text)
    return node


def _holds(node: slicer.vtkMRMLSegmentationNode, held: SegmentationFile) -> bool:
    """Whether all segments of the file have come into the scene."""
    segmentation = node.GetSegmentation()
    return all(segmentation.GetSegment(entry.id) is not None for entry in held.entries)


def _nobody(text: str) -> None:
    """Take no notice."""
