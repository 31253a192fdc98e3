"""Segments as labelled classes."""

from __future__ import annotations

import slicer

from ...export.labelmap import LabelledClass
from . import segments


def labelled_classes(segmentation_node: slicer.vtkMRMLSegmentationNode) -> dict[str, LabelledClass]:
    """What the segments stand for, by segment id. Labels count from 1 in the segments' order, empty ones included."""
    segmentation = segmentation_node.GetSegmentation()
    found = {}
    for label, segment_id in enumerate(segments.segment_ids(segmentation_node), start=1):
        segment = segmentation.GetSegment(segment_id)
        class_id = segments.class_id_of(segmentation_node, segment_id) or segment_id
        red, green, blue = segment.GetColor()
        found[segment_id] = LabelledClass(label, class_id, segment.GetName(), (red, green, blue))
    return found
