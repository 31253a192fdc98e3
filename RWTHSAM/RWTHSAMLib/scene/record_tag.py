"""The record that a segmentation carries: in a tag of its first segment, which ``.seg.nrrd`` files keep."""

from __future__ import annotations

import base64
import zlib

import slicer

from ..errors import InputError
from ..prompt_file import MAX_BYTES, PromptFile, parse_prompt_file
from . import segments

_TAG = "RWTHSAM.Prompts"


def keep(segmentation_node: slicer.vtkMRMLSegmentationNode, record: PromptFile) -> None:
    """Let a segmentation carry a record instead of the one that it carried; one without steps leaves none.

    A segmentation without segments cannot carry any.
    """
    segmentation = segmentation_node.GetSegmentation()
    ids = segments.segment_ids(segmentation_node)
    for each in ids if not record.steps else ids[1:]:
        if segments.tag_of(segmentation.GetSegment(each), _TAG):
            segmentation.GetSegment(each).RemoveTag(_TAG)
    if record.steps and ids:
        # letters and digits only: colons and bars separate the tags of a file's header
        packed = base64.urlsafe_b64encode(zlib.compress(record.to_json().encode(), 6)).decode()
        segmentation.GetSegment(ids[0]).SetTag(_TAG, packed)


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
    return zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed), MAX_BYTES)
