"""Slice views tilted out of the voxel planes of a volume, by two angles that anyone can set and set back."""

from __future__ import annotations

import numpy as np
import slicer

from ..nodes import matrices
from .alignment import aligned_directions, keep_orientation, turn

MOST_DEG = 80.0
"""A view that is tilted by more would hardly move along its own axis."""


def tilt(
    slice_node: slicer.vtkMRMLSliceNode, volume_node: slicer.vtkMRMLVolumeNode, sideways_deg: float, upwards_deg: float
) -> None:
    """Tilt a view about the place in its middle; 0 and 0 turn it back onto the volume.

    Parameters
    ----------
    slice_node : vtkMRMLSliceNode
    volume_node : vtkMRMLVolumeNode
        The angles count from its voxel plane.
    sideways_deg, upwards_deg : float
        About the view's vertical and its horizontal axis, -80 to 80.
    """
    sideways, upwards = np.radians(np.clip([sideways_deg, upwards_deg], -MOST_DEG, MOST_DEG))
    keep_orientation(slice_node)
    turn(slice_node, aligned_directions(slice_node, volume_node) @ _about_y(sideways) @ _about_x(upwards))


def tilt_of(slice_node: slicer.vtkMRMLSliceNode, volume_node: slicer.vtkMRMLVolumeNode) -> tuple[float, float]:
    """The two angles in degrees, whoever has tilted the view."""
    normal = matrices.to_numpy(slice_node.GetSliceToRAS())[:3, 2]
    x, y, z = aligned_directions(slice_node, volume_node).T @ (normal / np.linalg.norm(normal))
    return float(np.degrees(np.arctan2(x, z))), float(np.degrees(np.arcsin(np.clip(-y, -1, 1))))


def _about_x(angle: float) -> np.ndarray:
    return np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])


def _about_y(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
