"""Volumes as SimpleITK images and back; geometry in LPS there, in RAS here."""

from __future__ import annotations

from typing import Any

import numpy as np
import SimpleITK as sitk
import slicer
import vtk

__all__ = ["PullVolumeFromSlicer", "PushVolumeToSlicer"]

_LPS = np.diag([-1.0, -1.0, 1.0])


def PullVolumeFromSlicer(nodeObjectOrName: Any) -> Any:
    """Image of a volume node, or of the node of that name or ID."""
    node = slicer.util.getNode(nodeObjectOrName) if isinstance(nodeObjectOrName, str) else nodeObjectOrName
    image = sitk.GetImageFromArray(slicer.util.arrayFromVolume(node))
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASDirectionMatrix(matrix)
    direction = np.array([[matrix.GetElement(row, column) for column in range(3)] for row in range(3)])
    image.SetSpacing(node.GetSpacing())
    image.SetOrigin((_LPS @ node.GetOrigin()).tolist())
    image.SetDirection((_LPS @ direction).ravel().tolist())
    return image


def PushVolumeToSlicer(
    sitkimage: Any, targetNode: Any = None, name: str | None = None, className: str = "vtkMRMLScalarVolumeNode"
) -> Any:
    """Put an image into a volume node; a new one when none is named."""
    node = targetNode
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass(className, slicer.mrmlScene.GetUniqueNameByString(name or ""))
    slicer.util.updateVolumeFromArray(node, sitk.GetArrayFromImage(sitkimage))
    direction = _LPS @ np.array(sitkimage.GetDirection()).reshape(3, 3)
    node.SetIJKToRASDirections(*direction.ravel().tolist())
    node.SetSpacing(sitkimage.GetSpacing())
    node.SetOrigin((_LPS @ sitkimage.GetOrigin()).tolist())
    return node
