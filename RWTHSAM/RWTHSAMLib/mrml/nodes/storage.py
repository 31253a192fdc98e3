"""Segmentations on disk, with names, colours and class ids: Slicer's own ``.seg.nrrd`` through its storage node."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import slicer

from ...core.system.atomic_file import replacing
from ...core.system.quiet import quiet_libraries
from ...errors import InputError, VolumeError
from ...volumes.segmentation_file import SegmentationFile, read_segmentation_file, readable_by_slicer
from ...volumes.whole_file import check_whole
from . import segments
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
        If the name does not end so.
    InputError
        If it cannot be written; then `path` is as it was before.
    """
    path = Path(path)
    if not path.name.endswith(SUFFIX):
        raise VolumeError(f"A segmentation file ends in '{SUFFIX}', but '{path.name}' does not.")
    segments.keep_unit(segmentation_node)
    with replacing(path, check_whole) as unfinished, quiet_libraries():
        storage = slicer.vtkMRMLSegmentationStorageNode()
        storage.SetFileName(str(unfinished))
        if not storage.WriteData(segmentation_node):
            raise InputError(f"'{path}' could not be written: check that the disk has free space.")
    return path


def load_segmentation(
    scene: slicer.vtkMRMLScene,
    path: Path,
    say: Callable[[str], None] | None = None,
    placed: Callable[[SegmentationFile], SegmentationFile] | None = None,
    held: SegmentationFile | None = None,
) -> slicer.vtkMRMLSegmentationNode:
    """Read a segmentation into a scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    path : Path
        A ``.seg.nrrd``, or a labelmap in any kind of file that scans are read from.
    say : callable, optional
        Told, sentence by sentence, what was assumed.
    placed : callable, optional
        Puts what the file holds to where it belongs.
    held : SegmentationFile, optional
        What the file holds, where it was read already, such as in a thread: most of the time goes there.

    Raises
    ------
    VolumeError
        If there is no such file, it is damaged or cut short, or it is not a segmentation.
    """
    path = Path(path)
    held = read_segmentation_file(path) if held is None else held
    held = placed(held) if placed is not None else held
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
