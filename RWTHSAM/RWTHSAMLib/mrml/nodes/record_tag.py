"""The record that a segmentation carries: in a tag of its first segment, which ``.seg.nrrd`` files keep.

The tag holds the record's header and then its steps, each compressed for itself, so that a submit need not compress
again what was done before it.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence

import slicer

from ...core.json_document import Json, parse_document, to_text
from ...errors import InputError, PromptError
from ...record.record_file import MAX_BYTES, SegmentationRecord, prompt_file_of
from ...record.step_codec import step_to_dict
from ...record.steps import MadeWith, Step
from ...volumes.formats.segment_keys import RECORD_TAG
from . import segments

_BETWEEN = "."


def keep(segmentation_node: slicer.vtkMRMLSegmentationNode, record: SegmentationRecord) -> None:
    """Let a segmentation carry a record instead of the one that it carried; one without steps leaves none.

    A segmentation without segments cannot carry any.
    """
    keep_packed(segmentation_node, record, [packed_step(each) for each in record.all_steps()])


def packed_step(step: Step) -> str:
    """A step as the tag holds it; it says itself what it was made with."""
    return _packed(step_to_dict(step, MadeWith()))


def keep_packed(
    segmentation_node: slicer.vtkMRMLSegmentationNode, record: SegmentationRecord, steps: Sequence[str]
) -> None:
    """As `keep`, with the steps packed already."""
    segmentation = segmentation_node.GetSegmentation()
    ids = segments.segment_ids(segmentation_node)
    for each in ids[1:] if steps else ids:
        if segments.tag_of(segmentation.GetSegment(each), RECORD_TAG):
            segmentation.GetSegment(each).RemoveTag(RECORD_TAG)
    if steps and ids:
        segmentation.GetSegment(ids[0]).SetTag(RECORD_TAG, _BETWEEN.join([_packed(record.header_to_dict()), *steps]))


def packed_in(segment: slicer.vtkSegment) -> str:
    """The record as a segment's tag holds it, letters, digits, and ``-_=.`` only; empty where there is none."""
    return segments.tag_of(segment, RECORD_TAG) or ""


def put(segment: slicer.vtkSegment, packed: str) -> None:
    """Let a segment's tag hold something else."""
    segment.SetTag(RECORD_TAG, packed)


def put_alone(segmentation_node: slicer.vtkMRMLSegmentationNode, packed: str) -> None:
    """Let a segmentation carry a record as its tag holds it, and no other; empty for none."""
    segmentation = segmentation_node.GetSegmentation()
    for number, each in enumerate(segments.segment_ids(segmentation_node)):
        segmentation.GetSegment(each).RemoveTag(RECORD_TAG)
        if packed and number == 0:
            put(segmentation.GetSegment(each), packed)


def kept(segmentation_node: slicer.vtkMRMLSegmentationNode) -> SegmentationRecord | None:
    """The record that a segmentation carries, or None where it carries none that can be read."""
    for each in segments.segment_ids(segmentation_node):
        packed = segments.tag_of(segmentation_node.GetSegmentation().GetSegment(each), RECORD_TAG)
        if packed:
            try:
                return _unpacked(packed)
            except (InputError, ValueError, zlib.error):
                return None
    return None


def _packed(document: Json) -> str:
    # letters and digits only: colons and bars separate the tags of a file's header
    return base64.urlsafe_b64encode(zlib.compress(to_text(document).encode(), 6)).decode()


def _unpacked(packed: str) -> SegmentationRecord:
    header, *steps = packed.split(_BETWEEN)
    document, left = _document(header, MAX_BYTES)
    listed: list[Json] = []
    for each in steps:
        step, left = _document(each, left)
        listed.append(step)
    if not isinstance(document, dict):
        raise PromptError("The record of the segmentation has no header.")
    return prompt_file_of({**document, "steps": listed})


def _document(packed: str, most_bytes: int) -> tuple[Json, int]:
    """A part of the tag, and how many bytes the others may have: a file from elsewhere may hold anything."""
    text = zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed), max(1, most_bytes))
    return parse_document(text, PromptError, MAX_BYTES).value, most_bytes - len(text)
