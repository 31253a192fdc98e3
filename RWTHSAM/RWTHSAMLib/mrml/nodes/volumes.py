"""Volume nodes and their voxels as numpy arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import slicer
from vtkmodules.util.numpy_support import get_vtk_array_type, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData

from ...core.voxel_grid import VoxelGrid
from ...core.window import Window, propose_window
from ...errors import VolumeError
from ...record.steps import ScanFacts
from ...volumes.fingerprint import fingerprint
from ...volumes.read import VolumeData
from . import matrices
from .temporary_nodes import add_temporary, add_unnoticed
from .volume_geometry import VolumeGeometry

_CHANNELS = (1, 3, 4)
UNIT_ATTRIBUTE = "RWTHSAM.UnitKnown"
"""Of volume nodes: "0" where the scan's file does not say how large a voxel is."""
NOTES_ATTRIBUTE = "RWTHSAM.Notes"
"""Of volume nodes: what was assumed on reading the scan, a sentence a line."""
PATH_ATTRIBUTE = "RWTHSAM.Path"
"""Of volume nodes: the file or folder that the scan was read from, where it stays."""


def add_volume(scene: slicer.vtkMRMLScene, data: VolumeData) -> slicer.vtkMRMLVolumeNode:
    """Put a scan into a scene.

    Parameters
    ----------
    scene : vtkMRMLScene
        The node is added here, with a display node.
    data : VolumeData
        (k, j, i) grey values or (k, j, i, 3) RGB; one copy is made.

    Returns
    -------
    vtkMRMLScalarVolumeNode or vtkMRMLVectorVolumeNode
    """
    is_grey = data.array_kji.ndim == 3
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode" if is_grey else "vtkMRMLVectorVolumeNode", data.name)
    node.SetIJKToRASMatrix(matrices.to_vtk(data.ijk_to_ras))
    node.SetAndObserveImageData(_image_of(data.array_kji))
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetDefaultColorMap()
    if not data.unit_known:
        node.SetAttribute(UNIT_ATTRIBUTE, "0")
    if data.notes:
        node.SetAttribute(NOTES_ATTRIBUTE, "\n".join(data.notes))
    return node


def add_place_of_volume(
    scene: slicer.vtkMRMLScene, grid: VoxelGrid, name: str, unit_known: bool
) -> slicer.vtkMRMLVolumeNode:
    """Put a scan into a scene without its voxels: where they lie is all that a segmentation of it has to know.

    Parameters
    ----------
    scene : vtkMRMLScene
    grid : VoxelGrid
    name : str
    unit_known : bool
        See `VolumeData`.
    """
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    _place(node, grid)
    if not unit_known:
        node.SetAttribute(UNIT_ATTRIBUTE, "0")
    return node


def add_hidden_place(scene: slicer.vtkMRMLScene, grid: VoxelGrid, name: str) -> slicer.vtkMRMLVolumeNode:
    """As `add_place_of_volume`, in no list and in no saved scene."""
    node = slicer.vtkMRMLScalarVolumeNode()
    _place(node, grid)
    return add_unnoticed(scene, node, name)


def add_hidden_volume(
    scene: slicer.vtkMRMLScene, array_kji: np.ndarray, grid: VoxelGrid, name: str
) -> slicer.vtkMRMLVolumeNode:
    """Put grey values (k, j, i) into a scene, in no list and in no saved scene."""
    node = add_temporary(scene, "vtkMRMLScalarVolumeNode", name)
    node.SetIJKToRASMatrix(matrices.to_vtk(grid.ijk_to_ras))
    node.SetAndObserveImageData(_image_of(array_kji))
    node.GetDisplayNode().SetDefaultColorMap()
    return node


def _place(node: slicer.vtkMRMLVolumeNode, grid: VoxelGrid) -> None:
    node.SetIJKToRASMatrix(matrices.to_vtk(grid.ijk_to_ras))
    image = vtkImageData()
    k, j, i = grid.shape_kji
    image.SetDimensions(i, j, k)
    node.SetAndObserveImageData(image)


def volume_data_of(volume_node: slicer.vtkMRMLVolumeNode) -> VolumeData:
    """A volume node as plain values, its parent transforms included; the voxels are a view, nothing is copied.

    Raises
    ------
    VolumeError
        If the node has no image.
    GeometryError
        If a parent transform is not linear.
    """
    unit_known = volume_node.GetAttribute(UNIT_ATTRIBUTE) != "0"
    ijk_to_ras = VolumeGeometry.of(volume_node).ijk_to_ras
    return VolumeData(
        volume_array_kji(volume_node), ijk_to_ras, volume_node.GetName() or "", unit_known, notes_of(volume_node)
    )


def notes_of(volume_node: slicer.vtkMRMLVolumeNode) -> tuple[str, ...]:
    """What was assumed on reading the scan of a volume node, sentence by sentence."""
    return tuple((volume_node.GetAttribute(NOTES_ATTRIBUTE) or "").splitlines())


def path_of(volume_node: slicer.vtkMRMLVolumeNode) -> Path | None:
    """The file or folder that a scan was read from; None for one that has none of its own."""
    path = volume_node.GetAttribute(PATH_ATTRIBUTE)
    storage = volume_node.GetStorageNode()
    if not path and storage is not None and storage.GetFileName():
        path = storage.GetFullNameFromFileName()
    return Path(path) if path else None


def volume_array_kji(volume_node: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """The voxels of a volume node, (k, j, i) or (k, j, i, channels); a view, nothing is copied.

    Raises
    ------
    VolumeError
        If the node has no image, or one that is neither grey nor coloured.
    """
    image = volume_node.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None:
        raise VolumeError(f"Volume '{volume_node.GetName()}' holds no image.")
    channels = image.GetNumberOfScalarComponents()
    if channels not in _CHANNELS:
        raise VolumeError(
            f"Volume '{volume_node.GetName()}' has {channels} values in each voxel. A scan has one grey value, or "
            "three or four for a colour: choose another one, or split it into grey volumes first."
        )
    scalars: np.ndarray = vtk_to_numpy(image.GetPointData().GetScalars())
    shape = tuple(reversed(image.GetDimensions()))
    return scalars.reshape(shape if scalars.ndim == 1 else (*shape, scalars.shape[1]))


def facts_of(volume_node: slicer.vtkMRMLVolumeNode) -> ScanFacts:
    """Which scan a volume node holds, as a record names it; the voxel size only where the scan's file says one."""
    geometry, array_kji = VolumeGeometry.of(volume_node), volume_array_kji(volume_node)
    unit_known = volume_node.GetAttribute(UNIT_ATTRIBUTE) != "0"
    spacing_mm = geometry.spacing_mm_ijk if unit_known else None
    return ScanFacts(volume_node.GetName() or "", geometry.shape_kji, spacing_mm, fingerprint(array_kji))


def show_window(volume_node: slicer.vtkMRMLVolumeNode, window: Window) -> None:
    """Let the views show a scan as the model sees it."""
    display = volume_node.GetDisplayNode()
    if isinstance(display, slicer.vtkMRMLScalarVolumeDisplayNode):
        display.AutoWindowLevelOff()
        display.SetWindowLevelMinMax(window.lower, window.upper)


def proposed_window(volume_node: slicer.vtkMRMLVolumeNode) -> Window:
    """A window from the histogram of the whole scan.

    Raises
    ------
    VolumeError
        If the node has no image.
    """
    return propose_window(volume_array_kji(volume_node))


def shown_window(volume_node: slicer.vtkMRMLVolumeNode) -> Window | None:
    """The window that the views show at present, or None for colour images."""
    display = volume_node.GetDisplayNode()
    if not isinstance(display, slicer.vtkMRMLScalarVolumeDisplayNode) or display.GetWindow() <= 0:
        return None
    return Window.from_width_level(display.GetWindow(), display.GetLevel())


def _image_of(array_kji: np.ndarray) -> vtkImageData:
    # VTK has no 8-byte integers that Slicer's displays understand; nor half floats
    array = np.ascontiguousarray(array_kji)
    if array.dtype.kind not in "iuf" or array.dtype.itemsize > 8 or array.dtype in (np.int64, np.uint64, np.float16):
        array = array.astype(np.float64)
    image = vtkImageData()
    image.SetDimensions(array.shape[2], array.shape[1], array.shape[0])
    image.AllocateScalars(get_vtk_array_type(array.dtype), 1 if array.ndim == 3 else array.shape[3])
    vtk_to_numpy(image.GetPointData().GetScalars()).reshape(array.shape)[:] = array
    return image
