"""From a weights file to a network, refusing files of other models."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DependencyMissing, ModelError, WeightsMismatch
from .catalogue import Family, ModelEntry
from .input_size import TRAINED_SIZE, fit_to_input
from .install import INSTALL_TORCH

if TYPE_CHECKING:
    from types import ModuleType

    from torch import Tensor, nn

_MODULES: dict[Family, tuple[str, str]] = {
    "sam": ("segment_anything", "segment-anything"),
    "medsam": ("segment_anything", "segment-anything"),
    "sam_hq": ("segment_anything_hq", "segment-anything-hq"),
    "mobile_sam": ("mobile_sam", "mobilesam-mirror"),
    "sam2_1": ("sam2", "rf-sam-2"),
}
_SAM_2_1_CONFIGURATIONS = {
    "hiera_tiny": "sam2.1_hiera_t",
    "hiera_small": "sam2.1_hiera_s",
    "hiera_base_plus": "sam2.1_hiera_b+",
    "hiera_large": "sam2.1_hiera_l",
}
"""File names in the package ``sam2`` of what its networks are built from."""
_NESTED_UNDER = {"sam2_1": "model"}
"""What a family's files name their state dict; the others hold nothing else."""
_SHOWN = 3


def build_network(entry: ModelEntry) -> nn.Module:
    """A network of a model's architecture with random weights, on the CPU.

    Raises
    ------
    DependencyMissing
        If the package that builds it is not installed; the message says how to install it.
    """
    if entry.is_own:
        raise ModelError(f"{entry.title} is not built from a state dict: load it with `SamEngine.load`.")
    module_name, distribution = _MODULES[entry.family]
    try:
        with warnings.catch_warnings():
            # timm moved its modules and mobile_sam registers names that timm has too; neither concerns users
            warnings.simplefilter("ignore")
            return _builder(entry, import_module(module_name))()
    except ImportError as error:
        raise DependencyMissing(
            f"{entry.title} needs the Python package '{distribution}' with PyTorch and torchvision ({error}). "
            f"{INSTALL_TORCH}"
        ) from error


def _builder(entry: ModelEntry, package: ModuleType) -> Callable[[], nn.Module]:
    if entry.family == "sam2_1":
        return lambda: _built_of_configuration(package, _SAM_2_1_CONFIGURATIONS[entry.architecture])
    registry: dict[str, Callable[[], nn.Module]] = package.sam_model_registry
    return registry[entry.architecture]


def _built_of_configuration(package: ModuleType, name: str) -> nn.Module:
    """SAM 2.1 as its package describes it; read here, for the package's own way changes what Hydra knows globally."""
    from hydra.utils import instantiate
    from omegaconf import OmegaConf

    path = files(package).joinpath(f"configs/sam2.1/{name}.yaml")
    configuration = OmegaConf.create(path.read_text(encoding="utf-8"))
    network: nn.Module = instantiate(configuration.model, _recursive_=True)
    return network


def load_network(entry: ModelEntry, path: Path) -> nn.Module:
    """A trained network on the CPU, ready for inference.

    Parameters
    ----------
    entry : ModelEntry
    path : Path
        A state dict as PyTorch saves it. It is read without running any code that it may contain.

    Raises
    ------
    WeightsMismatch
        If the file is damaged, or its tensors are not those of the model; names file, model and what differs.
    DependencyMissing
        If a package is not installed.
    """
    network = build_network(entry)
    state = _read_state(entry, path)
    difference = _difference(network.state_dict(), state)
    if difference:
        raise WeightsMismatch(f"'{path}' does not hold weights of {entry.title} ({entry.name}): {difference}.")
    network.load_state_dict(state)
    if entry.input_size != TRAINED_SIZE:
        fit_to_input(network, entry.input_size)
    return network.eval().requires_grad_(False)


def _read_state(entry: ModelEntry, path: Path) -> dict[str, Tensor]:
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise WeightsMismatch(
            f"'{path}' is no weights file of {entry.title} or is damaged ({_first_line(error)}): fetch it."
        ) from error
    nested = _NESTED_UNDER.get(entry.family)
    if nested is not None and isinstance(state, dict) and isinstance(state.get(nested), dict):
        state = state[nested]
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise WeightsMismatch(f"'{path}' holds no state dict of {entry.title}: expected names with tensors.")
    return state


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _difference(expected: dict[str, Tensor], found: dict[str, Tensor]) -> str:
    missing, unknown = expected.keys() - found.keys(), found.keys() - expected.keys()
    shapes = [
        f"{name} is {tuple(found[name].shape)} instead of {tuple(expected[name].shape)}"
        for name in sorted(expected.keys() & found.keys())
        if expected[name].shape != found[name].shape
    ]
    parts = (_listed("lacks", missing), _listed("has unknown", unknown), _listed("", shapes))
    return "; ".join(part for part in parts if part)


def _listed(verb: str, names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"{verb} {', '.join(listed[:_SHOWN])}{more}".strip() if listed else ""
