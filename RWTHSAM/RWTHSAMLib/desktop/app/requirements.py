"""What a model needs before it can be loaded, what of it is missing, and how large that is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from slicer.i18n import tr as _

from ...errors import WeightsNotFound
from ...models.catalogue import ModelEntry
from ...models.install import missing_modules, needs_torch
from ...models.weights import find_weights

Kind = Literal["torch", "packages", "weights"]


@dataclass(frozen=True)
class Missing:
    """One thing that is not there yet.

    Attributes
    ----------
    kind : str
        ``"torch"``, ``"packages"`` or ``"weights"``.
    text : str
        What is missing and how much would be fetched, as a sentence.
    """

    kind: Kind
    text: str


def missing_for(entry: ModelEntry, weights: Path | None = None) -> tuple[Missing, ...]:
    """Everything that a model lacks, in the order in which it is to be installed; nothing is imported for this.

    Parameters
    ----------
    weights : Path, optional
        A weights file that was chosen explicitly.
    """
    found = (_missing_torch(entry), _missing_packages(entry), _missing_weights(entry, weights))
    return tuple(each for each in found if each is not None)


def _missing_torch(entry: ModelEntry) -> Missing | None:
    if not needs_torch(entry):
        return None
    text = _("PyTorch is not installed (about 200 MB for the CPU, 2 to 3 GB with support for NVIDIA GPUs).")
    return Missing("torch", text)


def _missing_packages(entry: ModelEntry) -> Missing | None:
    lacking = missing_modules(entry)
    if not lacking:
        return None
    if entry.is_own:
        text = _("OpenVINO is not installed, the one package that {model} needs (about 50 MB).")
        return Missing("packages", text.format(model=entry.title))
    text = _(
        "Python packages of {model} are not installed: {names} (about 70 MB with OpenVINO, which makes CPUs fast)."
    )
    return Missing("packages", text.format(model=entry.title, names=", ".join(lacking)))


def _missing_weights(entry: ModelEntry, weights: Path | None) -> Missing | None:
    try:
        find_weights(entry, weights)
    except WeightsNotFound as error:
        if weights is not None:
            return Missing("weights", _("There is no weights file '{path}'.").format(path=weights))
        if entry.is_own:
            return Missing("weights", str(error))
        text = _("The weights of {model} are not on this computer ({size}).")
        return Missing("weights", text.format(model=entry.title, size=entry.size_text))
    return None
