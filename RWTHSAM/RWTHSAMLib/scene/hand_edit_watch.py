"""Notices that somebody else changed the voxels of a segmentation: a brush, another module, a script."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from zlib import crc32

import slicer

from . import labelmaps
from .weak_reaction import WeakTextReaction

_MOST_BYTES = 1 << 28
"""Checksums of more take longer than a person should notice."""

Voxels = tuple[tuple[object, ...], ...]
"""What `voxels_of` tells of a segmentation."""


def voxels_of(segmentation_node: slicer.vtkMRMLSegmentationNode) -> Voxels | None:
    """A value that is the same again when all segments have the voxels that they had; None for very large ones.

    An editor that takes a change back says nothing of it: only the voxels tell.
    """
    segmentation, checksums, told = segmentation_node.GetSegmentation(), {}, []
    for segment_id in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(segment_id)
        labelmap = segment.GetRepresentation(labelmaps.BINARY_LABELMAP)
        if labelmap is None or labelmap.GetNumberOfPoints() == 0 or labelmap.GetPointData().GetScalars() is None:
            told.append((segment_id,))
            continue
        address = labelmap.GetAddressAsString("")  # several segments share one labelmap
        if address not in checksums:
            labels = labelmaps.labels_kji(labelmap)
            if labels.nbytes > _MOST_BYTES:
                return None
            checksums[address] = crc32(labels if labels.flags.c_contiguous else labels.copy())
        told.append((segment_id, segment.GetLabelValue(), labelmap.GetExtent(), checksums[address]))
    return tuple(told)


class HandEditWatch:
    """Collects which segments of one segmentation were changed.

    Notes
    -----
    The segmentation refers to the watch weakly, as `weak_reaction` explains.
    """

    def __init__(self) -> None:
        self._segmentation: slicer.vtkSegmentation | None = None
        self._tag = 0
        self._depth = 0
        self._touched: dict[str, None] = {}

    def follow(self, segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Watch another segmentation, or none; what was seen of the last one is forgotten."""
        if self._segmentation is not None:
            self._segmentation.RemoveObserver(self._tag)
        self._touched.clear()
        self._segmentation = segmentation_node.GetSegmentation() if segmentation_node is not None else None
        if self._segmentation is not None:
            event = self._segmentation.SourceRepresentationModified
            self._tag = self._segmentation.AddObserver(event, WeakTextReaction(self._on_changed))

    @contextmanager
    def paused(self) -> Generator[None, None, None]:
        """While it lasts, changes are not collected."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def take(self) -> tuple[str, ...]:
        """Ids of the segments that were changed since the last time."""
        touched = tuple(self._touched)
        self._touched.clear()
        return touched

    def _on_changed(self, segment_id: str) -> None:
        if not self._depth:
            self._touched[segment_id] = None
