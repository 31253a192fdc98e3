"""The effect's package."""

from .SegmentEditorEffect import SegmentEditorEffect  # noqa: F401
