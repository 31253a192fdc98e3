"""Classes of a finer level on the slices that the views show, in place of those of the scan's coarser level there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer

from ...core.slices import ARRAY_AXIS, Ijk, SliceKey
from ...core.voxel_grid import VoxelGrid
from ...volumes.ome_zarr.merging import labels_in
from ..nodes import labelmaps, segments
from ..nodes.temporary_nodes import add_temporary, remove_with_display
from .class_look import look_of, set_look


@dataclass(frozen=True, eq=False)
class SliceLabels:
    """Labels of a slice, as far as any pixel has one.

    Attributes
    ----------
    key : SliceKey
    labels_yx : numpy.ndarray
        (rows, columns); without any pixel where the slice has no label.
    origin_xy : tuple of int
        Pixel of the slice that the first one is.
    """

    key: SliceKey
    labels_yx: np.ndarray
    origin_xy: tuple[int, int]

    @classmethod
    def cropped(cls, key: SliceKey, labels_yx: np.ndarray) -> SliceLabels:
        """Of all labels of a slice (rows, columns)."""
        rows, columns = (np.flatnonzero((labels_yx != 0).any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            return cls(key, labels_yx[:0, :0], (0, 0))
        part = labels_yx[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return cls(key, part.copy(), (int(columns[0]), int(rows[0])))


class FineClasses:
    """Shows the labels of slices, each in its view alone, where the segmentation is hidden meanwhile.

    Parameters
    ----------
    scene : vtkMRMLScene
    grid : VoxelGrid
        Of the finer level.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, grid: VoxelGrid) -> None:
        self._scene, self._grid = scene, grid
        self._nodes: dict[str, slicer.vtkMRMLSegmentationNode] = {}
        self._display: slicer.vtkMRMLSegmentationDisplayNode | None = None

    def show(
        self,
        slice_node: slicer.vtkMRMLSliceNode,
        found: SliceLabels,
        segmentation_node: slicer.vtkMRMLSegmentationNode,
        label_of: dict[str, int],
    ) -> None:
        """Show labels in a view instead of the segmentation.

        Parameters
        ----------
        slice_node : vtkMRMLSliceNode
        found : SliceLabels
        segmentation_node : vtkMRMLSegmentationNode
            Its segments have these labels, and look as these shall.
        label_of : dict of str to int
            By the segment's id.
        """
        self._remove(slice_node.GetID())
        node = add_temporary(self._scene, "vtkMRMLSegmentationNode", f"Full resolution {found.key.text}")
        node.GetDisplayNode().AddViewNodeID(slice_node.GetID())
        node.GetDisplayNode().SetVisibility3D(False)
        self._nodes[slice_node.GetID()] = node
        present = labels_in(found.labels_yx)
        for segment_id, label in label_of.items():
            if label in present:
                self._add(node, found, segment_id, found.labels_yx == label)
        self.look_like(segmentation_node)
        self._hide_where_shown(segmentation_node)

    def names_at(self, slice_node: slicer.vtkMRMLSliceNode, ijk: Ijk) -> list[str] | None:
        """Names of the classes that a view shows at a voxel (i, j, k); None where it shows the segmentation."""
        node = self._nodes.get(slice_node.GetID())
        return None if node is None else segments.names_at(node, ijk)

    def look_like(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> None:
        """Let classes look as those of the segmentation do now."""
        for node in self._nodes.values():
            for segment_id in segments.segment_ids(node):
                own, other = (each.GetSegmentation().GetSegment(segment_id) for each in (node, segmentation_node))
                if other is not None:
                    own.SetName(other.GetName())
                    own.SetColor(*other.GetColor())
                    set_look(node, segment_id, look_of(segmentation_node, segment_id))

    def hide(self, slice_node: slicer.vtkMRMLSliceNode) -> None:
        """Let a view show the segmentation itself again."""
        if slice_node.GetID() in self._nodes:
            self._remove(slice_node.GetID())
            self._hide_where_shown(None)

    def clear(self) -> None:
        """Show none, and the segmentation in all views."""
        for view_id in [*self._nodes]:
            self._remove(view_id)
        self._hide_where_shown(None)
        self._display = None

    def _add(
        self, node: slicer.vtkMRMLSegmentationNode, found: SliceLabels, segment_id: str, mask_yx: np.ndarray
    ) -> None:
        (x, y), (rows, columns) = found.origin_xy, mask_yx.shape
        extent = found.key.extent((x, y, x + columns - 1, y + rows - 1))
        voxels_kji = np.expand_dims(mask_yx, ARRAY_AXIS[found.key.axis])
        segment = slicer.vtkSegment()
        image = labelmaps.oriented_image(voxels_kji, extent, self._grid.ijk_to_ras)
        segment.AddRepresentation(labelmaps.BINARY_LABELMAP, image)
        node.GetSegmentation().AddSegment(segment, segment_id)

    def _remove(self, view_id: str) -> None:
        remove_with_display(self._nodes.pop(view_id, None))

    def _hide_where_shown(self, segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> None:
        display = self._display if segmentation_node is None else segmentation_node.GetDisplayNode()
        if self._display not in (None, display):
            self._display.RemoveAllViewNodeIDs()
        self._display = display
        if display is None:
            return
        display.RemoveAllViewNodeIDs()
        if self._nodes:
            views = self._scene.GetNodesByClass("vtkMRMLAbstractViewNode")
            views.UnRegister(None)
            every = [views.GetItemAsObject(index).GetID() for index in range(views.GetNumberOfItems())]
            for view_id in every:
                if view_id not in self._nodes:
                    display.AddViewNodeID(view_id)
