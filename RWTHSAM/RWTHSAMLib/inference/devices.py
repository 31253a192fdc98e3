"""Which device computes, and why, in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from ..core.word_check import one_of
from ..errors import DependencyMissing, SettingsError
from ..models.install import INSTALL_TORCH

if TYPE_CHECKING:
    from types import ModuleType

DEVICES = ("auto", "cuda", "mps", "cpu")


@dataclass(frozen=True)
class DeviceChoice:
    """A device and the reason for it.

    Attributes
    ----------
    name : str
        ``"cuda"``, ``"mps"`` or ``"cpu"``.
    why : str
        For people: "NVIDIA RTX A2000", "no GPU because PyTorch was built without CUDA".
    """

    name: str
    why: str


def choose_device(requested: str = "auto") -> DeviceChoice:
    """The device as requested; ``"auto"`` prefers CUDA, then Apple's MPS, then the CPU.

    Raises
    ------
    SettingsError
        If a device is requested that is unknown or not there; the message says why it is not.
    DependencyMissing
        If PyTorch, which knows, is not installed.
    """
    one_of("device", requested, DEVICES)
    missing = {"cuda": _why_no_cuda(), "mps": _why_no_mps()}
    for name in ("cuda", "mps") if requested == "auto" else (requested,):
        if name == "cpu":
            return DeviceChoice("cpu", "chosen")
        if missing[name] is None:
            return DeviceChoice(name, _gpu_name(name))
    if requested != "auto":
        raise SettingsError(f"{requested.upper()} was chosen, but {missing[requested]}. Choose 'auto' or 'cpu'.")
    return DeviceChoice("cpu", f"no GPU because {missing['cuda']}")


def gpu_count() -> int:
    """How many GPUs PyTorch can use by CUDA; 0 without PyTorch."""
    try:
        torch = _torch()
    except DependencyMissing:
        return 0
    return int(torch.cuda.device_count())


def _torch() -> ModuleType:
    try:
        return import_module("torch")
    except ImportError as error:
        raise DependencyMissing(f"PyTorch is not installed, which this needs ({error}). {INSTALL_TORCH}") from error


def _why_no_cuda() -> str | None:
    torch = _torch()
    if torch.cuda.is_available():
        return None
    if torch.version.cuda is None:
        return "PyTorch was built without CUDA"
    return f"PyTorch (CUDA {torch.version.cuda}) finds no NVIDIA GPU or no driver that fits"


def _why_no_mps() -> str | None:
    return None if _torch().backends.mps.is_available() else "there is no Apple GPU that PyTorch can use"


def _gpu_name(name: str) -> str:
    return str(_torch().cuda.get_device_name()) if name == "cuda" else "Apple GPU"
