"""Surfaces of the classes in the 3D view, made anew when the segmentation has been left alone for a moment.

They are models beside the segmentation and not its own closed surface: where that exists, Slicer makes it anew within
every edit (measured 0.2 s for a segment of 40,000 points, against 0.02 s for the edit itself).
"""

from __future__ import annotations

import math
import time

import numpy as np
import slicer
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkCommonTransforms import vtkMatrixToLinearTransform
from vtkmodules.vtkFiltersCore import vtkPolyDataNormals, vtkSurfaceNets3D
from vtkmodules.vtkFiltersGeneral import vtkTransformPolyDataFilter

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.mrml.nodes import labelmaps, matrices, segments
from RWTHSAMLib.mrml.nodes.temporary_nodes import add_temporary, remove_with_display
from RWTHSAMLib.mrml.nodes.volume_geometry import parent_to_world
from RWTHSAMLib.mrml.nodes.weak_reaction import WeakReaction
from RWTHSAMLib.mrml.views.class_look import look_of

# choices: work begins when a hand rests, and larger blocks are down-sampled for the eye
_QUIET_S = 0.7
_LARGEST_VOXELS = 8_000_000


class Surfaces:
    """Keeps one model per class in step with the voxels of a segmentation.

    Parameters
    ----------
    scene : vtkMRMLScene
        The models are added here; they are never saved.
    """

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self._scene = scene
        self._node: slicer.vtkMRMLSegmentationNode | None = None
        self._tag: int | None = None
        self._due: float | None = None
        self._models: dict[str, slicer.vtkMRMLModelNode] = {}
        self._made_of: dict[str, int] = {}
        self._shown = True

    @property
    def exist(self) -> bool:
        """Whether the 3D view has anything to show."""
        return bool(self._models)

    def follow(self, node: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Show the classes of another segmentation, or of none."""
        if self._node is not None and self._tag is not None:
            self._node.GetSegmentation().RemoveObserver(self._tag)
        self._clear()
        self._node = node
        if node is not None:
            event = slicer.vtkSegmentation.SourceRepresentationModified
            self._tag = node.GetSegmentation().AddObserver(event, WeakReaction(self._voxels_changed))
            self._voxels_changed()

    def show(self, shown: bool) -> None:
        """Switch the surfaces on or off."""
        self._shown = shown
        if not shown:
            self._clear()
        self._due = time.monotonic()

    def recolour(self) -> None:
        """Let every surface look as its class does now."""
        for segment_id, model in self._models.items():
            segment = self._node.GetSegmentation().GetSegment(segment_id) if self._node else None
            if segment is not None:
                model.GetDisplayNode().SetColor(segment.GetColor())
                look = look_of(self._node, segment_id)
                model.GetDisplayNode().SetVisibility(look.visible)
                model.GetDisplayNode().SetOpacity(look.opacity)

    def update_if_due(self) -> bool:
        """Make the surfaces of changed classes if it is time; True if the 3D view changed."""
        if self._due is None or time.monotonic() < self._due:
            return False
        self._due = None
        if not self._shown or self._node is None:
            return False
        for segment_id in segments.segment_ids(self._node):
            self._update(self._node, segment_id)
        self.recolour()
        return True

    def _update(self, node: slicer.vtkMRMLSegmentationNode, segment_id: str) -> None:
        segment = node.GetSegmentation().GetSegment(segment_id)
        image = segment.GetRepresentation(labelmaps.BINARY_LABELMAP)
        if image is None or self._made_of.get(segment_id) == image.GetMTime():
            return
        self._made_of[segment_id] = image.GetMTime()
        surface = None if image.IsEmpty() else surface_of(image, segment.GetLabelValue())
        if surface is None:
            remove_with_display(self._models.pop(segment_id, None))
            return
        model = self._models.get(segment_id) or self._new_model(segment_id, segment.GetName())
        transform = vtkMatrixToLinearTransform()
        transform.SetInput(matrices.to_vtk(parent_to_world(node)))
        model.SetAndObserveMesh(_transformed(surface, transform))
        model.GetDisplayNode().SetColor(segment.GetColor())

    def _new_model(self, segment_id: str, name: str) -> slicer.vtkMRMLModelNode:
        model = add_temporary(self._scene, "vtkMRMLModelNode", f"Surface of {name}")
        model.SetSelectable(False)
        model.GetDisplayNode().SetVisibility2D(False)
        model.GetDisplayNode().SetAmbient(0.25)
        self._models[segment_id] = model
        return model

    def _clear(self) -> None:
        for model in self._models.values():
            remove_with_display(model)
        self._models.clear()
        self._made_of.clear()

    def _voxels_changed(self) -> None:
        self._due = time.monotonic() + _QUIET_S


def surface_of(image: slicer.vtkOrientedImageData, label: int) -> vtkPolyData | None:
    """Smoothed surface of a label in the labelmap's own coordinates (mm); None where no voxel has the label.

    Large labelmaps are thinned out first, so that the time stays under about a second.
    """
    first_ijk = Extent(*image.GetExtent()).first_ijk
    labels = labelmaps.labels_kji(image)
    stride = max(1, math.ceil((labels.size / _LARGEST_VOXELS) ** (1 / 3)))
    inside = labels[::stride, ::stride, ::stride] == label
    box = Extent.around(inside)
    if box is None:
        return None
    grid = _grid(np.pad(inside[box.slices_kji()], 1).astype(np.uint8))
    grid.SetSpacing(stride, stride, stride)
    grid.SetOrigin(*(first + stride * (low - 1) for first, low in zip(first_ijk, box.first_ijk, strict=True)))
    ijk_to_local = vtkMatrix4x4()
    image.GetImageToWorldMatrix(ijk_to_local)
    transform = vtkMatrixToLinearTransform()
    transform.SetInput(ijk_to_local)
    return _with_normals(_transformed(_net(grid), transform))


def _grid(values_kji: np.ndarray) -> vtkImageData:
    grid = vtkImageData()
    grid.SetDimensions(*values_kji.shape[::-1])
    grid.GetPointData().SetScalars(numpy_to_vtk(values_kji.ravel(), deep=True))
    return grid


def _net(grid: vtkImageData) -> vtkPolyData:
    net = vtkSurfaceNets3D()
    net.SetInputData(grid)
    net.SetValue(0, 1)
    net.SetOutputMeshTypeToTriangles()
    net.Update()
    return net.GetOutput()


def _transformed(surface: vtkPolyData, transform: vtkMatrixToLinearTransform) -> vtkPolyData:
    carry = vtkTransformPolyDataFilter()
    carry.SetInputData(surface)
    carry.SetTransform(transform)
    carry.Update()
    return carry.GetOutput()


def _with_normals(surface: vtkPolyData) -> vtkPolyData:
    normals = vtkPolyDataNormals()
    normals.SetInputData(surface)
    normals.SplittingOff()
    normals.AutoOrientNormalsOn()
    normals.Update()
    return normals.GetOutput()
