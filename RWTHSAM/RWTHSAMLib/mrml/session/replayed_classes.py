"""Classes that recorded steps are written into: those of a segmentation in a scene, or any that take the same calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

import numpy as np
import slicer

from ...core.extent import Extent
from ...core.mask import Mask
from ...core.oblique_plane import Plane
from ..nodes import segments
from ..nodes.writing import SegmentWriter
from .parts.refining import mask_of_segment


class ReplayedClasses(Protocol):
    """What a replay needs of classes."""

    def submit(
        self,
        class_id: str,
        voxels_kji: np.ndarray,
        extent: Extent,
        kept: Collection[str] | None,
        spared: Collection[str],
    ) -> None:
        """Let a class gain voxels; classes that are kept have theirs for themselves, those that are spared share them.

        All others lose what this one gets. None means that all are kept.
        """

    def erase(self, class_id: str, voxels_kji: np.ndarray, extent: Extent) -> None:
        """Let a class lose voxels."""

    def mask_on(self, class_id: str, plane: Plane) -> Mask:
        """What a class has on a slice or plane."""


class ClassesOfNode:
    """Classes of a segmentation in a scene.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
    volume_node : vtkMRMLVolumeNode
        The scan that it lies on.
    """

    def __init__(
        self, segmentation_node: slicer.vtkMRMLSegmentationNode, volume_node: slicer.vtkMRMLVolumeNode
    ) -> None:
        self._node, self._writer = segmentation_node, SegmentWriter(segmentation_node, volume_node)
        pairs = ((segments.class_id_of(segmentation_node, each), each) for each in segments.segment_ids(self._node))
        self._segment_ids: dict[str, str] = {}
        for class_id, segment_id in pairs:
            if class_id is not None:
                self._segment_ids.setdefault(class_id, segment_id)

    def submit(
        self,
        class_id: str,
        voxels_kji: np.ndarray,
        extent: Extent,
        kept: Collection[str] | None,
        spared: Collection[str],
    ) -> None:
        """See `SegmentWriter.submit`; segments that stand for no class are among all that are kept."""
        keeping = segments.segment_ids(self._node) if kept is None else self._segments_of(kept)
        sharing = self._segments_of(spared)
        self._writer.submit(self._segment_ids[class_id], voxels_kji, extent, kept=keeping, spared=sharing)

    def erase(self, class_id: str, voxels_kji: np.ndarray, extent: Extent) -> None:
        """See `SegmentWriter.erase`."""
        self._writer.erase(self._segment_ids[class_id], voxels_kji, extent)

    def mask_on(self, class_id: str, plane: Plane) -> Mask:
        """What a class has on a slice or plane."""
        return mask_of_segment(self._writer, self._segment_ids[class_id], plane, self._writer.geometry.shape_kji)

    def _segments_of(self, class_ids: Iterable[str]) -> list[str]:
        return [self._segment_ids[each] for each in class_ids if each in self._segment_ids]
