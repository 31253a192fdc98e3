"""The chosen model, device and weights file: a setting of this computer, not data of a scene."""

from __future__ import annotations

from pathlib import Path

import slicer

from ...inference.devices import DEVICES
from ...models.catalogue import CATALOGUE
from ...models.weights import default_model
from ...worker.client import EngineSpec

_MODEL, _DEVICE, _WEIGHTS = "RWTHSAM/Model", "RWTHSAM/Device", "RWTHSAM/Weights"


def remembered() -> EngineSpec:
    """What was chosen last on this computer, else the default model on the best device."""
    name = slicer.util.settingsValue(_MODEL, "")
    device = slicer.util.settingsValue(_DEVICE, "auto")
    weights = slicer.util.settingsValue(_WEIGHTS, "")
    return EngineSpec(
        name if name in CATALOGUE else default_model(Path(weights) if weights else None),
        Path(weights) if weights else None,
        device if device in DEVICES else "auto",
    )


def remember(spec: EngineSpec) -> None:
    """Keep a choice for the next start."""
    settings = slicer.app.userSettings()
    settings.setValue(_MODEL, spec.model)
    settings.setValue(_DEVICE, spec.device)
    settings.setValue(_WEIGHTS, str(spec.weights or ""))
