"""OpenVINO itself: its import without usage reports, and what the processor can do.

Importing OpenVINO sends an event to its makers' statistics unless the user has opted out. Nothing of this project
talks to the network unasked, so the reporting package is hidden first; OpenVINO then takes its own silent substitute.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DependencyMissing, SettingsError

if TYPE_CHECKING:
    from types import ModuleType

    import openvino

_REPORTING_PACKAGE = "openvino_telemetry"
_BF16_FLAGS = ("avx512_bf16", "amx_bf16")


def import_openvino() -> ModuleType:
    """The module ``openvino``.

    Raises
    ------
    DependencyMissing
        If it is not installed, or not usable here.
    """
    sys.modules.setdefault(_REPORTING_PACKAGE, None)  # type: ignore[arg-type]
    try:
        return import_module("openvino")
    except (ImportError, OSError) as error:
        raise DependencyMissing(f"OpenVINO cannot be used ({error}): pip install openvino.") from error


@lru_cache(maxsize=1)
def core() -> openvino.Core:
    """One core for the process: it holds the plugins."""
    return import_openvino().Core()


def compile_for_cpu(model: openvino.Model, precision: str) -> openvino.CompiledModel:
    """A model made ready for single requests that should be answered soon."""
    return core().compile_model(model, "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision})


def encoder_precision(wish: str) -> str:
    """``"bf16"`` or ``"f32"`` for a wish; ``"auto"`` is bf16 where the processor computes in it.

    Raises
    ------
    SettingsError
        If the processor lacks what is asked for.
    """
    if wish in ("auto", "f32"):
        return "bf16" if wish == "auto" and has_bf16() else "f32"
    if wish == "bf16" and has_bf16():
        return "bf16"
    raise SettingsError(f"OpenVINO does not compute in {wish} on this processor: choose precision 'auto' or 'f32'.")


def has_bf16() -> bool:
    """Whether the processor multiplies bf16 numbers in hardware; OpenVINO also emulates them, which is slower."""
    if "BF16" not in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return True  # not Linux: OpenVINO's word has to do
    return any(flag in flags for flag in _BF16_FLAGS)
