"""The record of prompts that a segmentation carries: in a tag of its first segment, which ``.seg.nrrd`` files keep."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import slicer

from ..errors import InputError
from ..prompt_file import PromptFile, parse_prompt_file
from . import segments

_TAG = "RWTHSAM.Prompts"
_MOST_BYTES = 1 << 26


def keep(segmentation_node: slicer.vtkMRMLSegmentationNode, record: PromptFile) -> None:
    """Let a segmentation carry a record.

    What it carried before stays in front, unless it is the same record at an earlier or later moment. A record without
    slices, or a segmentation without segments, changes nothing.
    """
    ids = segments.segment_ids(segmentation_node)
    if not record.slices or not ids:
        return
    before = kept(segmentation_node)
    if before is not None:
        same = min(len(before.slices), len(record.slices))
        if before.slices[:same] != record.slices[:same]:
            record = replace(record, slices=before.slices + record.slices)
    # letters and digits only: colons and bars separate the tags of a file's header
    packed = base64.urlsafe_b64encode(zlib.compress(record.to_json().encode(), 9)).decode()
    for each in ids[1:]:
        segmentation_node.GetSegmentation().GetSegment(each).RemoveTag(_TAG)
    segmentation_node.GetSegmentation().GetSegment(ids[0]).SetTag(_TAG, packed)


def kept(segmentation_node: slicer.vtkMRMLSegmentationNode) -> PromptFile | None:
    """The record that a segmentation carries, or None where it carries none that can be read."""
    for each in segments.segment_ids(segmentation_node):
        packed = segments.tag_of(segmentation_node.GetSegmentation().GetSegment(each), _TAG)
        if packed:
            try:
                return parse_prompt_file(_unpacked(packed))
            except (InputError, ValueError, zlib.error):
                return None
    return None


def _unpacked(packed: str) -> bytes:
    # bounded: a file from elsewhere may hold anything
    return zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed), _MOST_BYTES)
