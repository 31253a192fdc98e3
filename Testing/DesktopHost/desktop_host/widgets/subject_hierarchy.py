"""What the subject hierarchy does behind the scenes: an item for every node of data, and loud words where one lacks.

Slicer gives an item to each node that is not hidden when it is added, and follows the segments of every segmentation,
hidden or not. A segmentation that changes without an item is told to the error log at each change.
"""

from __future__ import annotations

import weakref
from typing import Any

import slicer as wheel
import vtk
from PySide6.QtCore import QObject

from ..pythonqt.runtime import call_python, critical
from .observing import Observers

# classes that a plugin of Slicer claims
_CLAIMED = (
    *("vtkMRMLVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLMarkupsNode", "vtkMRMLModelNode"),
    *("vtkMRMLTransformNode", "vtkMRMLTableNode", "vtkMRMLTextNode"),
    *("vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode"),
)
_SEGMENT_EVENTS = ("SegmentAdded", "SegmentRemoved", "SegmentModified", "SegmentsOrderModified")
_ABOUT_TO_BE_REMOVED = wheel.vtkMRMLScene.NodeAboutToBeRemovedEvent


class SubjectHierarchyPlugins(QObject):
    """Observes a scene as Slicer's subject hierarchy and its plugin for segmentations do.

    Parameters
    ----------
    scene : vtkMRMLScene
    """

    def __init__(self, scene: Any) -> None:
        super().__init__()
        self._scene = scene
        self._observers = Observers(self)
        self._observers.add(scene, scene.NodeAddedEvent, self._on_added)
        self._tag = scene.AddObserver(_ABOUT_TO_BE_REMOVED, _node_observer(self))
        self._observers.add(scene, scene.EndImportEvent, self._on_imported)
        self._observers.add(scene, scene.EndCloseEvent, self._on_closed)
        self._resolve()

    def close(self) -> None:
        """Observe nothing any more."""
        self._observers.clear()
        self._scene.RemoveObserver(self._tag)

    def item_of(self, node: Any) -> int:
        """Id of a node's item, 0 if it has none."""
        return int(self._hierarchy().GetItemByDataNode(node))

    def _on_added(self, _scene: Any, _event: int, node: Any) -> None:
        if not self._scene.IsImporting():
            self._give_item(node)
        if node.IsA("vtkMRMLSegmentationNode"):
            follow_segments(node, self)

    def _on_imported(self, _scene: Any, _event: int, _data: Any) -> None:
        for index in range(self._scene.GetNumberOfNodes()):
            self._give_item(self._scene.GetNthNode(index))

    def _on_closed(self, _scene: Any, _event: int, _data: Any) -> None:
        self._resolve()

    def _resolve(self) -> None:
        """A closed scene has lost its hierarchy: it gets a new one."""
        wheel.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(self._scene)

    def _hierarchy(self) -> Any:
        return self._scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode") or self._scene.GetSubjectHierarchyNode()

    def _give_item(self, node: Any) -> None:
        if node.GetHideFromEditors() or not any(node.IsA(each) for each in _CLAIMED) or self.item_of(node):
            return
        hierarchy = self._hierarchy()
        hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)

    def on_about_to_be_removed(self, node: Any) -> None:
        """Drop the node's item, not the node."""
        if self._scene.IsClosing() or node.IsA("vtkMRMLSubjectHierarchyNode"):
            return
        item = self.item_of(node)
        if item:
            self._hierarchy().RemoveItem(item, False, False)

    def on_segments(self, node: Any, event: str) -> None:
        """A segmentation has changed: its item is looked for."""
        if self._scene.IsImporting() or self.item_of(node):
            return
        critical(f"{event}: Failed to access subject hierarchy item for segmentation node {node.GetName()}")


def follow_segments(node: Any, plugins: SubjectHierarchyPlugins) -> None:
    """Tell the plugins of every change of a segmentation, as long as it lives, in a scene or not."""
    weak = weakref.ref(plugins)
    events = {name: getattr(wheel.vtkSegmentation, name) for name in _SEGMENT_EVENTS}
    events["DisplayModified"] = wheel.vtkMRMLDisplayableNode.DisplayModifiedEvent
    for name, event in events.items():

        def react(caller: Any, _event: str, name: str = name) -> None:
            alive = weak()
            if alive is not None:
                call_python(alive.on_segments, caller, name)

        node.AddObserver(event, react)


def _node_observer(plugins: SubjectHierarchyPlugins) -> Any:
    weak = weakref.ref(plugins)

    def react(_scene: Any, _event: str, node: Any) -> None:
        alive = weak()
        if alive is not None:
            call_python(alive.on_about_to_be_removed, node)

    return vtk.calldata_type(vtk.VTK_OBJECT)(react)
