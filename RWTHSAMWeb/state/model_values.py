"""What the page shows of the models."""

from __future__ import annotations

from collections.abc import Sequence

from RWTHSAMLib.models.catalogue import ModelEntry
from RWTHSAMLib.models.install import TORCH_SIZE, missing_modules, needs_torch

from .page_values import Json


def of_model(entry: ModelEntry, weights_path: str | None) -> Json:
    """Whether a model's weights are there, and what fetching them would mean."""
    return {
        "weights_found": weights_path is not None,
        "weights_text": weights_path or f"The weights of {entry.title} are not on this computer yet.",
        "fetch_text": f"Fetch weights ({entry.size_text})" if entry.url else "",
        "install_text": _install_text(entry),
        "model_text": _model_text(entry),
    }


def _model_text(entry: ModelEntry) -> str:
    size = f"{entry.parameter_count / 1e6:,.2g} million parameters, licence {entry.licence}"
    return f"Comes with RWTHSAM: nothing is downloaded, no PyTorch is needed. {size}" if entry.is_own else size


def _install_text(entry: ModelEntry) -> str:
    """What is to be installed before a Segment Anything model can run; empty where all is there."""
    lacking = [*(["PyTorch"] if needs_torch(entry) else []), *missing_modules(entry)]
    if entry.is_own or not lacking:
        return ""
    return f"{entry.title} needs packages that are not installed: {', '.join(lacking)} (PyTorch: {TORCH_SIZE})."


def model_items(entries: Sequence[ModelEntry]) -> list[Json]:
    """The catalogue as a drop-down list."""
    return [{"title": each.title, "value": each.name} for each in entries]
