"""The nodes that show a rendered volume: an RGBA volume, how it is rendered, and the box it is cropped to.

MRML's own volume rendering draws them, the same in Slicer and in the web host. It is always asked for the GPU ray
caster, which runs on a processor too, through Mesa: VTK's ray caster for processors leaves out parts of RGBA volumes.
"""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from ...algorithms.rendering.tiles import Shape
from ...core.extent import Extent
from ..nodes import matrices
from ..nodes.temporary_nodes import add_unnoticed, remove_with_display
from ..nodes.volume_geometry import VolumeGeometry

_NAME = "RWTHSAM volume rendering"
# choices for the eye: colours stay recognisable in the shade
_AMBIENT, _DIFFUSE, _SPECULAR, _SPECULAR_POWER = 0.5, 0.8, 0.3, 15.0
_OPACITY_UNIT_VOXELS = 2.0


class RenderingNodes:
    """Nodes of one rendered volume; none of them is saved.

    Parameters
    ----------
    volume_node : vtkMRMLVolumeNode
        The scan: the rendering lies where it does, in its scene.
    image : vtkImageData
        RGBA, uint8.
    factors : tuple of int
        Scan voxels along k, j and i that one voxel of the image stands for.
    """

    def __init__(self, volume_node: slicer.vtkMRMLVolumeNode, image: vtk.vtkImageData, factors: Shape) -> None:
        self._scan, self._image, self._factors = volume_node, image, factors
        self._scene = volume_node.GetScene()
        self._properties = self._added(slicer.vtkMRMLVolumePropertyNode(), "properties")
        self._set_properties()
        self._display = self._added(slicer.vtkMRMLGPURayCastVolumeRenderingDisplayNode(), "display")
        self._display.SetFollowVolumeDisplayNode(False)
        self._display.SetAndObserveVolumePropertyNodeID(self._properties.GetID())
        self.volume_node = self._added(slicer.vtkMRMLVectorVolumeNode(), "")
        self.volume_node.SetSelectable(False)
        self.roi_node: slicer.vtkMRMLMarkupsROINode | None = None
        self._views_before: dict[str, tuple[int, bool]] = {}
        self._shown = False
        self.follow_geometry()

    @property
    def are_there(self) -> bool:
        """Whether no one removed them."""
        return all(each.GetScene() is self._scene for each in (self.volume_node, self._display, self._properties))

    def follow_geometry(self) -> None:
        """Let the rendering lie where the scan lies."""
        matrix, mine = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
        self._scan.GetIJKToRASMatrix(matrix)
        wanted = matrices.to_numpy(matrix) @ _to_scan_ijk(self._factors)
        self.volume_node.GetIJKToRASMatrix(mine)
        if not np.array_equal(matrices.to_numpy(mine), wanted):
            self.volume_node.SetIJKToRASMatrix(matrices.to_vtk(wanted))
        if self.volume_node.GetTransformNodeID() != self._scan.GetTransformNodeID():
            self.volume_node.SetAndObserveTransformNodeID(self._scan.GetTransformNodeID())

    def show(self) -> None:
        """Let the views draw what the image holds now."""
        self._image.GetPointData().GetScalars().Modified()
        self._image.Modified()
        if not self._shown:
            self._shown = True
            self.volume_node.SetAndObserveImageData(self._image)
            self.volume_node.AddAndObserveDisplayNodeID(self._display.GetID())
            self._display.SetVisibility(True)
            self._adapt_views()

    def crop(self, crop_ijk: Extent | None) -> None:
        """Show only these voxels of the scan, or all."""
        self._display.SetCroppingEnabled(crop_ijk is not None)
        if crop_ijk is None:
            remove_with_display(self.roi_node)
            self.roi_node = None
            return
        if self.roi_node is None or self.roi_node.GetScene() is None:
            self.roi_node = self._added(slicer.vtkMRMLMarkupsROINode(), "box")
            self.roi_node.CreateDefaultDisplayNodes()
            display = self.roi_node.GetDisplayNode()
            display.SetSaveWithScene(False)
            display.SetVisibility(False)
            display.SetFillOpacity(0.0)
            display.SetPropertiesLabelVisibility(False)
        _place(self.roi_node, crop_ijk, VolumeGeometry.of(self._scan))
        self._display.SetAndObserveROINodeID(self.roi_node.GetID())

    def show_box(self, shown: bool) -> None:
        """Show the box with handles to drag, or hide it."""
        if self.roi_node is not None:
            self.roi_node.GetDisplayNode().SetVisibility(shown)

    def box_ijk(self) -> Extent | None:
        """The voxels of the scan in the box as somebody dragged it; None without a box, or where it is empty."""
        if self.roi_node is None:
            return None
        return _extent_in(self.roi_node, VolumeGeometry.of(self._scan))

    def remove(self) -> None:
        """Take all of it out of the scene."""
        remove_with_display(self.roi_node)
        remove_with_display(self.volume_node)
        for each in (self._display, self._properties):
            if each.GetScene() is self._scene:
                self._scene.RemoveNode(each)
        for view_id, (quality, is_smooth) in self._views_before.items():
            view = self._scene.GetNodeByID(view_id)
            if view is not None:
                view.SetVolumeRenderingQuality(quality)
                view.SetVolumeRenderingSurfaceSmoothing(is_smooth)
        self.roi_node, self._views_before = None, {}

    def _added(self, node: slicer.vtkMRMLNode, what: str) -> slicer.vtkMRMLNode:
        return add_unnoticed(self._scene, node, f"{_NAME} {what}".strip())

    def _set_properties(self) -> None:
        look = self._properties.GetVolumeProperty()
        look.IndependentComponentsOff()  # red, green, blue and opacity as they are
        opacity = vtk.vtkPiecewiseFunction()
        opacity.AddPoint(0, 0.0)
        opacity.AddPoint(255, 1.0)
        look.SetScalarOpacity(opacity)
        look.SetInterpolationTypeToLinear()
        look.ShadeOn()
        look.SetAmbient(_AMBIENT)
        look.SetDiffuse(_DIFFUSE)
        look.SetSpecular(_SPECULAR)
        look.SetSpecularPower(_SPECULAR_POWER)
        size_mm = np.prod(np.array(self._scan.GetSpacing()) * self._factors[::-1]) ** (1 / 3)
        look.SetScalarOpacityUnitDistance(_OPACITY_UNIT_VOXELS * float(size_mm))

    def _adapt_views(self) -> None:
        """Draw coarsely while somebody turns the view, and without bands; as before when the rendering is removed."""
        views = self._scene.GetNodesByClass("vtkMRMLViewNode")
        views.UnRegister(None)
        for index in range(views.GetNumberOfItems()):
            view = views.GetItemAsObject(index)
            before = view.GetVolumeRenderingQuality(), bool(view.GetVolumeRenderingSurfaceSmoothing())
            self._views_before[view.GetID()] = before
            view.SetVolumeRenderingQuality(slicer.vtkMRMLViewNode.Adaptive)
            view.SetVolumeRenderingSurfaceSmoothing(True)


def _to_scan_ijk(factors: Shape) -> np.ndarray:
    """(4, 4) from the index of a rendered voxel to that of the scan voxels in its middle."""
    steps = np.array(factors[::-1], float)
    matrix = np.diag([*steps, 1.0])
    matrix[:3, 3] = (steps - 1) / 2
    return matrix


def _place(roi_node: slicer.vtkMRMLMarkupsROINode, crop_ijk: Extent, geometry: VolumeGeometry) -> None:
    ends = np.array(crop_ijk, float).reshape(3, 2) + (-0.5, 0.5)
    directions = geometry.directions
    if np.linalg.det(directions) < 0:
        directions = directions * (-1, 1, 1)  # a box is the same from both sides
    matrix = np.eye(4)
    matrix[:3, :3] = directions
    matrix[:3, 3] = geometry.ras_of(ends.mean(axis=1))
    roi_node.SetROIType(slicer.vtkMRMLMarkupsROINode.ROITypeBox)
    roi_node.SetAndObserveObjectToNodeMatrix(matrices.to_vtk(matrix))
    roi_node.SetSize(*(float(each) for each in (ends[:, 1] - ends[:, 0]) * geometry.spacing_mm_ijk))


def _extent_in(roi_node: slicer.vtkMRMLMarkupsROINode, geometry: VolumeGeometry) -> Extent | None:
    half = np.array(roi_node.GetSize()) / 2
    to_world = matrices.to_numpy(roi_node.GetObjectToWorldMatrix())
    corners = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]) * half
    ijk = (geometry.ras_to_ijk @ to_world @ np.c_[corners, np.ones(8)].T)[:3]
    low, high = np.rint(ijk.min(axis=1) + 0.5), np.rint(ijk.max(axis=1) - 0.5)
    counts = np.array(geometry.shape_kji[::-1])
    low, high = np.maximum(low, 0), np.minimum(high, counts - 1)
    if (low > high).any():
        return None
    return Extent.between(low.astype(int).tolist(), high.astype(int).tolist())
