"""Chooses what runs a network: PyTorch on a GPU, OpenVINO on a CPU that has it, PyTorch otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.word_check import one_of
from ...errors import DependencyMissing, ModelError, SettingsError
from ...models.catalogue import ModelEntry
from ...models.openvino_runtime import encoder_precision
from ..devices import DeviceChoice
from .backend import Backend

if TYPE_CHECKING:
    from torch import nn

BACKENDS = ("auto", "torch", "openvino")
PRECISIONS = ("auto", "f32", "f16", "bf16")


def make_backend(
    load: Callable[[], nn.Module], entry: ModelEntry, weights: Path, device: DeviceChoice, backend: str, precision: str
) -> tuple[Backend, str]:
    """A backend, and a remark on the choice that is worth telling (possibly empty).

    Parameters
    ----------
    load : callable
        Builds the network with its weights, on the CPU; not called where OpenVINO has its graphs already.
    entry : ModelEntry
    weights : Path
    device : DeviceChoice
    backend, precision : str

    Raises
    ------
    SettingsError
        If backend or precision are unknown, or OpenVINO is asked to run on a GPU, or SAM 2.1.
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
    if backend == "openvino" and entry.family == "sam2_1":
        raise SettingsError(f"{entry.title} runs in PyTorch alone here: choose backend 'auto' or 'torch'.")
    if backend == "torch" or device.name != "cpu" or entry.family == "sam2_1":
        return _torch_backend(load(), entry, device.name, precision), ""
    return _openvino_or_torch(load, entry, weights, backend, precision)


def _openvino_or_torch(
    load: Callable[[], nn.Module], entry: ModelEntry, weights: Path, backend: str, precision: str
) -> tuple[Backend, str]:
    from .openvino_backend import OpenVinoBackend
    from .openvino_graphs import graphs_of, kept_graphs

    try:
        chosen = encoder_precision(precision)  # refused before anything is converted
        graphs = kept_graphs(weights, entry) or graphs_of(load(), weights, entry)
        return OpenVinoBackend(graphs, chosen, entry.title), ""
    except (DependencyMissing, ModelError, SettingsError) as error:
        if backend == "openvino":
            raise
        return _torch_backend(load(), entry, "cpu", precision), f"OpenVINO, several times faster, is not used: {error}"


def _torch_backend(network: nn.Module, entry: ModelEntry, device: str, precision: str) -> Backend:
    if entry.family == "sam2_1":
        from .sam2_backend import Sam2Backend

        return Sam2Backend(network, device, precision)
    from .torch_backend import TorchBackend

    return TorchBackend(network, device, precision)
