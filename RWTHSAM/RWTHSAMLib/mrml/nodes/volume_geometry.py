"""Where the voxels of a volume lie in the world: the only place that maps between views and voxels.

World is Slicer's RAS in mm with every parent transform applied. All directions, flips, spacings and linear parent
transforms are exact, because everything goes through one 4x4 matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from ...core.oblique_plane import Plane, is_one_slice, plane_through
from ...core.slices import Axis, SliceKey, slice_of_voxel
from ...core.voxel_grid import VoxelGrid
from ...errors import GeometryError
from . import matrices

_BESIDE_THE_MIDDLE = 0.01
"""Of a slice's thickness, a choice: far above the rounding of a view's place, far below what is seen."""
_AXES: tuple[Axis, Axis, Axis] = ("i", "j", "k")


@dataclass(frozen=True, eq=False)
class VolumeGeometry(VoxelGrid):
    """Voxel grid of a volume in the world, and what slice views show of it."""

    @classmethod
    def of(cls, volume_node: slicer.vtkMRMLVolumeNode) -> VolumeGeometry:
        """Geometry of a volume node, its parent transforms included.

        Raises
        ------
        GeometryError
            If the node has no image, a parent transform is not linear, or nothing could be mapped back to voxels.
        """
        name, image = volume_node.GetName(), volume_node.GetImageData()
        if image is None:
            raise GeometryError(f"Volume '{name}' holds no image: choose one that has voxels.")
        columns, rows, slices = image.GetDimensions()
        if min(columns, rows, slices) < 1:
            raise GeometryError(f"Volume '{name}' holds no voxel: choose one that has an image.")
        local = vtkMatrix4x4()
        volume_node.GetIJKToRASMatrix(local)
        to_ras = parent_to_world(volume_node) @ matrices.to_numpy(local)
        try:
            return cls(to_ras, (slices, rows, columns))
        except GeometryError as error:
            raise GeometryError(
                f"The voxels of '{name}' have no extent in the world: correct its spacing, its directions or its "
                "transform."
            ) from error

    def slice_axis(self, slice_node: slicer.vtkMRMLSliceNode) -> Axis:
        """The volume axis that a slice view looks along, the nearest one where the view is oblique."""
        return _AXES[int(np.argmax(self._alignment(slice_node)))]

    def obliqueness_deg(self, slice_node: slicer.vtkMRMLSliceNode) -> float:
        """Angle in degrees between a slice view and the volume's nearest voxel plane."""
        return float(np.degrees(np.arccos(np.clip(self._alignment(slice_node).max(), 0.0, 1.0))))

    def is_oblique(self, slice_node: slicer.vtkMRMLSliceNode) -> bool:
        """Whether the view cuts through several slices of voxels."""
        return not is_one_slice(self, _normal(slice_node))

    def plane_at(self, slice_node: slicer.vtkMRMLSliceNode, world: tuple[float, float, float]) -> Plane | None:
        """What a view shows at a world point, a slice or an oblique plane, or None outside the volume."""
        if self.voxel_at(world) is None:
            return None
        return self.plane_shown(slice_node) if self.is_oblique(slice_node) else self.slice_at(slice_node, world)

    def plane_shown(self, slice_node: slicer.vtkMRMLSliceNode) -> Plane | None:
        """What a view shows, a slice or an oblique plane, or None where it misses the volume."""
        if not self.is_oblique(slice_node):
            return self.slice_shown(slice_node)
        return plane_through(self, _normal(slice_node), _origin(slice_node))

    def pixel_of(self, plane: Plane, world: tuple[float, float, float]) -> tuple[int, int]:
        """The pixel (x, y) of a slice or plane that is nearest to a world point."""
        return plane.pixel_at(self.ijk_at(world), self.shape_kji)

    def slice_at(self, slice_node: slicer.vtkMRMLSliceNode, world: tuple[float, float, float]) -> SliceKey | None:
        """The slice, the nearest one of an oblique view, that a world point is on, or None outside the volume."""
        voxel = self.voxel_at(world)
        return slice_of_voxel(self.slice_axis(slice_node), voxel) if voxel else None

    def slice_shown(self, slice_node: slicer.vtkMRMLSliceNode) -> SliceKey | None:
        """The slice that a view shows, an oblique one in its middle, or None where that misses the volume."""
        axis = self.slice_axis(slice_node)
        across = _AXES.index(axis)
        index = int(np.floor(self._crossed_at(slice_node, across) + 0.5))
        return SliceKey(axis, index) if 0 <= index < self.shape_kji[2 - across] else None

    def is_between_slices(self, slice_node: slicer.vtkMRMLSliceNode) -> bool:
        """Whether a view that is not oblique lies clearly beside the middle of the slice that it shows."""
        crossed = self._crossed_at(slice_node, _AXES.index(self.slice_axis(slice_node)))
        return abs(crossed - round(crossed)) > _BESIDE_THE_MIDDLE

    def _crossed_at(self, slice_node: slicer.vtkMRMLSliceNode, across: int) -> float:
        """Where a view crosses the line through the middle of the volume along an axis: the index on it."""
        centre = [(count - 1) / 2 for count in self.shape_kji[::-1]]
        normal = _normal(slice_node)
        height = float(normal @ (_origin(slice_node) - self.ras_of(centre)))
        return centre[across] + height / float(normal @ self.ijk_to_ras[:3, across])

    def _alignment(self, slice_node: slicer.vtkMRMLSliceNode) -> np.ndarray:
        """|cos| of the angles between the view's normal and the normals of the i, j and k voxel planes."""
        # rows of ras_to_ijk are the gradients of i, j and k, hence the normals of planes of constant index
        gradients = self.ras_to_ijk[:3, :3]
        cosines: np.ndarray = np.abs(gradients @ _normal(slice_node)) / np.linalg.norm(gradients, axis=1)
        return cosines


def parent_to_world(node: slicer.vtkMRMLTransformableNode) -> np.ndarray:
    """(4, 4) matrix of all parent transforms of a node.

    Raises
    ------
    GeometryError
        If one of them is not linear, or nothing could be mapped back through them.
    """
    parent = node.GetParentTransformNode()
    if parent is None:
        return np.eye(4)
    if not parent.IsTransformToWorldLinear():
        raise GeometryError(
            f"'{node.GetName()}' is under the non-linear transform '{parent.GetName()}': remove it or use a linear one."
        )
    matrix = vtkMatrix4x4()
    parent.GetMatrixTransformToWorld(matrix)
    to_world = matrices.to_numpy(matrix)
    if not np.isfinite(to_world).all() or np.linalg.det(to_world[:3, :3]) == 0:
        raise GeometryError(
            f"'{node.GetName()}' has no extent under the transform '{parent.GetName()}', which makes it flat: remove "
            "or correct that transform."
        )
    return to_world


def world_of_view_point(slice_node: slicer.vtkMRMLSliceNode, x: float, y: float) -> tuple[float, float, float]:
    """World point (RAS mm) of a slice view's pixel (x right, y up, in display pixels)."""
    point = slice_node.GetXYToRAS().MultiplyPoint((x, y, 0.0, 1.0))
    return point[0], point[1], point[2]


def mm_per_view_pixel(slice_node: slicer.vtkMRMLSliceNode) -> float:
    """Size of a display pixel of a slice view in mm."""
    matrix = slice_node.GetXYToRAS()
    return float(np.linalg.norm([matrix.GetElement(row, 0) for row in range(3)]))


def align_slice_node(slice_node: slicer.vtkMRMLSliceNode, volume_node: slicer.vtkMRMLVolumeNode) -> None:
    """Turn a slice view onto the nearest voxel plane of a volume, so that one view shows one slice."""
    slice_node.RotateToVolumePlane(volume_node)


def _normal(slice_node: slicer.vtkMRMLSliceNode) -> np.ndarray:
    return _unit(np.array([slice_node.GetSliceToRAS().GetElement(row, 2) for row in range(3)]))


def _origin(slice_node: slicer.vtkMRMLSliceNode) -> np.ndarray:
    return np.array([slice_node.GetSliceToRAS().GetElement(row, 3) for row in range(3)])


def _unit(vector: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit
