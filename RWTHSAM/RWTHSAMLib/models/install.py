"""What a model needs beside its weights: which packages, which of them are missing, what installs them."""

from __future__ import annotations

import re
from importlib import invalidate_caches
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

from ..errors import DependencyMissing
from .catalogue import Family, ModelEntry

_DISTRIBUTION = "rwthsam"
_OF_TORCH = re.compile(r"""extra\s*==\s*["']torch["']""")
_TORCH_MODULES = ("torch", "torchvision")
_MODULES_OF: dict[Family, tuple[str, ...]] = {
    "rwthsam_net": ("openvino",),
    "sam": ("segment_anything",),
    "medsam": ("segment_anything",),
    "sam_hq": ("segment_anything_hq", "timm"),
    "mobile_sam": ("mobile_sam", "timm"),
    "sam2_1": ("sam2", "hydra"),
}
TORCH_SIZE = "about 200 MB for the CPU, 2 to 3 GB with support for NVIDIA GPUs"
"""What PyTorch takes to fetch, for people."""
INSTALL_TORCH = (
    f"Install what the Segment Anything models need with: rwthsam models install sam (PyTorch among it: {TORCH_SIZE})."
)
"""What to do about it, for people."""


def needs_torch(entry: ModelEntry) -> bool:
    """Whether a model cannot be run without PyTorch, and PyTorch is not installed; nothing is imported for this."""
    return not entry.is_own and not all(map(_is_installed, _TORCH_MODULES))


def missing_modules(entry: ModelEntry) -> tuple[str, ...]:
    """Modules beside PyTorch that a model needs and that are not installed; nothing is imported for this."""
    invalidate_caches()  # they may have been installed a moment ago, by another process
    return tuple(name for name in _MODULES_OF[entry.family] if not _is_installed(name))


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # a half-removed package, or a module that was put in by hand
        return False


def torch_requirements() -> list[str]:
    """Requirements of the extra ``torch``, as pip takes them.

    Raises
    ------
    DependencyMissing
        If this program was not installed with pip, which would know them.
    """
    try:
        listed = requires(_DISTRIBUTION) or []
    except PackageNotFoundError as error:
        raise DependencyMissing(
            "This program was not installed with pip, so what its models need is not known here: "
            "pip install 'rwthsam[torch]', or in Slicer the button of the section Model."
        ) from error
    halves = (each.partition(";") for each in listed)
    return [requirement.strip() for requirement, _, marker in halves if _OF_TORCH.search(marker)]
