"""Segmentations on disk, with names, colours and class ids: Slicer's own ``.seg.nrrd`` through its storage node."""

from __future__ import annotations

from pathlib import Path

import slicer

from ..errors import VolumeError

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


def load_segmentation(scene: slicer.vtkMRMLScene, path: Path) -> slicer.vtkMRMLSegmentationNode:
    """Read a segmentation into a scene.

    Raises
    ------
    VolumeError
        If there is no such file or it is not a segmentation.
    """
    path = Path(path)
    if not path.is_file():
        raise VolumeError(f"There is no file '{path}'.")
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", path.name.removesuffix(SUFFIX))
    storage = slicer.vtkMRMLSegmentationStorageNode()
    storage.SetFileName(str(path))
    if not storage.ReadData(node):
        scene.RemoveNode(node)
        raise VolumeError(f"'{path}' could not be read as a segmentation ({SUFFIX}).")
    node.CreateDefaultDisplayNodes()
    return node
