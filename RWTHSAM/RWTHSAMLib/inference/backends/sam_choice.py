"""Makes the backend of a Segment Anything model: PyTorch on a GPU, OpenVINO on a CPU that has it, PyTorch otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...errors import OutOfMemory
from ...models.catalogue import ModelEntry
from ...models.loading import load_network
from ..devices import DeviceChoice, choose_device
from .backend import Backend
from .choice import make_backend

_TOO_LITTLE_MEMORY = "the GPU's memory did not suffice"


def make_sam_backend(
    entry: ModelEntry, weights: Path, device: str, backend: str, precision: str
) -> tuple[Backend, str, Callable[[], Backend] | None]:
    """A backend, why it and its device were chosen, and what makes one on the CPU if a GPU's memory runs out.

    Raises
    ------
    WeightsMismatch
        If the weights are of another model.
    SettingsError
        If device, backend or precision cannot be had.
    DependencyMissing
        If PyTorch or the model's package is not installed.
    """
    choice = choose_device(device)

    def built(on: DeviceChoice) -> tuple[Backend, str]:
        wished = backend if on is choice else "torch"
        return make_backend(lambda: load_network(entry, weights), entry, weights, on, wished, precision)

    def on_cpu() -> Backend:
        return built(DeviceChoice("cpu", _TOO_LITTLE_MEMORY))[0]

    if choice.name == "cpu":
        ready, remark = built(choice)
        return ready, _joined(choice.why, remark), None
    try:
        ready, remark = built(choice)
        return ready, _joined(choice.why, remark), on_cpu
    except OutOfMemory:
        return on_cpu(), _TOO_LITTLE_MEMORY, None


def _joined(*parts: str) -> str:
    return "; ".join(each for each in parts if each)
