"""One place shown in all slice views at once, with Slicer's own crosshair on it.

The place is the middle of a voxel: rounding then cannot let one view show a neighbour of what another one shows.
"""

from __future__ import annotations

from collections.abc import Iterable

import slicer

from ..nodes.volume_geometry import VolumeGeometry


def show(
    scene: slicer.vtkMRMLScene,
    geometry: VolumeGeometry,
    ijk: tuple[int, int, int],
    others: Iterable[slicer.vtkMRMLSliceNode],
) -> None:
    """Put the crosshair onto a voxel, and let slice views go there.

    Parameters
    ----------
    scene : vtkMRMLScene
    geometry : VolumeGeometry
    ijk : tuple of int
        The voxel.
    others : iterable of vtkMRMLSliceNode
        Tilted ones keep their direction; zoom and the place of the picture stay.
    """
    world = geometry.ras_of(ijk)
    node = _node(scene)
    if node is not None:
        node.SetCrosshairRAS(*world)
        node.SetCrosshairMode(slicer.vtkMRMLCrosshairNode.ShowBasic)
    for each in others:
        each.JumpSliceByOffsetting(*world)


def hide(scene: slicer.vtkMRMLScene) -> None:
    """Show no crosshair any more."""
    node = _node(scene)
    if node is not None and node.GetCrosshairMode() != slicer.vtkMRMLCrosshairNode.NoCrosshair:
        node.SetCrosshairMode(slicer.vtkMRMLCrosshairNode.NoCrosshair)


def _node(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLCrosshairNode | None:
    """The host's own; a scene without a host has none."""
    return scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
