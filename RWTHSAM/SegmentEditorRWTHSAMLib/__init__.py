"""The Segment Editor effect "SAM". Slicer looks for its class here."""

from .SegmentEditorEffect import SegmentEditorEffect as SegmentEditorEffect
