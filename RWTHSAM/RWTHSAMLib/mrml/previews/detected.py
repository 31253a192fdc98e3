"""Detected objects, each in its colour, on the slices that are looked at.

Colours repeat, so a hidden segmentation of a dozen segments shows thousands of objects; only the slices in view are in
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import slicer

from ...core.color import Color
from ...core.mask import Mask
from ...core.slices import SliceKey
from ...core.voxel_block import VoxelBlock
from ..nodes import labelmaps, segments
from ..nodes.temporary_nodes import add_temporary, remove_with_display
from ..nodes.volume_geometry import VolumeGeometry

# choices for the eye: the scan stays legible below, what is selected stands out
_FILL_OPACITY, _SELECTED_FILL_OPACITY = 0.3, 0.75


@dataclass(frozen=True)
class Look:
    """How an object is shown."""

    color: Color
    is_selected: bool = False


Shown = Mapping[SliceKey, list[tuple[Mask, Look]]]


class DetectedPreview:
    """Shows objects of one volume.

    Parameters
    ----------
    scene : vtkMRMLScene
    volume_node : vtkMRMLVolumeNode
    """

    def __init__(self, scene: slicer.vtkMRMLScene, volume_node: slicer.vtkMRMLVolumeNode) -> None:
        self._scene, self._volume_node = scene, volume_node
        self._node: slicer.vtkMRMLSegmentationNode | None = None

    @property
    def node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation, or None while nothing is shown."""
        return self._node

    def show(self, shown: Shown) -> None:
        """Show exactly these masks."""
        groups = {
            (key, look): _together(shown[key], look) for key in shown for look in {look for _, look in shown[key]}
        }
        if not groups:
            self.clear()
            return
        node = self._ensured_node()
        node.GetSegmentation().RemoveAllSegments()
        for number, ((key, look), mask) in enumerate(groups.items()):
            self._add(node, f"{number}", key, look, mask)

    def clear(self) -> None:
        """Show nothing and leave no node behind."""
        remove_with_display(self._node)
        self._node = None

    def _add(
        self, node: slicer.vtkMRMLSegmentationNode, segment_id: str, key: SliceKey, look: Look, mask: Mask
    ) -> None:
        voxels, extent = VoxelBlock.of_mask(mask, key)
        matrix = segments.ijk_to_local(node, VolumeGeometry.of(self._volume_node))
        segment = slicer.vtkSegment()
        segment.SetName(f"Objects {key.axis}={key.index}")
        segment.SetColor(list(look.color))
        segment.AddRepresentation(labelmaps.BINARY_LABELMAP, labelmaps.oriented_image(voxels, extent, matrix))
        node.GetSegmentation().AddSegment(segment, segment_id)
        opacity = _SELECTED_FILL_OPACITY if look.is_selected else _FILL_OPACITY
        node.GetDisplayNode().SetSegmentOpacity2DFill(segment_id, opacity)

    def _ensured_node(self) -> slicer.vtkMRMLSegmentationNode:
        if self._node is None or self._node.GetScene() is None:
            self._node = add_temporary(
                self._scene, "vtkMRMLSegmentationNode", "RWTHSAM found objects", like=self._volume_node
            )
            self._node.SetReferenceImageGeometryParameterFromVolumeNode(self._volume_node)
            self._node.GetDisplayNode().SetVisibility3D(False)
        return self._node


def _together(masks: list[tuple[Mask, Look]], look: Look) -> Mask:
    """The union of the masks with a look."""
    of_look = [mask for mask, each in masks if each == look]
    whole = np.zeros(of_look[0].shape_yx, bool)
    for mask in of_look:
        (x, y), (rows, columns) = mask.origin_xy, mask.pixels.shape
        whole[y : y + rows, x : x + columns] |= mask.pixels
    return Mask.from_array(whole)
