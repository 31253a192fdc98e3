"""Slices of a finer level over those of the scan that the views show, each in the view that shows its place."""

from __future__ import annotations

import numpy as np
import slicer

from ...core.slices import ARRAY_AXIS, SliceKey
from ...core.voxel_grid import VoxelGrid
from ...core.window import Window
from ..nodes.temporary_nodes import remove_with_display
from ..nodes.volumes import add_hidden_volume, show_window


class FineSlices:
    """What slice views show in front of the scan.

    Parameters
    ----------
    scene : vtkMRMLScene
    grid : VoxelGrid
        Of the finer level.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, grid: VoxelGrid) -> None:
        self._scene, self._grid = scene, grid
        self._nodes: dict[str, slicer.vtkMRMLVolumeNode] = {}
        self._keys: dict[str, SliceKey] = {}

    def shown_in(self, slice_node: slicer.vtkMRMLSliceNode) -> SliceKey | None:
        """The slice that a view shows of the finer level, or None."""
        return self._keys.get(slice_node.GetID())

    def show(
        self, slice_node: slicer.vtkMRMLSliceNode, key: SliceKey, values: np.ndarray, window: Window | None
    ) -> None:
        """Show grey values (rows, columns) of a slice in a view; they hide the scan only where they lie."""
        self.hide(slice_node)
        place = self._grid.part(key.extent((0, 0, values.shape[1] - 1, values.shape[0] - 1)))
        voxels_kji = np.expand_dims(values, ARRAY_AXIS[key.axis])
        node = add_hidden_volume(self._scene, voxels_kji, place, f"Full resolution {key.text}")
        if window is not None:
            show_window(node, window)
        composite = slicer.vtkMRMLSliceLogic.GetSliceCompositeNode(slice_node)
        composite.SetForegroundVolumeID(node.GetID())
        composite.SetForegroundOpacity(1.0)
        self._nodes[slice_node.GetID()], self._keys[slice_node.GetID()] = node, key

    def hide(self, slice_node: slicer.vtkMRMLSliceNode) -> None:
        """Let a view show the scan alone."""
        self._keys.pop(slice_node.GetID(), None)
        node = self._nodes.pop(slice_node.GetID(), None)
        if node is not None:
            composite = slicer.vtkMRMLSliceLogic.GetSliceCompositeNode(slice_node)
            if composite is not None and composite.GetForegroundVolumeID() == node.GetID():
                composite.SetForegroundVolumeID(None)
            remove_with_display(node)

    def set_window(self, window: Window) -> None:
        """Show all of them with another window."""
        for node in self._nodes.values():
            show_window(node, window)

    def clear(self) -> None:
        """Show none and leave no node behind."""
        for node_id in [*self._nodes]:
            slice_node = self._scene.GetNodeByID(node_id)
            if slice_node is not None:
                self.hide(slice_node)
        for node in self._nodes.values():
            remove_with_display(node)
        self._nodes.clear()
        self._keys.clear()
