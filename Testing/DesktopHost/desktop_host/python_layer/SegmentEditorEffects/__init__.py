"""Base classes of scripted effects."""

from .AbstractScriptedSegmentEditorEffect import *  # noqa: F403
from .variants import *  # noqa: F403
