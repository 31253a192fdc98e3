"""Nodes that only show the state of a session: hidden from lists, never saved, made again when missing."""

from __future__ import annotations

import slicer

OWNER_ATTRIBUTE = "RWTHSAM.Temporary"


def add_temporary(
    scene: slicer.vtkMRMLScene, class_name: str, name: str, like: slicer.vtkMRMLTransformableNode | None = None
) -> slicer.vtkMRMLDisplayableNode:
    """New node that does not show up in lists, undo or saved scenes.

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
    node.SetName(name)
    node.SetHideFromEditors(True)
    node.SetSaveWithScene(False)
    node.SetAttribute(OWNER_ATTRIBUTE, "1")
    node = scene.AddNode(node)
    node.CreateDefaultDisplayNodes()
    for index in range(node.GetNumberOfDisplayNodes()):
        node.GetNthDisplayNode(index).SetSaveWithScene(False)
    if like is not None:
        node.SetAndObserveTransformNodeID(like.GetTransformNodeID())
    return node


def remove_with_display(node: slicer.vtkMRMLDisplayableNode | None) -> None:
    """Remove a node and its display nodes from their scene, if it is still in one."""
    if node is None or node.GetScene() is None:
        return
    scene = node.GetScene()
    displays = [node.GetNthDisplayNode(index) for index in range(node.GetNumberOfDisplayNodes())]
    for each in (*displays, node):
        if each is not None and each.GetScene() is scene:
            scene.RemoveNode(each)
