"""Base classes of scripted effects."""

from .AbstractScriptedSegmentEditorEffect import *  # noqa: F403
