"""Chooses what runs a network: PyTorch on a GPU, OpenVINO on a CPU that has it, PyTorch otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...core.word_check import one_of
from ...errors import DependencyMissing, ModelError, SettingsError
from ...models.catalogue import ModelEntry
from ..devices import DeviceChoice
from .backend import Backend

if TYPE_CHECKING:
    from torch import nn

BACKENDS = ("auto", "torch", "openvino")
PRECISIONS = ("auto", "f32", "f16", "bf16")


def make_backend(
    network: nn.Module, entry: ModelEntry, weights: Path, device: DeviceChoice, backend: str, precision: str
) -> tuple[Backend, str]:
    """A backend, and a remark on the choice that is worth telling (possibly empty).

    Raises
    ------
    SettingsError
        If backend or precision are unknown, or OpenVINO is asked to run on a GPU.
    DependencyMissing
        If OpenVINO is asked for and not installed.
    ModelError
        If OpenVINO is asked for and cannot convert the network.
    """
    one_of("backend", backend, BACKENDS)
    one_of("precision", precision, PRECISIONS)
    if backend == "openvino" and device.name != "cpu":
        raise SettingsError(
            f"OpenVINO runs on the CPU here, not on {device.name}: choose device 'cpu' or another backend."
        )
    if backend == "torch" or device.name != "cpu":
        return _torch_backend(network, device.name, precision), ""
    return _openvino_or_torch(network, entry, weights, backend, precision)


def _openvino_or_torch(
    network: nn.Module, entry: ModelEntry, weights: Path, backend: str, precision: str
) -> tuple[Backend, str]:
    from .openvino_backend import OpenVinoBackend

    try:
        return OpenVinoBackend(network, weights, precision, entry.title), ""
    except (DependencyMissing, ModelError, SettingsError) as error:
        if backend == "openvino":
            raise
        return _torch_backend(network, "cpu", precision), f"OpenVINO, several times faster, is not used: {error}"


def _torch_backend(network: nn.Module, device: str, precision: str) -> Backend:
    from .torch_backend import TorchBackend

    return TorchBackend(network, device, precision)
