"""The temporary mask: green, filled and outlined, in a hidden segmentation beside the real one.

Each prompted slice has a segment of its own with a labelmap no larger than the slice's mask, so slices far apart cost
nothing in between and no class is touched. The labelmap of an oblique plane has the plane's own pixels: it shows the
model's mask as it is, without a block of voxels round it.
"""

from __future__ import annotations

import numpy as np
import slicer

from ...core.extent import Extent
from ...core.mask import Mask
from ...core.oblique_plane import Plane
from ...core.slices import SliceKey
from ...core.voxel_block import VoxelBlock
from ..nodes import labelmaps, segments
from ..nodes.temporary_nodes import add_temporary, remove_with_display
from ..nodes.volume_geometry import VolumeGeometry

GREEN = (0.1, 0.95, 0.2)
# a choice for the eye: the scan stays legible below
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

    def show(self, plane: Plane, mask: Mask | None) -> None:
        """Show a mask, in pixels of the slice, in place of the one shown before; None or an empty mask hides it."""
        self.hide(plane)
        if mask is None or mask.is_empty:
            return
        node = self._ensured_node()
        segment = slicer.vtkSegment()
        segment.SetName(f"Temporary mask {plane.text}")
        segment.SetColor(list(GREEN))
        ijk_to_local = segments.ijk_to_local(node, VolumeGeometry.of(self._volume_node))
        segment.AddRepresentation(labelmaps.BINARY_LABELMAP, _labelmap(mask, plane, ijk_to_local))
        node.GetSegmentation().AddSegment(segment, plane.tag)
        node.GetDisplayNode().SetSegmentOpacity2DFill(plane.tag, _FILL_OPACITY)

    def hide(self, plane: Plane) -> None:
        """Stop showing a slice's mask."""
        if self._node is None or self._node.GetScene() is None:
            return
        segmentation, segment_id = self._node.GetSegmentation(), plane.tag
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


def _labelmap(mask: Mask, plane: Plane, ijk_to_local: np.ndarray) -> slicer.vtkOrientedImageData:
    if isinstance(plane, SliceKey):
        return labelmaps.oriented_image(*VoxelBlock.of_mask(mask, plane), ijk_to_local)
    x0, y0, x1, y1 = mask.bounds_xyxy
    extent = Extent(x0, x1, y0, y1, 0, 0)
    return labelmaps.oriented_image(mask.pixels[None], extent, ijk_to_local @ plane.pixel_to_ijk)
