"""Notices that somebody else changed the voxels of a segmentation: a brush, another module, a script."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from zlib import crc32

import numpy as np
import slicer

from ..nodes import labelmaps
from ..nodes.weak_reaction import WeakTextReaction

_MOST_BYTES = 1 << 28
"""Checksums of more take longer than a person should notice."""

Voxels = tuple[tuple[object, ...], ...]
"""What `voxels_of` tells of a segmentation."""


def voxels_of(segmentation_node: slicer.vtkMRMLSegmentationNode) -> Voxels | None:
    """A value that is the same again when all segments have the voxels that they had; None for very large ones.

    An editor that takes a change back says nothing of it: only the voxels tell.
    """
    segmentation = segmentation_node.GetSegmentation()
    checksums: dict[str, int] = {}
    told: list[tuple[object, ...]] = []
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
            checksums[address] = crc32(np.ascontiguousarray(labels).data)
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
        self._tags: list[int] = []
        self._depth = 0
        self._is_suspicious = True
        self._touched: dict[str, None] = {}

    def follow(self, segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Watch another segmentation, or none; what was seen of the last one is forgotten."""
        if self._segmentation is not None:
            for tag in self._tags:
                self._segmentation.RemoveObserver(tag)
        self._tags, self._is_suspicious = [], True
        self._touched.clear()
        self._segmentation = segmentation_node.GetSegmentation() if segmentation_node is not None else None
        if self._segmentation is not None:
            self._observe(self._segmentation.SourceRepresentationModified, self._on_changed)
            # a segment editor that goes back to a state puts whole segments in place of those there are
            for event in (self._segmentation.SegmentAdded, self._segmentation.SegmentModified):
                self._observe(event, self._on_segment)

    @contextmanager
    def paused(self) -> Generator[None, None, None]:
        """While it lasts, changes are not collected."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self._is_suspicious = True

    def may_have_changed(self) -> bool:
        """Whether voxels may be others than at the last time that this was asked, by whomever."""
        suspicious, self._is_suspicious = self._is_suspicious, False
        return suspicious

    def take(self) -> tuple[str, ...]:
        """Ids of the segments that were changed since the last time."""
        touched = tuple(self._touched)
        self._touched.clear()
        return touched

    def _observe(self, event: int, react: Callable[[str], None]) -> None:
        assert self._segmentation is not None
        self._tags.append(self._segmentation.AddObserver(event, WeakTextReaction(react)))

    def _on_changed(self, segment_id: str) -> None:
        self._is_suspicious = True
        if not self._depth:
            self._touched[segment_id] = None

    def _on_segment(self, _segment_id: str) -> None:
        self._is_suspicious = True
