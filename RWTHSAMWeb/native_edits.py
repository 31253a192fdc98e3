"""What the host's native tools changed, as the voxels that each segment gained and lost.

A painted stroke then costs as much memory as it is large, and locked classes keep their voxels under any tool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import slicer

from RWTHSAMLib.core.extent import Extent, union_of
from RWTHSAMLib.core.packed_voxels import PackedVoxels
from RWTHSAMLib.mrml.nodes import labelmaps, segments
from RWTHSAMLib.mrml.nodes.writing import SegmentChange, SegmentWriter


@dataclass(frozen=True, eq=False)
class NativeEdit:
    """One action of a native tool.

    Attributes
    ----------
    text : str
        Names it in the history.
    undo, redo : callable
    class_ids : tuple of str
        Classes whose voxels it changed.
    """

    text: str
    undo: Callable[[], None]
    redo: Callable[[], None]
    class_ids: tuple[str, ...] = ()


def native_edit(
    text: str,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    volume_node: slicer.vtkMRMLVolumeNode,
    before: slicer.vtkSegmentation,
    after: slicer.vtkSegmentation,
) -> NativeEdit | None:
    """The edit that led from one state of a segmentation to its present one; None if no voxel changed.

    Parameters
    ----------
    text : str
        Names the edit in the history.
    segmentation_node : vtkMRMLSegmentationNode
        The edited one.
    volume_node : vtkMRMLVolumeNode
        The scan, whose grid the voxels are on.
    before, after : vtkSegmentation
        Copies of the segmentation, taken before and after the tool was used.
    """
    extent = changed_extent(before, after)
    if extent is None:
        return None
    writer = SegmentWriter(segmentation_node, volume_node)
    _give_back_locked(writer, changes_within(extent, before, segmentation_node))
    changes = changes_within(extent, before, segmentation_node)
    if not changes:
        return None
    ids = (segments.class_id_of(segmentation_node, each.segment_id) for each in changes)
    class_ids = tuple(each for each in ids if each is not None)
    return NativeEdit(text, lambda: writer.take_back(changes), lambda: writer.do_again(changes), class_ids)


def changes_within(
    extent: Extent, before: slicer.vtkSegmentation, segmentation_node: slicer.vtkMRMLSegmentationNode
) -> tuple[SegmentChange, ...]:
    """Voxels that the segments of a node gained and lost within an extent since `before`."""
    old_node = slicer.vtkMRMLSegmentationNode()
    old_node.SetAndObserveSegmentation(before)
    changes = []
    for segment_id in segments.segment_ids(segmentation_node):
        if before.GetSegment(segment_id) is None:
            continue
        old = labelmaps.segment_voxels_kji(old_node, segment_id, extent)
        new = labelmaps.segment_voxels_kji(segmentation_node, segment_id, extent)
        changes.append(SegmentChange.between(segment_id, extent, old, new))
    return tuple(change for change in changes if change is not None)


def changed_extent(before: slicer.vtkSegmentation, after: slicer.vtkSegmentation) -> Extent | None:
    """Smallest extent that holds every voxel whose label differs, or None if none does."""
    compared: set[tuple[str, str]] = set()
    different: list[Extent | None] = []
    for segment_id in after.GetSegmentIDs():
        if before.GetSegment(segment_id) is None:
            continue
        old, new = (
            each.GetSegment(segment_id).GetRepresentation(labelmaps.BINARY_LABELMAP) for each in (before, after)
        )
        pair = (str(old and old.GetAddressAsString("")), str(new and new.GetAddressAsString("")))
        if pair not in compared:
            compared.add(pair)
            different.append(_difference(old, new))
    return union_of(each for each in different if each is not None)


def _give_back_locked(writer: SegmentWriter, changes: tuple[SegmentChange, ...]) -> None:
    """Undo the part of a change that touched locked classes."""
    locked = [each for each in changes if segments.is_locked(writer.segmentation_node, each.segment_id)]
    if not locked:
        return
    taken = np.any([each.lost.to_array() for each in locked], axis=0)
    nothing = PackedVoxels.of(np.zeros_like(taken))
    thieves = [
        SegmentChange(each.segment_id, each.extent, PackedVoxels.of(each.gained.to_array() & taken), nothing)
        for each in changes
        if each not in locked
    ]
    writer.take_back([*thieves, *locked])


def _difference(old: slicer.vtkOrientedImageData | None, new: slicer.vtkOrientedImageData | None) -> Extent | None:
    whole = union_of(each for each in map(labelmaps.extent_of, (old, new)) if each is not None)
    return None if whole is None else Extent.around(_labels(old, whole) != _labels(new, whole), whole.first_ijk)


def _labels(image: slicer.vtkOrientedImageData | None, whole: Extent) -> np.ndarray:
    """Labels of an image within an extent that holds all of it; 0 where the image does not reach."""
    own = labelmaps.extent_of(image)
    if image is None or own is None:
        return np.zeros(whole.shape_kji, np.uint8)
    values = labelmaps.labels_kji(image)
    if own == whole:
        return values
    result = np.zeros(whole.shape_kji, values.dtype)
    result[own.slices_kji(whole.first_ijk)] = values
    return result
