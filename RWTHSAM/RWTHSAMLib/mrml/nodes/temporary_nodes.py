"""Nodes that only show the state of a session: hidden from lists, never saved, made again when missing.

A host may follow its scene closely, as Slicer does, and such a node must not be noticed by a person:

- every segmentation needs an item of the subject hierarchy, hidden or not: Slicer looks for it at each change of a
  segment, and writes an error where there is none. It makes items for visible nodes alone, so a hidden one is given
  its item here, with the attribute that keeps it out of the tree. (Adding the node visibly and hiding it afterwards
  gives it an item as well, but selectors that show nothing would choose it in between.) `unsaved_items` keeps these
  items out of saved scenes.
- every markups node that is added becomes the list that the next landmark is placed into: the one that was active
  before is active again afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import slicer

OWNER_ATTRIBUTE = "RWTHSAM.Temporary"
_NOT_IN_TREE = slicer.vtkMRMLSubjectHierarchyConstants.GetSubjectHierarchyExcludeFromTreeAttributeName()


def add_temporary(
    scene: slicer.vtkMRMLScene, class_name: str, name: str, like: slicer.vtkMRMLTransformableNode | None = None
) -> slicer.vtkMRMLDisplayableNode:
    """New node with display nodes that does not show up in lists, undo or saved scenes.

    Parameters
    ----------
    scene : vtkMRMLScene
        Gets the node.
    class_name, name : str
        MRML class and name of the node.
    like : vtkMRMLTransformableNode, optional
        The new node is put under the same parent transform.
    """
    node = slicer.vtkMRMLScene.CreateNodeByClass(scene, class_name)
    node.UnRegister(None)
    node = add_unnoticed(scene, node, name)
    node.CreateDefaultDisplayNodes()
    for index in range(node.GetNumberOfDisplayNodes()):
        display = node.GetNthDisplayNode(index)
        display.SetSaveWithScene(False)
        display.SetFolderDisplayOverrideAllowed(False)  # in no folder, and at times outside the tree: `unsaved_items`
    if like is not None:
        node.SetAndObserveTransformNodeID(like.GetTransformNodeID())
    return node


def add_unnoticed(scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLNode, name: str) -> slicer.vtkMRMLNode:
    """Add a node of any kind so that it does not show up in lists, the data tree or saved scenes."""
    node.SetName(name)
    node.SetHideFromEditors(True)
    node.SetSaveWithScene(False)
    node.SetAttribute(OWNER_ATTRIBUTE, "1")
    node.SetAttribute(_NOT_IN_TREE, "1")
    with active_list_kept(scene):
        node = scene.AddNode(node)
    hierarchy = _hierarchy_of(scene)
    if hierarchy is not None and node.IsA("vtkMRMLDisplayableNode"):
        hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    return node


@contextmanager
def active_list_kept(scene: slicer.vtkMRMLScene) -> Iterator[None]:
    """Afterwards landmarks are placed where they were placed before."""
    selection = scene.GetFirstNodeByClass("vtkMRMLSelectionNode")
    before = _active_list(selection)
    try:
        yield
    finally:
        if _active_list(selection) != before:
            class_name, node_id = before
            selection.SetReferenceActivePlaceNodeClassName(class_name)
            selection.SetReferenceActivePlaceNodeID(node_id)


def remove_with_display(node: slicer.vtkMRMLDisplayableNode | None) -> None:
    """Remove a node and its display nodes from their scene, if it is still in one."""
    if node is None or node.GetScene() is None or node.GetScene().IsClosing():
        return  # a scene that closes removes its nodes itself, and its subject hierarchy is gone by now
    scene = node.GetScene()
    displays = [node.GetNthDisplayNode(index) for index in range(node.GetNumberOfDisplayNodes())]
    for each in (*displays, node):
        if each is not None and each.GetScene() is scene:
            scene.RemoveNode(each)
    hierarchy = _hierarchy_of(scene)
    if hierarchy is None:
        return
    item = hierarchy.GetItemByDataNode(node)
    if item:  # a host without the subject hierarchy's logic
        hierarchy.RemoveItem(item, False, False)


def _hierarchy_of(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLSubjectHierarchyNode | None:
    """The scene's subject hierarchy, where the host uses one."""
    return scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode")


def _active_list(selection: slicer.vtkMRMLSelectionNode | None) -> tuple[str | None, str | None]:
    """Class and id of the markups node that landmarks are placed into."""
    if selection is None:
        return None, None
    return selection.GetActivePlaceNodeClassName(), selection.GetActivePlaceNodeID()
