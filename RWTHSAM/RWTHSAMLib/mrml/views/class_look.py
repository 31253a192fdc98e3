"""How classes look on the slices and as surfaces: shown or not, how opaque, filled or as outlines only."""

from __future__ import annotations

from dataclasses import dataclass

import slicer


@dataclass(frozen=True)
class ClassLook:
    """Of one segment; `opacity` from 0 to 1."""

    visible: bool = True
    opacity: float = 1.0


def look_of(segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str) -> ClassLook:
    """How a segment looks now; the opacity is that of its fill, 1 as the host shows it by default."""
    display = segmentation_node.GetDisplayNode()
    if display is None:
        return ClassLook()
    return ClassLook(bool(display.GetSegmentVisibility(segment_id)), float(display.GetSegmentOpacity3D(segment_id)))


def set_look(segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str, look: ClassLook) -> None:
    """Let a segment look otherwise in all views; no voxel changes."""
    display = segmentation_node.GetDisplayNode()
    if display is None:
        return
    display.SetSegmentVisibility(segment_id, look.visible)
    display.SetSegmentOpacity3D(segment_id, look.opacity)
    display.SetSegmentOpacity2DFill(segment_id, look.opacity)
    display.SetSegmentOpacity2DOutline(segment_id, look.opacity)


def fill_masks(scene: slicer.vtkMRMLScene, opacity: float, outlines_only: bool) -> None:
    """Let everything that is painted on the slices, temporary masks too, be filled more or less, or not at all.

    What has no outline is filled all the same, or nobody would see it.

    Parameters
    ----------
    scene : vtkMRMLScene
    opacity : float
        From 0 to 1, for all of them together.
    outlines_only : bool
    """
    nodes = scene.GetNodesByClass("vtkMRMLSegmentationDisplayNode")
    nodes.UnRegister(None)
    for index in range(nodes.GetNumberOfItems()):
        display = nodes.GetItemAsObject(index)
        filled = not outlines_only or not display.GetVisibility2DOutline()
        if bool(display.GetVisibility2DFill()) != filled:
            display.SetVisibility2DFill(filled)
        if abs(display.GetOpacity2DFill() - opacity) > 1e-6:
            display.SetOpacity2DFill(opacity)
