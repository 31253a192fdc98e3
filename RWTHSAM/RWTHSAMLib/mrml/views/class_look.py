"""How classes look on the slices and as surfaces: shown or not, how opaque, filled or as outlines only."""

from __future__ import annotations

from dataclasses import dataclass

import slicer

from ...core.json_document import Json, Node
from ...errors import InputError
from ..nodes import segments

_DIGITS = 3


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


def looks_to_dict(segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> dict[str, Json]:
    """What `set_looks` reads: by the id of each class that does not look as by default, how it does."""
    if segmentation_node is None:
        return {}
    looks = {
        segments.class_id_of(segmentation_node, each): look_of(segmentation_node, each)
        for each in segments.segment_ids(segmentation_node)
    }
    return {
        class_id: {"visible": look.visible, "opacity": round(look.opacity, _DIGITS)}
        for class_id, look in looks.items()
        if class_id and look != ClassLook()
    }


def set_looks(segmentation_node: slicer.vtkMRMLSegmentationNode, looks: Node) -> None:
    """Let classes look as they did; one that is not named, or has no usable look, stays as it is."""
    for class_id, kept in looks.entries().items():
        segment_id = segments.segment_id_of_class(segmentation_node, class_id)
        if segment_id is None:
            continue
        try:
            look = ClassLook(kept.item("visible").flag(), kept.item("opacity").number())
        except InputError:
            continue
        if 0 <= look.opacity <= 1:
            set_look(segmentation_node, segment_id, look)


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
