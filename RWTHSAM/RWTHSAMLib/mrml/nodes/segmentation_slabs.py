"""Segmentations written slab by slab: neither their scan nor all of their voxels need be in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import slicer

from ...core.profile import ProfileClass
from ...core.system.atomic_file import replacing
from ...core.voxel_grid import VoxelGrid
from ...volumes.formats.segment_keys import NO_OFFSET, OFFSET_KEY
from ...volumes.label_slabs import label_type
from ...volumes.nrrd_writing import write_nrrd
from . import labelmaps, segments
from .segmentation_copy import words_of_slicer


def segmentation_of_classes(
    scene: slicer.vtkMRMLScene, volume_node: slicer.vtkMRMLVolumeNode, classes: Sequence[ProfileClass]
) -> slicer.vtkMRMLSegmentationNode:
    """New segmentation on a volume's voxel grid with a segment for each class, none of which has voxels.

    A profile has 255 classes at most, this has none such limit.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{volume_node.GetName()} segmentation")
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    segmentation = node.GetSegmentation()
    segmentation.SetSourceRepresentationName(labelmaps.BINARY_LABELMAP)
    for entry in classes:
        segment = slicer.vtkSegment()
        segments.describe(segment, entry)
        segmentation.AddSegment(segment, segments.segment_id_for(entry.id))
    segments.keep_unit(node)
    return node


def write_slabs(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    slabs: Iterable[np.ndarray],
    grid: VoxelGrid,
    path: Path,
    places: Sequence[tuple[int, int]] | None = None,
) -> None:
    """Write a ``.seg.nrrd``; nothing is replaced before the new file is whole.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        Says what there is to say of its segments; has no voxels.
    slabs : iterable of numpy.ndarray
        (k, j, i) labels, all slices in their order, some at a time; (k, j, i, layers) where there are `places`.
    grid : VoxelGrid
        Of the scan.
    path : Path
        Ends in ``.seg.nrrd``; missing folders are made.
    places : sequence of (int, int), optional
        Layer and label of each segment; by default they count from 1, all in one layer.

    Raises
    ------
    InputError
        If it cannot be written; then `path` is as it was before.
    """
    keys = {**words_of_slicer(segmentation_node), OFFSET_KEY: NO_OFFSET}
    if places is None:
        places = [(0, number + 1) for number in range(len(segments.segment_ids(segmentation_node)))]
    for number, (layer, label) in enumerate(places):
        about = {"LabelValue": str(label), "Layer": str(layer), "Extent": " ".join(map(str, grid.extent))}
        keys |= {f"Segment{number}_{key}": value for key, value in about.items()}
    layers = 1 + max((layer for layer, _ in places), default=0)
    sizes = (*([layers] if layers > 1 else []), *grid.shape_kji[::-1])
    dtype = label_type(max((label for _, label in places), default=0))
    with replacing(path) as unfinished:
        write_nrrd(unfinished, slabs, dtype, sizes, grid.ijk_to_ras, keys=keys)
