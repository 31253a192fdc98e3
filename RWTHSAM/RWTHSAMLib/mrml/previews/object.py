"""A propagated object that is not submitted yet: green in every view, in a hidden segmentation beside the real one.

It is one labelmap, because cross views cut through all its slices. The labelmap is somewhat larger than the object, so
that most slices only change voxels of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import slicer

from ...core.extent import Extent, union_of
from ...core.mask import Mask
from ...core.slices import ARRAY_AXIS, SliceKey
from ...core.voxel_block import VoxelBlock
from ..nodes import labelmaps, segments
from ..nodes.temporary_nodes import add_temporary, remove_with_display
from ..nodes.volume_geometry import VolumeGeometry
from .mask import GREEN

_SEGMENT = "object"
# a choice for the eye: the scan stays legible below
_FILL_OPACITY = 0.3
# a choice: a growing object does not make its labelmap anew with every slice
_MARGIN_PX, _MARGIN_SLICES = 24, 16


class ObjectPreview:
    """Shows one object of a volume.

    Parameters
    ----------
    scene : vtkMRMLScene
    volume_node : vtkMRMLVolumeNode
        The object lies on its voxel grid.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, volume_node: slicer.vtkMRMLVolumeNode) -> None:
        self._scene, self._volume_node = scene, volume_node
        self._node: slicer.vtkMRMLSegmentationNode | None = None
        self._shown: dict[SliceKey, Mask] = {}

    @property
    def node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation, or None while there is nothing to show."""
        return self._node

    def show(self, masks: Mapping[SliceKey, Mask]) -> None:
        """Show exactly these slices; those that are shown already cost nothing."""
        wanted = {key: mask for key, mask in masks.items() if not mask.is_empty}
        if not wanted:
            self.clear()
            return
        if self._node is None or self._node.GetScene() is None:
            self._shown = {}
            self._node = self._new_node()
        labelmap = self._roomy_labelmap(self._node, wanted)
        changed = [key for key in {*self._shown, *wanted} if self._shown.get(key) is not wanted.get(key)]
        for key in changed:
            _draw(labelmap, key, self._shown.get(key), wanted.get(key))
        self._shown = wanted
        if changed:
            labelmaps.tell(self._node.GetSegmentation(), _SEGMENT, labelmap)

    def clear(self) -> None:
        """Show nothing and leave no node behind."""
        remove_with_display(self._node)
        self._node, self._shown = None, {}

    def _new_node(self) -> slicer.vtkMRMLSegmentationNode:
        node = add_temporary(
            self._scene, "vtkMRMLSegmentationNode", "RWTHSAM propagated object", like=self._volume_node
        )
        node.SetReferenceImageGeometryParameterFromVolumeNode(self._volume_node)
        segment = slicer.vtkSegment()
        segment.SetName("Propagated object")
        segment.SetColor(list(GREEN))
        node.GetSegmentation().AddSegment(segment, _SEGMENT)
        display = node.GetDisplayNode()
        display.SetVisibility3D(False)
        display.SetSegmentOpacity2DFill(_SEGMENT, _FILL_OPACITY)
        return node

    def _roomy_labelmap(
        self, node: slicer.vtkMRMLSegmentationNode, wanted: Mapping[SliceKey, Mask]
    ) -> slicer.vtkOrientedImageData:
        """The labelmap, made anew where it does not reach so far."""
        needed = _around(wanted)
        segment = node.GetSegmentation().GetSegment(_SEGMENT)
        labelmap = segment.GetRepresentation(labelmaps.BINARY_LABELMAP)
        if (whole := labelmaps.extent_of(labelmap)) is not None and whole.contains(needed):
            return labelmap
        geometry = VolumeGeometry.of(self._volume_node)
        extent = _widened(needed, next(iter(wanted)).axis, geometry.shape_kji)
        empty = np.zeros(extent.shape_kji, np.uint8)
        made = labelmaps.oriented_image(empty, extent, segments.ijk_to_local(node, geometry))
        segment.AddRepresentation(labelmaps.BINARY_LABELMAP, made)
        self._shown = {}
        return segment.GetRepresentation(labelmaps.BINARY_LABELMAP)


def _draw(labelmap: slicer.vtkOrientedImageData, key: SliceKey, old: Mask | None, new: Mask | None) -> None:
    labels, whole = labelmaps.labels_kji(labelmap), Extent(*labelmap.GetExtent())
    for mask, label in ((old, 0), (new, 1)):
        if mask is not None:
            voxels, extent = VoxelBlock.of_mask(mask, key)
            labels[extent.slices_kji(whole.first_ijk)][voxels] = label


def _around(masks: Mapping[SliceKey, Mask]) -> Extent:
    extent = union_of(key.extent(mask.bounds_xyxy) for key, mask in masks.items())
    assert extent is not None  # nobody asks for room for nothing
    return extent


def _widened(extent: Extent, axis: str, shape_kji: tuple[int, int, int]) -> Extent:
    """With room for more: twice as many slices, and a margin around them, as far as the volume goes."""
    along = ARRAY_AXIS[axis]
    margins_kji = [_MARGIN_PX] * 3
    margins_kji[along] = max(_MARGIN_SLICES, (extent.shape_kji[along] - 1) // 2)
    return extent.with_margin(margins_kji[::-1], Extent.of_shape(shape_kji))
