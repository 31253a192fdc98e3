"""Slice views turned onto the voxel planes of a volume, each orientation onto a plane of its own.

Slicer's own `RotateToVolumePlane` takes the nearest plane for each view alone: on a scan that is turned by more than
some 45 degrees several views then show the same one, and the next scan inherits that.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import numpy as np
import slicer
from vtkmodules.vtkCommonMath import vtkMatrix3x3, vtkMatrix4x4

from ..nodes import matrices
from ..nodes.volume_geometry import VolumeGeometry, align_slice_node

_ORIENTATIONS = ("Axial", "Sagittal", "Coronal")
_BEFORE_TILTING = "RWTHSAM.Orientation"


def align_slice_nodes(slice_nodes: Iterable[slicer.vtkMRMLSliceNode], volume_node: slicer.vtkMRMLVolumeNode) -> None:
    """Let axial, sagittal and coronal views show the three voxel planes of a volume, the nearest ones together."""
    for node in slice_nodes:
        if _has_presets(node):
            turn(node, aligned_directions(node, volume_node))
        else:
            align_slice_node(node, volume_node)


def aligned_directions(node: slicer.vtkMRMLSliceNode, volume_node: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """(3, 3) unit vectors right, up and normal of a view that shows a voxel plane, as columns in the world."""
    if not _has_presets(node):
        copy = slicer.vtkMRMLSliceNode()
        copy.GetSliceToRAS().DeepCopy(node.GetSliceToRAS())
        align_slice_node(copy, volume_node)
        directions: np.ndarray = matrices.to_numpy(copy.GetSliceToRAS())[:3, :3]
        return directions
    axes = VolumeGeometry.of(volume_node).directions.T
    views = _preset_views(node)
    name = _orientation_of(node, views)
    return _onto(axes, views[name], _plane_of(axes, views)[name])


def keep_orientation(node: slicer.vtkMRMLSliceNode) -> None:
    """Let a view that is about to be tilted be known as axial, sagittal or coronal, however far it is tilted."""
    if _has_presets(node):
        node.SetAttribute(_BEFORE_TILTING, _orientation_of(node, _preset_views(node)))


def turn(node: slicer.vtkMRMLSliceNode, directions: np.ndarray) -> None:
    """Turn a view about the place in its middle; `directions` (3, 3) in RAS, as `aligned_directions` gives them."""
    matrix = node.GetSliceToRAS()
    for row in range(3):
        for column in range(3):
            matrix.SetElement(row, column, float(directions[row, column]))
    node.UpdateMatrices()


def _preset_views(node: slicer.vtkMRMLSliceNode) -> dict[str, np.ndarray]:
    return {name: _directions(node.GetSliceOrientationPreset(name)) for name in _ORIENTATIONS}


def _has_presets(node: slicer.vtkMRMLSliceNode) -> bool:
    return all(node.GetSliceOrientationPreset(name) is not None for name in _ORIENTATIONS)


def _plane_of(axes: np.ndarray, views: dict[str, np.ndarray]) -> dict[str, int]:
    """Which volume axis is the normal of which orientation: the choice of three different ones that fits best."""
    normals = np.array([views[name][:, 2] for name in _ORIENTATIONS])
    likeness = np.abs(normals @ axes.T)
    best = max(permutations(range(3)), key=lambda chosen: likeness[range(3), chosen].sum())
    return dict(zip(_ORIENTATIONS, best, strict=True))


def _orientation_of(node: slicer.vtkMRMLSliceNode, views: dict[str, np.ndarray]) -> str:
    for name in (node.GetDefaultOrientation(), node.GetOrientation(), node.GetAttribute(_BEFORE_TILTING)):
        if name in views:
            return str(name)
    normal = matrices.to_numpy(node.GetSliceToRAS())[:3, 2]
    return max(views, key=lambda name: abs(float(views[name][:, 2] @ normal)))


def _onto(axes: np.ndarray, view: np.ndarray, normal_axis: int) -> np.ndarray:
    """(3, 3) right, up and normal of a view along volume axes, as near to those of `view` as possible."""
    first, second = (axes[each] for each in range(3) if each != normal_axis)
    if abs(first @ view[:, 0]) < abs(second @ view[:, 0]):
        first, second = second, first
    right, up = (each * _sign(each @ view[:, n]) for n, each in enumerate((first, second)))
    turned = np.stack([right, up, axes[normal_axis]], axis=1)
    turned[:, 2] *= _sign(np.linalg.det(turned) * np.linalg.det(view))
    return turned


def _directions(preset: vtkMatrix3x3 | vtkMatrix4x4) -> np.ndarray:
    return np.array([[preset.GetElement(row, column) for column in range(3)] for row in range(3)])


def _sign(value: float) -> float:
    return 1.0 if value >= 0 else -1.0
