"""The forms of this extension, drawn with Qt Designer."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer

_FOLDER = Path(__file__).resolve().parents[3] / "Resources" / "UI"


def load_form(name: str) -> qt.QWidget:
    """A new widget from ``Resources/UI/<name>.ui``."""
    return slicer.util.loadUI(str(_FOLDER / f"{name}.ui"))


def requirements_file() -> Path:
    """The packages beside PyTorch that the models need."""
    return _FOLDER.parent / "requirements.txt"
