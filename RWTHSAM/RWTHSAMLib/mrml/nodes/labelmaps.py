"""Small pieces of binary labelmaps: never more of a volume than the extent that is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import slicer
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import VTK_UNSIGNED_CHAR
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from ...core.extent import Extent
from ...core.mask import Mask
from ...core.oblique_plane import ObliquePlane
from ...volumes.oblique import nearest_on
from . import matrices

BINARY_LABELMAP = "Binary labelmap"
_FEW_SEGMENTS = 8
"""A choice: more comparisons of the whole block cost more than finding its labels once."""


def oriented_image(voxels_kji: np.ndarray, extent: Extent, ijk_to_local: np.ndarray) -> slicer.vtkOrientedImageData:
    """uint8 labelmap of an extent.

    Parameters
    ----------
    voxels_kji : numpy.ndarray
        (k, j, i) values of exactly the voxels of `extent`.
    extent : Extent
        (i_min, i_max, j_min, j_max, k_min, k_max), both ends inside.
    ijk_to_local : numpy.ndarray
        (4, 4) from voxel index to the segmentation's own coordinates (before its parent transform).
    """
    image = slicer.vtkOrientedImageData()
    image.SetExtent(extent)
    image.AllocateScalars(VTK_UNSIGNED_CHAR, 1)
    vtk_to_numpy(image.GetPointData().GetScalars()).reshape(extent.shape_kji)[:] = voxels_kji
    image.SetImageToWorldMatrix(matrices.to_vtk(ijk_to_local))
    return image


def extent_of(labelmap: slicer.vtkOrientedImageData | None) -> Extent | None:
    """The voxels that a labelmap reaches over, or None where it has none."""
    return None if labelmap is None or labelmap.IsEmpty() else Extent(*labelmap.GetExtent())


def segment_voxels_kji(
    segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str, extent: Extent
) -> np.ndarray:
    """Which voxels of an extent belong to a segment: bool (k, j, i), a copy."""
    held = voxels_by_segment(segmentation_node, extent, [segment_id])
    return held.get(segment_id, np.zeros(extent.shape_kji, bool))


def segment_on_plane(segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str, plane: ObliquePlane) -> Mask:
    """What a segment has on a plane: the pixels whose centres lie in one of its voxels."""
    for labelmap, label_of in layers_of(segmentation_node, [segment_id]):
        labels = nearest_on(labels_kji(labelmap), Extent(*labelmap.GetExtent()).first_ijk, plane)
        return Mask.from_array(labels == label_of[segment_id])
    return Mask.from_array(np.zeros(plane.shape_yx(), bool))


def voxels_by_segment(
    segmentation_node: slicer.vtkMRMLSegmentationNode, extent: Extent, segment_ids: Iterable[str] | None = None
) -> dict[str, np.ndarray]:
    """The segments that have any voxel of an extent, and which: bool (k, j, i), copies.

    Each labelmap is looked at once, however many segments share it.
    """
    held: dict[str, np.ndarray] = {}
    for labelmap, label_of in layers_of(segmentation_node, segment_ids):
        own = Extent(*labelmap.GetExtent())
        common = own.intersection(extent)
        if common is None:
            continue
        labels = labels_kji(labelmap)[common.slices_kji(own.first_ijk)]
        # comparing is some ten times as fast as finding all labels
        present = set(np.unique(labels).tolist()) if len(label_of) > _FEW_SEGMENTS else label_of.values()
        for segment_id, label in label_of.items():
            if label in present and (inside := labels == label).any():
                held[segment_id] = np.zeros(extent.shape_kji, bool)
                held[segment_id][common.slices_kji(extent.first_ijk)] = inside
    return held


def layers_of(
    segmentation_node: slicer.vtkMRMLSegmentationNode, segment_ids: Iterable[str] | None
) -> Iterable[tuple[slicer.vtkOrientedImageData, dict[str, int]]]:
    """The labelmaps that hold any voxel, each with the label of every segment in it."""
    segmentation = segmentation_node.GetSegmentation()
    layers: dict[int, tuple[slicer.vtkOrientedImageData, dict[str, int]]] = {}
    for segment_id in segmentation.GetSegmentIDs() if segment_ids is None else segment_ids:
        segment = segmentation.GetSegment(segment_id)
        labelmap = segment.GetRepresentation(BINARY_LABELMAP)
        if _has_voxels(labelmap):
            layers.setdefault(id(labelmap), (labelmap, {}))[1][segment_id] = segment.GetLabelValue()
    return layers.values()


def voxels_beyond(segmentation_node: slicer.vtkMRMLSegmentationNode, extent: Extent) -> int:
    """How many labelled voxels lie outside an extent; one in several layers counts as often."""
    beyond = 0
    for labelmap, _ in layers_of(segmentation_node, None):
        own = Extent(*labelmap.GetExtent())
        if extent.contains(own):
            continue
        labels, common = labels_kji(labelmap), own.intersection(extent)
        inside = 0 if common is None else np.count_nonzero(labels[common.slices_kji(own.first_ijk)])
        beyond += int(np.count_nonzero(labels) - inside)
    return beyond


def _has_voxels(labelmap: slicer.vtkOrientedImageData | None) -> bool:
    return labelmap is not None and not labelmap.IsEmpty() and labelmap.GetPointData().GetScalars() is not None


def ijk_to_local_of(labelmap: slicer.vtkOrientedImageData) -> np.ndarray:
    """(4, 4) from a labelmap's voxel index to the segmentation's own coordinates."""
    matrix = vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(matrix)
    return matrices.to_numpy(matrix)


def extent_of_segment(segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str) -> Extent | None:
    """The smallest extent that holds a segment's voxels, or None where it has none."""
    for labelmap, label_of in layers_of(segmentation_node, [segment_id]):
        return Extent.around(labels_kji(labelmap) == label_of[segment_id], Extent(*labelmap.GetExtent()).first_ijk)
    return None


def stamps(segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> tuple[tuple[str, int], ...]:
    """Something that is equal as long as no voxel has changed."""
    if segmentation_node is None:
        return ()
    layers = (labelmap for labelmap, _ in layers_of(segmentation_node, None))
    return tuple((each.GetAddressAsString(""), each.GetPointData().GetScalars().GetMTime()) for each in layers)


def write_in_place(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    segment_id: str,
    voxels_kji: np.ndarray,
    extent: Extent,
    displaceable: Collection[str],
) -> bool:
    """Let a segment gain voxels in the labelmap that it has; False, and nothing done, where that does not suffice.

    It suffices where the labelmap reaches so far, no other segment of the same labelmap, but for those in
    `displaceable`, has any of the voxels, and nothing else, such as a surface, was made of the labelmaps. Slicer's own
    function copies the whole labelmap several times instead.
    """
    segmentation = segmentation_node.GetSegmentation()
    segment = segmentation.GetSegment(segment_id)
    labelmap = segment.GetRepresentation(BINARY_LABELMAP)
    if not _has_voxels(labelmap):
        return False
    own = Extent(*labelmap.GetExtent())
    if not own.contains(extent) or _has_more_than_labelmaps(segmentation):
        return False
    labels = labels_kji(labelmap)[extent.slices_kji(own.first_ijk)]
    sharing = [segmentation.GetSegment(each) for each in displaceable]
    may_go = {0, segment.GetLabelValue()}
    may_go |= {each.GetLabelValue() for each in sharing if each.GetRepresentation(BINARY_LABELMAP) is labelmap}
    if not set(np.unique(labels[voxels_kji]).tolist()) <= may_go:
        return False
    if (labels[voxels_kji] != segment.GetLabelValue()).any():
        labels[voxels_kji] = segment.GetLabelValue()
        tell(segmentation, segment_id, labelmap)
    return True


def erase_in_place(
    segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str, voxels_kji: np.ndarray, extent: Extent
) -> bool:
    """Let a segment lose voxels; False, and nothing done, where anything else was made of the labelmaps."""
    segmentation = segmentation_node.GetSegmentation()
    if _has_more_than_labelmaps(segmentation):
        return False
    segment = segmentation.GetSegment(segment_id)
    labelmap = segment.GetRepresentation(BINARY_LABELMAP)
    if not _has_voxels(labelmap):
        return True
    own = Extent(*labelmap.GetExtent())
    common = own.intersection(extent)
    if common is not None:
        labels = labels_kji(labelmap)[common.slices_kji(own.first_ijk)]
        lost = voxels_kji[common.slices_kji(extent.first_ijk)] & (labels == segment.GetLabelValue())
        if lost.any():
            labels[lost] = 0
            tell(segmentation, segment_id, labelmap)
    return True


def _has_more_than_labelmaps(segmentation: slicer.vtkSegmentation) -> bool:
    """Whether there are surfaces or the like, which Slicer's own function makes anew within every write."""
    names: list[str] = []
    segmentation.GetContainedRepresentationNames(names)
    return len(names) > 1


def tell(segmentation: slicer.vtkSegmentation, segment_id: str, labelmap: slicer.vtkOrientedImageData) -> None:
    """Say what Slicer's own function says after a write: views and histories listen for that."""
    labelmap.GetPointData().GetScalars().Modified()
    segmentation.InvokeEvent(segmentation.SourceRepresentationModified, segment_id)
    segmentation.InvokeEvent(segmentation.RepresentationModified, segment_id)


def labels_kji(labelmap: slicer.vtkOrientedImageData) -> np.ndarray:
    """View of a labelmap's voxels (k, j, i)."""
    voxels: np.ndarray = vtk_to_numpy(labelmap.GetPointData().GetScalars())
    return voxels.reshape(Extent(*labelmap.GetExtent()).shape_kji)
