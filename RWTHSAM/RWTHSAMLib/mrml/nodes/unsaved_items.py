"""Keeps the data tree's items of temporary nodes out of saved scenes.

Every temporary node has an item in the subject hierarchy, as `temporary_nodes` explains. Slicer saves the nodes of a
scene that are to be saved, but all items of its subject hierarchy: a scene that is opened again would have entries of
nodes that it does not have. No event comes before a scene is saved. The subject hierarchy, however, sets an attribute,
its version, right before it is written: in this moment the items move to a hierarchy outside the scene, where Slicer
finds them by their nodes as before, and `settle` brings them back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import slicer
from vtkmodules.vtkCommonCore import vtkCommand

from .temporary_nodes import OWNER_ATTRIBUTE
from .weak_reaction import WeakReaction

_VERSION_ATTRIBUTE = "SubjectHierarchyVersion"


class UnsavedItems:
    """Watches the subject hierarchy of a scene.

    Parameters
    ----------
    scene : vtkMRMLScene

    Notes
    -----
    Scene and hierarchy refer to the watch weakly, as `weak_reaction` explains.
    """

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self._scene = scene
        self._hierarchy: slicer.vtkMRMLSubjectHierarchyNode | None = None
        self._hierarchy_tag = 0
        self._outside = slicer.vtkMRMLSubjectHierarchyNode()
        self._folder = self._outside.CreateFolderItem(self._outside.GetSceneItemID(), "not saved")
        self._moved: list[slicer.vtkMRMLNode] = []
        # who looks for an item's parents, up to the scene, finds them again before anything else happens
        reactions = {scene.NodeAddedEvent: self._follow, scene.StartCloseEvent: self.settle}
        self._scene_tags = [scene.AddObserver(event, WeakReaction(react)) for event, react in reactions.items()]
        self._follow()

    def settle(self) -> None:
        """Bring the items back that a save has moved; called before anything else is done, cheap without a save."""
        hierarchy = self._hierarchy
        if hierarchy is None or hierarchy.GetAttribute(_VERSION_ATTRIBUTE) is None:
            return
        moved, self._moved = self._moved, []
        with _without_a_word(hierarchy):
            for node in moved:
                if node.GetScene() is self._scene and (item := hierarchy.GetItemByDataNode(node)):
                    hierarchy.SetItemParent(item, hierarchy.GetSceneItemID())
            hierarchy.RemoveAttribute(_VERSION_ATTRIBUTE)  # the next save sets it again

    def close(self) -> None:
        """Stop watching; safe to call twice."""
        self.settle()
        for tag in self._scene_tags:
            self._scene.RemoveObserver(tag)
        self._watch(None)

    def _follow(self) -> None:
        """Watch the scene's present hierarchy: a closed scene loses it and gets another."""
        current = self._scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode")
        if current is not self._hierarchy:
            self._watch(current)

    def _watch(self, hierarchy: slicer.vtkMRMLSubjectHierarchyNode | None) -> None:
        if self._hierarchy is not None:
            self._hierarchy.RemoveObserver(self._hierarchy_tag)
        self._hierarchy = hierarchy
        if hierarchy is not None:
            with _without_a_word(hierarchy):
                hierarchy.RemoveAttribute(_VERSION_ATTRIBUTE)  # that of an opened scene tells of no save
            reaction = WeakReaction(self._on_hierarchy_changed)
            self._hierarchy_tag = hierarchy.AddObserver(vtkCommand.ModifiedEvent, reaction)

    def _on_hierarchy_changed(self) -> None:
        hierarchy, scene = self._hierarchy, self._scene
        if hierarchy is None or hierarchy.GetAttribute(_VERSION_ATTRIBUTE) is None:
            return
        if scene.IsClosing() or scene.IsImporting() or scene.IsRestoring():
            return
        with _without_a_word(hierarchy):
            for node in self._temporary_nodes():
                item = hierarchy.GetItemByDataNode(node)
                if item and hierarchy.GetItemParent(item) == hierarchy.GetSceneItemID():
                    hierarchy.SetItemParent(item, self._folder)
                    self._moved.append(node)

    def _temporary_nodes(self) -> Iterator[slicer.vtkMRMLNode]:
        every = (self._scene.GetNthNode(index) for index in range(self._scene.GetNumberOfNodes()))
        return (each for each in every if each.GetAttribute(OWNER_ATTRIBUTE) and not each.GetSaveWithScene())


@contextmanager
def _without_a_word(hierarchy: slicer.vtkMRMLSubjectHierarchyNode) -> Iterator[None]:
    """Let nobody hear of changes: Slicer's tree need not follow, and the saved scene counts as saved."""
    before = hierarchy.GetDisableModifiedEvent()
    hierarchy.SetDisableModifiedEvent(1)
    try:
        yield
    finally:
        hierarchy.SetDisableModifiedEvent(before)
