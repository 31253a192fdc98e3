"""Another voxel size for a scan and what was segmented on it: every voxel keeps its index."""

from __future__ import annotations

import slicer

from ...core.voxel_size import Spacing
from . import labelmaps, matrices, segments
from .volume_geometry import VolumeGeometry
from .volumes import UNIT_ATTRIBUTE

_SURFACE = "Closed surface"


def set_voxel_size(
    volume_node: slicer.vtkMRMLVolumeNode,
    segmentation_node: slicer.vtkMRMLSegmentationNode | None,
    spacing_mm_ijk: Spacing,
    unit_known: bool = True,
) -> None:
    """Give scan and segmentation another voxel size; the first voxel stays where it is.

    Parameters
    ----------
    volume_node : vtkMRMLVolumeNode
    segmentation_node : vtkMRMLSegmentationNode, optional
    spacing_mm_ijk : tuple of float
        Along i, j and k.
    unit_known : bool
        Whether that is a size in mm that somebody knows.

    Raises
    ------
    GeometryError
        If the segmentation does not lie on the scan's grid. Nothing is changed then.
    """
    if segmentation_node is not None:
        segments.check_grid(segmentation_node, VolumeGeometry.of(volume_node))
    volume_node.SetSpacing(*spacing_mm_ijk)
    volume_node.SetAttribute(UNIT_ATTRIBUTE, None if unit_known else "0")
    if segmentation_node is not None:
        _follow(segmentation_node, volume_node, unit_known)


def _follow(
    segmentation_node: slicer.vtkMRMLSegmentationNode, volume_node: slicer.vtkMRMLVolumeNode, unit_known: bool
) -> None:
    segmentation = segmentation_node.GetSegmentation()
    has_surface = segmentation.ContainsRepresentation(_SURFACE)
    matrix = matrices.to_vtk(segments.ijk_to_local(segmentation_node, VolumeGeometry.of(volume_node)))
    for labelmap, _ in [*labelmaps.layers_of(segmentation_node, None)]:
        labelmap.SetImageToWorldMatrix(matrix)
    segmentation_node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    for segment_id in segments.segment_ids(segmentation_node):
        segment = segmentation.GetSegment(segment_id)
        segment.RemoveTag(segments.UNIT_TAG) if unit_known else segment.SetTag(segments.UNIT_TAG, "0")
    if has_surface:
        segmentation.RemoveRepresentation(_SURFACE)
        segmentation.CreateRepresentation(_SURFACE)
    segmentation.Modified()
    segmentation_node.Modified()
