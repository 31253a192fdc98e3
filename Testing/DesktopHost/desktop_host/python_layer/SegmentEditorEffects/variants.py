"""The other bases of scripted effects: with labels, with a brush, and with a computed preview."""

from __future__ import annotations

from typing import Any

from desktop_host.errors import HostLimit

from .AbstractScriptedSegmentEditorEffect import AbstractScriptedSegmentEditorEffect

__all__ = [
    "AbstractScriptedSegmentEditorAutoCompleteEffect",
    "AbstractScriptedSegmentEditorLabelEffect",
    "AbstractScriptedSegmentEditorPaintEffect",
]


class AbstractScriptedSegmentEditorLabelEffect(AbstractScriptedSegmentEditorEffect):
    """Base of effects that edit labels."""


class AbstractScriptedSegmentEditorPaintEffect(AbstractScriptedSegmentEditorEffect):
    """Base of effects with a brush."""


class AbstractScriptedSegmentEditorAutoCompleteEffect(AbstractScriptedSegmentEditorEffect):
    """Base of effects with a preview; its work is Slicer's own and not repeated here."""

    def __init__(self, scriptedEffect: Any) -> None:
        raise HostLimit("auto-complete effects need Slicer's own files: HostSettings(slicer_effects=...)")
