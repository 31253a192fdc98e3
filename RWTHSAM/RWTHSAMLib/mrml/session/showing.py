"""Moving the slice views to a place."""

from __future__ import annotations

import slicer
import vtk

from .workspace import Workspace


def show_place(workspace: Workspace, ijk: tuple[float, float, float]) -> None:
    """Let every slice view show a place of the scan; one that would have it beside its window is moved there."""
    world = workspace.require_geometry().ras_of(ijk)
    for node in workspace.slice_nodes():
        node.JumpSliceByOffsetting(*world)
        if not _is_in_window(node, world):
            node.JumpSliceByCentering(*world)


def _is_in_window(node: slicer.vtkMRMLSliceNode, world: tuple[float, float, float]) -> bool:
    to_view = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(node.GetXYToRAS(), to_view)
    x, y = to_view.MultiplyPoint((*world, 1.0))[:2]
    width, height = node.GetDimensions()[:2]
    return bool(0 <= x < width and 0 <= y < height)
