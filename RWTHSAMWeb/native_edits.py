"""What the host's native tools changed, as the voxels that each segment gained and lost.

A painted stroke then costs as much memory as it is large, and locked classes keep their voxels under any tool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import slicer
from vtkmodules.util.numpy_support import vtk_to_numpy

from RWTHSAMLib.core.packed_voxels import PackedVoxels
from RWTHSAMLib.core.slices import Extent
from RWTHSAMLib.core.voxel_block import common_extent
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
    """What the segments of a node gained and lost within an extent since `before`."""
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
    found: Extent | None = None
    for segment_id in after.GetSegmentIDs():
        if before.GetSegment(segment_id) is None:
            continue
        old, new = (
            each.GetSegment(segment_id).GetRepresentation(labelmaps.BINARY_LABELMAP) for each in (before, after)
        )
        pair = (str(old and old.GetAddressAsString("")), str(new and new.GetAddressAsString("")))
        if pair not in compared:
            compared.add(pair)
            found = _union(found, _difference(old, new))
    return found


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
    whole = _union(_extent_of(old), _extent_of(new))
    if whole is None:
        return None
    differs = _labels(old, whole) != _labels(new, whole)
    if not differs.any():
        return None
    b: list[int] = []
    for low, others in zip((whole[0], whole[2], whole[4]), ((0, 1), (0, 2), (1, 2)), strict=True):
        hit = np.flatnonzero(differs.any(axis=others))
        b += [low + int(hit[0]), low + int(hit[-1])]
    return b[0], b[1], b[2], b[3], b[4], b[5]


def _labels(image: slicer.vtkOrientedImageData | None, whole: Extent) -> np.ndarray:
    """Labels of an image within an extent that holds all of it; 0 where the image does not reach."""
    own = _extent_of(image)
    if image is None or own is None:
        return np.zeros(labelmaps.extent_shape_kji(whole), np.uint8)
    values: np.ndarray = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(labelmaps.extent_shape_kji(own))
    if own == whole:
        return values
    result = np.zeros(labelmaps.extent_shape_kji(whole), values.dtype)
    i, j, k = (slice(own[2 * a] - whole[2 * a], own[2 * a + 1] - whole[2 * a] + 1) for a in range(3))
    result[k, j, i] = values
    return result


def _extent_of(image: slicer.vtkOrientedImageData | None) -> Extent | None:
    return None if image is None or image.IsEmpty() else image.GetExtent()


def _union(first: Extent | None, second: Extent | None) -> Extent | None:
    return common_extent(each for each in (first, second) if each is not None)
