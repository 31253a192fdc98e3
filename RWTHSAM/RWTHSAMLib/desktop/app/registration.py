"""Makes the effect "SAM" known to every Segment Editor."""

from __future__ import annotations

from pathlib import Path

_SOURCE = Path(__file__).resolve().parents[3] / "SegmentEditorRWTHSAMLib" / "SegmentEditorEffect.py"


def register_effect() -> bool:
    """Register the effect where segment editors can have it; False if there are none yet, or they know it already."""
    try:
        import qSlicerSegmentationsEditorEffectsPythonQt as effects
    except ImportError:  # the module Segmentations is not loaded
        return False
    # imported first: Slicer would else run the file itself as the module that the folder is
    from SegmentEditorRWTHSAMLib.SegmentEditorEffect import EFFECT_NAME

    registered = effects.qSlicerSegmentEditorEffectFactory.instance().registeredEffects()
    if any(each.name == EFFECT_NAME for each in registered):
        return False
    prototype = effects.qSlicerSegmentEditorScriptedEffect(None)
    prototype.setPythonSource(_SOURCE.as_posix())
    return bool(prototype.self().register())
