"""The temporary mask: green, filled and outlined, in a hidden segmentation beside the real one.

Each prompted slice has a segment of its own with a labelmap no larger than the slice's mask, so slices far apart cost
nothing in between and no class is touched.
"""

from __future__ import annotations

import slicer

from ..mask import Mask
from ..slices import SliceKey
from . import labelmaps, segments
from .geometry import VolumeGeometry
from .temporary_nodes import add_temporary, remove_with_display

GREEN = (0.1, 0.95, 0.2)
_FILL_OPACITY = 0.35


class Preview:
    """Shows the temporary masks of one volume.

    Parameters
    ----------
    scene : vtkMRMLScene
    volume_node : vtkMRMLVolumeNode
        The masks lie on its voxel grid.
    outlined : bool
        Whether masks have an outline; masks on crossing slices draw a line through each other with it.
    """

    def __init__(
        self, scene: slicer.vtkMRMLScene, volume_node: slicer.vtkMRMLVolumeNode, outlined: bool = True
    ) -> None:
        self._scene = scene
        self._volume_node = volume_node
        self._outlined = outlined
        self._node: slicer.vtkMRMLSegmentationNode | None = None

    @property
    def node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation, or None while there is nothing to show."""
        return self._node

    def show(self, slice_key: SliceKey, mask: Mask | None) -> None:
        """Show a slice's mask in place of the one shown before; None or an empty mask hides it."""
        self.hide(slice_key)
        if mask is None or mask.is_empty:
            return
        node = self._ensured_node()
        segment_id = _segment_id(slice_key)
        voxels, extent = labelmaps.mask_voxels_kji(mask, slice_key)
        segment = slicer.vtkSegment()
        segment.SetName(f"Temporary mask {slice_key.axis}={slice_key.index}")
        segment.SetColor(list(GREEN))
        matrix = segments.ijk_to_local(node, VolumeGeometry.of(self._volume_node))
        segment.AddRepresentation(labelmaps.BINARY_LABELMAP, labelmaps.oriented_image(voxels, extent, matrix))
        node.GetSegmentation().AddSegment(segment, segment_id)
        node.GetDisplayNode().SetSegmentOpacity2DFill(segment_id, _FILL_OPACITY)

    def hide(self, slice_key: SliceKey) -> None:
        """Stop showing a slice's mask."""
        if self._node is None or self._node.GetScene() is None:
            return
        segmentation, segment_id = self._node.GetSegmentation(), _segment_id(slice_key)
        if segmentation.GetSegment(segment_id) is not None:
            segmentation.RemoveSegment(segment_id)

    def clear(self) -> None:
        """Show nothing and leave no node behind."""
        remove_with_display(self._node)
        self._node = None

    def _ensured_node(self) -> slicer.vtkMRMLSegmentationNode:
        if self._node is None or self._node.GetScene() is None:
            self._node = add_temporary(
                self._scene, "vtkMRMLSegmentationNode", "RWTHSAM temporary mask", like=self._volume_node
            )
            self._node.SetReferenceImageGeometryParameterFromVolumeNode(self._volume_node)
            self._node.GetDisplayNode().SetVisibility3D(False)
            self._node.GetDisplayNode().SetVisibility2DOutline(self._outlined)
        return self._node


def _segment_id(slice_key: SliceKey) -> str:
    return f"{slice_key.axis}{slice_key.index}"
