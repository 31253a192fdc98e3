"""Chooses what runs this project's own network: OpenVINO on the CPU unless something else is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...core.word_check import one_of
from ...errors import DependencyMissing, ModelError, OutOfMemory, SettingsError
from ...models.openvino_runtime import encoder_precision
from ...models.rwthsam_net import weights_file
from ...models.rwthsam_net.runners import OpenVinoRunner, TorchRunner
from ...models.rwthsam_net.weights_file import WeightsFile
from .. import job
from ..devices import DEVICES, choose_device
from .backend import Backend
from .choice import BACKENDS, PRECISIONS
from .net_backend import NetBackend

_TOO_LITTLE_MEMORY = "the GPU's memory did not suffice"


def make_net_backend(
    weights: Path, device: str, backend: str, precision: str
) -> tuple[Backend, str, Callable[[], Backend] | None]:
    """A backend, a remark on the choice (possibly empty), and what makes one on the CPU if a GPU's memory runs out.

    A GPU is used where it is asked for by name: on the CPU the network answers within the time that importing PyTorch
    alone would take, and in a third of its memory.

    Raises
    ------
    WeightsNotFound, WeightsMismatch
        If the file is missing, or cut, changed, of another kind or of another version.
    SettingsError
        If device, backend or precision are unknown or cannot be had.
    DependencyMissing
        If what is to run it is not installed.
    ModelError
        If OpenVINO cannot run the network here, and PyTorch is not there to do it.
    """
    one_of("device", device, DEVICES)
    one_of("backend", backend, BACKENDS)
    one_of("precision", precision, PRECISIONS)
    on_gpu = device in ("cuda", "mps")
    if backend == "openvino" and on_gpu:
        raise SettingsError(f"OpenVINO runs on the CPU here, not on {device}: choose device 'cpu' or another backend.")
    content = weights_file.read(weights)
    if not on_gpu and backend != "torch":
        return *_on_cpu(content, backend, precision), None
    choice = choose_device(device if on_gpu else "cpu")
    if not on_gpu:
        return _in_torch(content, "cpu", precision), "", None

    def fall_back() -> Backend:
        return _on_cpu(content, "auto", "auto")[0]

    try:
        return _in_torch(content, choice.name, precision), choice.why, fall_back
    except OutOfMemory:
        return fall_back(), _TOO_LITTLE_MEMORY, None


def _on_cpu(content: WeightsFile, backend: str, precision: str) -> tuple[Backend, str]:
    try:
        chosen = encoder_precision(precision)
        runner = OpenVinoRunner(content, chosen, job.is_interrupted)
        return NetBackend(runner, "cpu", chosen, content.follows), ""
    except (DependencyMissing, ModelError) as error:
        if backend == "openvino":
            raise
        try:
            return _in_torch(content, "cpu", precision), f"OpenVINO, several times faster, is not used: {error}"
        except DependencyMissing:
            raise error from None  # OpenVINO is what this network needs


def _in_torch(content: WeightsFile, device: str, precision: str) -> Backend:
    try:
        from ...models.rwthsam_net.export import load
        from ...models.torch_memory import memory_errors
        from .torch_backend import chosen_precision
    except ImportError as error:
        raise DependencyMissing(f"RWTHSAM-Net needs OpenVINO here: pip install openvino ({error}).") from error
    with memory_errors(f"The model does not fit into the memory of {device}."):
        network = load(content).to(device)
    chosen = chosen_precision(device, precision)
    return NetBackend(TorchRunner(network, chosen), device, chosen, content.follows)
