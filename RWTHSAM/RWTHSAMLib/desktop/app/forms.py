"""The forms of this extension, drawn with Qt Designer."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer

from ...models.catalogue import ModelEntry

_FOLDER = Path(__file__).resolve().parents[3] / "Resources" / "UI"


def load_form(name: str) -> qt.QWidget:
    """A new widget from ``Resources/UI/<name>.ui``."""
    return slicer.util.loadUI(str(_FOLDER / f"{name}.ui"))


def requirements_file(entry: ModelEntry) -> Path:
    """The packages beside PyTorch that a model needs."""
    return _FOLDER.parent / ("requirements-openvino.txt" if entry.is_own else "requirements.txt")
