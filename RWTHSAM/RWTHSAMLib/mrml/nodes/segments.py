"""Profile classes as segments: a class is found by its id, which the segment carries in a tag."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import slicer
from vtkmodules.vtkCommonCore import mutable

from ...core.extent import Extent
from ...core.profile import ProfileClass, SegmentationProfile
from ...core.voxel_grid import VoxelGrid
from ...errors import GeometryError, StateError
from ...volumes.formats.segment_keys import CLASS_ID_TAG as CLASS_ID_TAG
from . import labelmaps
from .volume_geometry import VolumeGeometry, parent_to_world
from .volumes import UNIT_ATTRIBUTE

LOCKED_TAG = "RWTHSAM.Locked"
UNIT_TAG = "RWTHSAM.UnitKnown"
"""Of segments: "0" where the scan that they were made on does not say how large a voxel is."""
_GRID_TOLERANCE_VOXELS = 1e-3
"""A choice: above the rounding of matrices in files, far below a voxel."""


def create_segmentation(
    scene: slicer.vtkMRMLScene, volume_node: slicer.vtkMRMLVolumeNode, profile: SegmentationProfile
) -> slicer.vtkMRMLSegmentationNode:
    """New segmentation on a volume's voxel grid with one empty segment per class."""
    name = scene.GetUniqueNameByString(f"{volume_node.GetName()} segmentation")
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    node.SetAndObserveTransformNodeID(volume_node.GetTransformNodeID())
    take_classes(node, profile)
    keep_unit(node)
    return node


def take_classes(segmentation_node: slicer.vtkMRMLSegmentationNode, profile: SegmentationProfile) -> None:
    """Give a segmentation the classes of a profile.

    Segments of known classes get the profile's name, colour, lock and terminology, a segment without a class that has
    a class's name becomes that class, missing classes are added. No voxel changes and no segment is removed.
    """
    segmentation = segmentation_node.GetSegmentation()
    for entry in profile.classes:
        segment_id = segment_id_of_class(segmentation_node, entry.id) or _unclaimed_segment_named(
            segmentation_node, entry.name
        )
        if segment_id is None:
            segment_id = segmentation.AddEmptySegment(segment_id_for(entry.id), entry.name, list(entry.color))
        describe(segmentation.GetSegment(segment_id), entry)


def keep_unit(
    segmentation_node: slicer.vtkMRMLSegmentationNode, volume_node: slicer.vtkMRMLVolumeNode | None = None
) -> None:
    """Let the segments say that the size of a voxel is not known, so that a file of them says it, too.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
    volume_node : vtkMRMLVolumeNode, optional
        The scan; by default the one that the segmentation names.
    """
    is_known = unit_known(segmentation_node) if volume_node is None else volume_node.GetAttribute(UNIT_ATTRIBUTE) != "0"
    if is_known:
        return
    for segment_id in segment_ids(segmentation_node):
        segment = segmentation_node.GetSegmentation().GetSegment(segment_id)
        if tag_of(segment, UNIT_TAG) is None:
            segment.SetTag(UNIT_TAG, "0")


def unit_known(segmentation_node: slicer.vtkMRMLSegmentationNode) -> bool:
    """Whether the size of a voxel is known: as the scan says, if it is in the scene, else as the segments say."""
    reference = segmentation_node.GetReferenceImageGeometryReferenceRole()
    scan = segmentation_node.GetNodeReference(reference)
    if scan is not None:
        return bool(scan.GetAttribute(UNIT_ATTRIBUTE) != "0")
    segmentation = segmentation_node.GetSegmentation()
    return not any(tag_of(segmentation.GetSegment(each), UNIT_TAG) == "0" for each in segment_ids(segmentation_node))


def segment_ids(segmentation_node: slicer.vtkMRMLSegmentationNode) -> tuple[str, ...]:
    """Ids of all segments in their order."""
    return tuple(segmentation_node.GetSegmentation().GetSegmentIDs())


def class_id_of(segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str) -> str | None:
    """The class that a segment stands for, or None."""
    return tag_of(segmentation_node.GetSegmentation().GetSegment(segment_id), CLASS_ID_TAG)


def segment_id_of_class(segmentation_node: slicer.vtkMRMLSegmentationNode, class_id: str) -> str | None:
    """The segment of a class, or None where the segmentation has none."""
    matches = (each for each in segment_ids(segmentation_node) if class_id_of(segmentation_node, each) == class_id)
    return next(matches, None)


def ensured_segment_id(
    segmentation_node: slicer.vtkMRMLSegmentationNode, profile: SegmentationProfile, class_id: str
) -> str:
    """The segment of a class of the profile; where there is none, the profile is applied first."""
    segment_id = segment_id_of_class(segmentation_node, class_id)
    if segment_id is None:
        take_classes(segmentation_node, profile)
        segment_id = segment_id_of_class(segmentation_node, class_id)
    assert segment_id is not None
    return segment_id


def remove_empty(segmentation_node: slicer.vtkMRMLSegmentationNode, class_ids: Collection[str]) -> None:
    """Remove the segments of some classes that hold no voxel."""
    for class_id in class_ids:
        segment_id = segment_id_of_class(segmentation_node, class_id)
        if segment_id is None:
            continue
        labelmap = (
            segmentation_node.GetSegmentation().GetSegment(segment_id).GetRepresentation(labelmaps.BINARY_LABELMAP)
        )
        extent = labelmaps.extent_of(labelmap)
        if extent is None or not labelmaps.segment_voxels_kji(segmentation_node, segment_id, extent).any():
            segmentation_node.GetSegmentation().RemoveSegment(segment_id)


def names_at(segmentation_node: slicer.vtkMRMLSegmentationNode, ijk: tuple[int, int, int]) -> list[str]:
    """Names of the segments that have a voxel of the scan that the segmentation lies on."""
    i, j, k = ijk
    held = labelmaps.voxels_by_segment(segmentation_node, Extent(i, i, j, j, k, k))
    return [segmentation_node.GetSegmentation().GetSegment(each).GetName() for each in held]


def is_locked(segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str) -> bool:
    """Whether a segment's class is locked, so that nothing may change its voxels."""
    return tag_of(segmentation_node.GetSegmentation().GetSegment(segment_id), LOCKED_TAG) == "1"


def mask_of_class_kji(
    segmentation_node: slicer.vtkMRMLSegmentationNode, class_id: str, volume_node: slicer.vtkMRMLVolumeNode
) -> np.ndarray:
    """All voxels of a class on a volume's grid: bool (k, j, i).

    Raises
    ------
    StateError
        If the segmentation has no segment of this class.
    GeometryError
        If the segmentation lies on another grid than the volume.
    """
    segment_id = segment_id_of_class(segmentation_node, class_id)
    if segment_id is None:
        raise StateError(f"Segmentation '{segmentation_node.GetName()}' has no segment of class '{class_id}'.")
    geometry = VolumeGeometry.of(volume_node)
    check_grid(segmentation_node, geometry)
    return labelmaps.segment_voxels_kji(segmentation_node, segment_id, geometry.extent)


def ijk_to_local(segmentation_node: slicer.vtkMRMLSegmentationNode, grid: VoxelGrid) -> np.ndarray:
    """(4, 4) from a volume's voxel index to a segmentation's own coordinates, before its parent transform."""
    matrix: np.ndarray = np.linalg.inv(parent_to_world(segmentation_node)) @ grid.ijk_to_ras
    return matrix


def check_grid(segmentation_node: slicer.vtkMRMLSegmentationNode, grid: VoxelGrid) -> None:
    """Raise `GeometryError` unless every segment's labelmap lies on the volume's voxel grid."""
    label_to_ijk = _misfit(segmentation_node, ijk_to_local(segmentation_node, grid), grid)
    if label_to_ijk is not None:
        raise GeometryError(
            f"Segmentation '{segmentation_node.GetName()}' does not lie on the voxel grid of this volume "
            f"({_what_differs(label_to_ijk)}): nothing was changed. Put scan and segmentation back to where they "
            "fit, choose the volume that the segmentation was made on, or begin a new segmentation."
        )


def lies_on_volume(segmentation_node: slicer.vtkMRMLSegmentationNode, volume_node: slicer.vtkMRMLVolumeNode) -> bool:
    """Whether `check_grid` lets a segmentation pass on a volume."""
    return lies_on_grid(segmentation_node, VolumeGeometry.of(volume_node))


def lies_on(segmentation_node: slicer.vtkMRMLSegmentationNode, ijk_to_local: np.ndarray, grid: VoxelGrid) -> bool:
    """Whether every labelmap counts its voxels as a grid in the segmentation's own coordinates does."""
    return _misfit(segmentation_node, ijk_to_local, grid) is None


def lies_on_grid(segmentation_node: slicer.vtkMRMLSegmentationNode, grid: VoxelGrid) -> bool:
    """Whether `check_grid` lets a segmentation pass on a grid."""
    return lies_on(segmentation_node, ijk_to_local(segmentation_node, grid), grid)


def check_editable(segmentation_node: slicer.vtkMRMLSegmentationNode) -> None:
    """Raise `StateError` unless a segmentation consists of voxels, or of nothing yet."""
    segmentation = segmentation_node.GetSegmentation()
    kind = segmentation.GetSourceRepresentationName()
    if kind == labelmaps.BINARY_LABELMAP:
        return
    every = [segmentation.GetSegment(each) for each in segment_ids(segmentation_node)]
    if not any(_has_content(each, kind) for each in every):
        for each in every:
            each.RemoveAllRepresentations()
            each.AddRepresentation(labelmaps.BINARY_LABELMAP, slicer.vtkOrientedImageData())
        segmentation.SetSourceRepresentationName(labelmaps.BINARY_LABELMAP)
        return
    raise StateError(
        f"Segmentation '{segmentation_node.GetName()}' consists of '{kind}', into which no voxel can be written: "
        "nothing was changed. In the module Segmentations, under Representations, create 'Binary labelmap' and make it "
        "the source, or begin a new segmentation."
    )


def needs_conversion(segmentation_node: slicer.vtkMRMLSegmentationNode) -> bool:
    """Whether a segmentation consists of surfaces or the like, into which no voxel can be written."""
    kind = segmentation_node.GetSegmentation().GetSourceRepresentationName()
    every = (segmentation_node.GetSegmentation().GetSegment(each) for each in segment_ids(segmentation_node))
    return bool(kind != labelmaps.BINARY_LABELMAP and any(_has_content(each, kind) for each in every))


def convert_to_labelmap(
    segmentation_node: slicer.vtkMRMLSegmentationNode, volume_node: slicer.vtkMRMLVolumeNode
) -> None:
    """Let a segmentation consist of voxels of a volume's grid, as the module Segmentations does it.

    Raises
    ------
    StateError
        If Slicer knows no way from what the segmentation consists of to voxels; nothing is changed then.
    """
    segmentation = segmentation_node.GetSegmentation()
    kind = segmentation.GetSourceRepresentationName()
    segmentation_node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    # voxels that were made of it before may lie on another grid
    if not segmentation.CreateRepresentation(labelmaps.BINARY_LABELMAP, True):
        raise StateError(f"Slicer makes no labelmap of '{kind}': begin a new segmentation.")
    segmentation.SetSourceRepresentationName(labelmaps.BINARY_LABELMAP)


def follow_volume_where_empty(
    segmentation_node: slicer.vtkMRMLSegmentationNode, volume_node: slicer.vtkMRMLVolumeNode
) -> None:
    """Let a segmentation without any labelmap begin on the volume's present grid."""
    if all(labelmap.IsEmpty() for labelmap, _ in labelmaps.layers_of(segmentation_node, None)):
        segmentation_node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)


def _misfit(
    segmentation_node: slicer.vtkMRMLSegmentationNode, ijk_to_local: np.ndarray, grid: VoxelGrid
) -> np.ndarray | None:
    """(4, 4) from the voxels of a labelmap that does not lie on a grid to the grid's, or None where all do."""
    for labelmap, _ in labelmaps.layers_of(segmentation_node, None):
        if labelmap.IsEmpty():
            continue
        label_to_ijk = np.linalg.solve(ijk_to_local, labelmaps.ijk_to_local_of(labelmap))
        ends = (*Extent(*labelmap.GetExtent()).corners_ijk, *grid.extent.corners_ijk)
        corners = np.array([[*corner, 1.0] for corner in ends]).T
        if np.abs((label_to_ijk @ corners - corners)[:3]).max() > _GRID_TOLERANCE_VOXELS:
            return label_to_ijk
    return None


def _what_differs(label_to_ijk: np.ndarray) -> str:
    """In words, from the matrix that carries the segmentation's voxels to the volume's."""
    linear, shift = label_to_ijk[:3, :3], label_to_ijk[:3, 3]
    sizes = np.linalg.norm(linear, axis=0)
    if np.abs(sizes - 1).max() > _GRID_TOLERANCE_VOXELS:
        return "its voxels have " + " x ".join(f"{each:.4g}" for each in sizes) + " times the size of the scan's"
    if np.abs(linear - np.eye(3)).max() > _GRID_TOLERANCE_VOXELS:
        return "another orientation or transform"
    return "another origin or transform, off by " + ", ".join(f"{each:.4g}" for each in shift) + " voxels in i, j, k"


def _has_content(segment: slicer.vtkSegment, kind: str) -> bool:
    content = segment.GetRepresentation(kind)
    if content is None:
        return False
    return not content.IsEmpty() if hasattr(content, "IsEmpty") else bool(content.GetNumberOfPoints())


def segment_id_for(class_id: str) -> str:
    """Id of a new segment for a class."""
    return f"RWTHSAM_{class_id}"


def describe(segment: slicer.vtkSegment, entry: ProfileClass) -> None:
    """Give a segment name, colour, lock and terminology of a class."""
    segment.SetName(entry.name)
    segment.SetColor(list(entry.color))
    segment.SetTag(CLASS_ID_TAG, entry.id)
    segment.SetTag(LOCKED_TAG, "1" if entry.locked else "0")
    if entry.terminology:
        segment.SetTag(segment.GetTerminologyEntryTagName(), entry.terminology)


def _unclaimed_segment_named(segmentation_node: slicer.vtkMRMLSegmentationNode, name: str) -> str | None:
    segmentation = segmentation_node.GetSegmentation()
    for segment_id in segment_ids(segmentation_node):
        if class_id_of(segmentation_node, segment_id) is None and segmentation.GetSegment(segment_id).GetName() == name:
            return segment_id
    return None


def tag_of(segment: slicer.vtkSegment, name: str) -> str | None:
    """Text of a segment's tag, or None where it has no such tag."""
    value = mutable("")
    return str(value) if segment.GetTag(name, value) else None
