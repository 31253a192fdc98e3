"""Makes the effect "SAM" known to every Segment Editor."""

from __future__ import annotations

from pathlib import Path

_SOURCE = Path(__file__).resolve().parents[2] / "SegmentEditorRWTHSAMLib" / "SegmentEditorEffect.py"


def register_effect() -> bool:
    """Register the effect; False if one of its name is registered already."""
    import qSlicerSegmentationsEditorEffectsPythonQt as effects

    # imported first: Slicer would else run the file itself as the module that the folder is
    import SegmentEditorRWTHSAMLib  # noqa: F401

    prototype = effects.qSlicerSegmentEditorScriptedEffect(None)
    prototype.setPythonSource(_SOURCE.as_posix())
    return bool(prototype.self().register())
