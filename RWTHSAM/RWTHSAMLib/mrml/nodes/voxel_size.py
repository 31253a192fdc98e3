"""A scan's voxel size: another one, with which every voxel keeps its index, and what its node knows of its origin."""

from __future__ import annotations

from dataclasses import dataclass

import slicer

from ...core.json_document import Json, Node, parse_document, to_text
from ...core.voxel_size import GivenSize, Spacing, are_same, read_size, read_spacing, size_entry
from ...errors import InputError, SettingsError
from . import labelmaps, matrices, segments
from .volume_geometry import VolumeGeometry
from .volumes import UNIT_ATTRIBUTE

_SURFACE = "Closed surface"
_ATTRIBUTE = "RWTHSAM.VoxelSize"
"""Of volume nodes, so that a saved scene has it as well: see `SizeOfScan`."""


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


@dataclass(frozen=True)
class SizeOfScan:
    """Where the voxel size of a scan comes from.

    Attributes
    ----------
    of_file_mm_ijk : tuple of float
        What its file says.
    file_knows : bool
        Whether the file says so, or its voxels count as 1 mm for want of anything better.
    given : GivenSize, optional
        What a person gave it instead.
    is_believed : bool
        Whether a person has said that the size is right.
    """

    of_file_mm_ijk: Spacing
    file_knows: bool
    given: GivenSize | None = None
    is_believed: bool = False


def note_size(volume_node: slicer.vtkMRMLVolumeNode, size: SizeOfScan) -> None:
    """Let a scan know where its voxel size comes from."""
    document: dict[str, Json] = {
        "spacing_mm_ijk": [*volume_node.GetSpacing()],
        "of_file_mm_ijk": [*size.of_file_mm_ijk],
        "file_knows": size.file_knows,
        "given": None if size.given is None else size_entry(size.given),
        "is_believed": size.is_believed,
    }
    volume_node.SetAttribute(_ATTRIBUTE, to_text(document))


def noted_size(volume_node: slicer.vtkMRMLVolumeNode) -> SizeOfScan | None:
    """What a scan knows of that; None where nobody has noted it, or it was given another size by other means since."""
    text = volume_node.GetAttribute(_ATTRIBUTE)
    try:
        node = None if text is None else parse_document(text, SettingsError)
        if node is None or not are_same(read_spacing(node.item("spacing_mm_ijk")), volume_node.GetSpacing()):
            return None
        return _read(node)
    except InputError:
        return None


def _read(node: Node) -> SizeOfScan:
    given = node.optional("given")
    return SizeOfScan(
        read_spacing(node.item("of_file_mm_ijk")),
        node.item("file_knows").flag(),
        None if given is None else read_size(given),
        node.item("is_believed").flag(),
    )
