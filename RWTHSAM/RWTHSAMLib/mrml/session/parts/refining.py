"""What a class has on a slice, and what it loses where the model makes a part of it better."""

from __future__ import annotations

import numpy as np

from ....algorithms.refine.class_part import replaced_by
from ....core.mask import Mask
from ....core.oblique_plane import ObliquePlane, Plane
from ....core.prompts import Prompts
from ....core.voxel_block import VoxelBlock
from ....errors import StateError
from ....volumes.oblique import mask_blocks
from ...nodes import labelmaps, segments
from ...nodes.volume_geometry import VolumeGeometry
from ...nodes.writing import SegmentWriter
from ..workspace import Workspace


def mask_of_class(workspace: Workspace, plane: Plane, class_id: str) -> Mask:
    """Pixels of a slice whose voxels a class has; empty where it has none.

    Raises
    ------
    GeometryError
        If the slice lies outside the scan, or scan and segmentation do not lie on one grid any more.
    """
    shape_kji, node = workspace.require_geometry().shape_kji, workspace.segmentation_node
    plane.check_inside(shape_kji)
    if node is not None:
        segments.check_grid(node, VolumeGeometry.of(workspace.require_volume()))
    segment_id = segments.segment_id_of_class(node, class_id) if node is not None else None
    if segment_id is None:
        return Mask.from_array(np.zeros(plane.shape_yx(shape_kji), bool))
    return mask_of_segment(workspace.writer(node), segment_id, plane, shape_kji)


def no_voxels_on_slice(class_name: str) -> StateError:
    """What to say where a class was to be used and has nothing on a slice."""
    return StateError(f"Class '{class_name}' has no voxels on this slice: paint or submit some there first.")


def mask_of_segment(writer: SegmentWriter, segment_id: str, plane: Plane, shape_kji: tuple[int, int, int]) -> Mask:
    """Pixels of a slice whose voxels a segment has."""
    if isinstance(plane, ObliquePlane):
        return labelmaps.segment_on_plane(writer.segmentation_node, segment_id, plane)
    rows, columns = plane.shape_yx(shape_kji)
    voxels = writer.held_by(segment_id, plane.extent((0, 0, columns - 1, rows - 1)))
    return Mask.from_array(voxels.reshape(rows, columns))


def lost_voxels(
    writer: SegmentWriter,
    segment_id: str | None,
    plane: Plane,
    prompts: Prompts,
    mask: Mask,
    shape_kji: tuple[int, int, int],
) -> list[VoxelBlock]:
    """Voxels that a segment loses when prompts that replace a part are submitted."""
    if not prompts.replaces or segment_id is None:
        return []
    lost = replaced_by(mask_of_segment(writer, segment_id, plane, shape_kji), mask, prompts.box)
    return mask_blocks(lost, plane, shape_kji)
