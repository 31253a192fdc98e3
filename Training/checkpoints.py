"""The state of a run in files that are either old or new, the last two kept."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

from RWTHSAMLib.core.system.atomic_file import replacing
from RWTHSAMLib.errors import InputError, WeightsNotFound

_PATTERN, _KEPT = "checkpoint-*.pt", 2


def save(folder: Path, step: int, state: dict[str, Any]) -> Path:
    """Write a checkpoint, then remove all but the last two.

    Raises
    ------
    InputError
        If it cannot be written, as on a full disk; the ones before are kept.
    """
    path = folder / f"checkpoint-{step:08d}.pt"
    with replacing(path) as unfinished:
        try:
            torch.save(state, unfinished)
        except RuntimeError as error:  # what PyTorch makes of a full disk
            raise InputError(f"'{path}' could not be written: {error}.") from error
    for old in sorted(folder.glob(_PATTERN))[:-_KEPT]:
        old.unlink(missing_ok=True)
    return path


def load_last(folder: Path) -> dict[str, Any]:
    """The newest checkpoint that can be read.

    Raises
    ------
    WeightsNotFound
        If there is none.
    """
    for path in sorted(folder.glob(_PATTERN), reverse=True):
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
            return state
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            continue
    raise WeightsNotFound(f"'{folder}' holds no checkpoint that can be read: start without --resume.")
