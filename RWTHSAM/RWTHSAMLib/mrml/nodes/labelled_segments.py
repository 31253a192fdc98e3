"""Segments as labelled classes, and segmentations that are made of labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import slicer
from vtkmodules.util.numpy_support import get_vtk_array_type, vtk_to_numpy

from ...core.extent import Extent
from ...core.profile import ProfileClass
from ...export.labelmap import LabelledClass
from . import labelmaps, matrices, segments
from .volume_geometry import VolumeGeometry


def labelled_classes(segmentation_node: slicer.vtkMRMLSegmentationNode) -> dict[str, LabelledClass]:
    """What the segments stand for, by segment id. Labels count from 1 in the segments' order, empty ones included."""
    segmentation = segmentation_node.GetSegmentation()
    found = {}
    for label, segment_id in enumerate(segments.segment_ids(segmentation_node), start=1):
        segment = segmentation.GetSegment(segment_id)
        class_id = segments.class_id_of(segmentation_node, segment_id) or segment_id
        red, green, blue = segment.GetColor()
        found[segment_id] = LabelledClass(label, class_id, segment.GetName(), (red, green, blue))
    return found


def segmentation_of_labels(
    scene: slicer.vtkMRMLScene,
    volume_node: slicer.vtkMRMLVolumeNode,
    classes: Sequence[ProfileClass],
    blocks: Iterable[tuple[int, np.ndarray, Extent]],
) -> slicer.vtkMRMLSegmentationNode:
    """New segmentation on a volume's voxel grid; a profile has 255 classes at most, this has none such limit.

    Parameters
    ----------
    scene : vtkMRMLScene
    volume_node : vtkMRMLVolumeNode
    classes : sequence of ProfileClass
        A segment each, empty ones included; their labels count from 1.
    blocks : iterable of (int, numpy.ndarray, Extent)
        Position of a class, bool (k, j, i) voxels, and where they lie; later ones cover earlier ones.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{volume_node.GetName()} segmentation")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    node.SetAndObserveTransformNodeID(volume_node.GetTransformNodeID())
    segmentation = node.GetSegmentation()
    segmentation.SetSourceRepresentationName(labelmaps.BINARY_LABELMAP)
    geometry = VolumeGeometry.of(volume_node)
    labelmap = _empty(geometry, segments.ijk_to_local(node, geometry), len(classes))
    labels = labelmaps.labels_kji(labelmap)
    for position, voxels, extent in blocks:
        labels[extent.slices_kji()][voxels] = position + 1
    for label, entry in enumerate(classes, start=1):
        segment = slicer.vtkSegment()
        segments.describe(segment, entry)
        segment.AddRepresentation(labelmaps.BINARY_LABELMAP, labelmap)
        segment.SetLabelValue(label)
        segmentation.AddSegment(segment, segments.segment_id_for(entry.id))
    segments.keep_unit(node)
    return node


def _empty(geometry: VolumeGeometry, ijk_to_local: np.ndarray, most: int) -> slicer.vtkOrientedImageData:
    image = slicer.vtkOrientedImageData()
    image.SetExtent(geometry.extent)
    image.AllocateScalars(get_vtk_array_type(np.min_scalar_type(max(1, most))), 1)
    vtk_to_numpy(image.GetPointData().GetScalars())[:] = 0
    image.SetImageToWorldMatrix(matrices.to_vtk(ijk_to_local))
    return image
