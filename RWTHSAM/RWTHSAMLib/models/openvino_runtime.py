"""OpenVINO itself: its import without usage reports, and what the processor can do.

Importing OpenVINO sends an event to its makers' statistics unless the user has opted out. Nothing of this project
talks to the network unasked, so the reporting package is hidden first; OpenVINO then takes its own silent substitute.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Cancelled, DependencyMissing, ModelError, SettingsError

if TYPE_CHECKING:
    from types import ModuleType

    import openvino

THREADS_VARIABLE = "RWTHSAM_THREADS"
_REPORTING_PACKAGE = "openvino_telemetry"
_BF16_FLAGS = ("avx512_bf16", "amx_bf16")
# a choice: whoever stops a run does not notice it
_LOOK_EVERY_MS = 50


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
    """A model made ready for single requests that should be answered soon.

    Raises
    ------
    ModelError
        If OpenVINO cannot do that on this processor.
    """
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision, **_threads()}
    try:
        return core().compile_model(model, "CPU", settings)
    except RuntimeError as error:
        why = "it lacks AVX2, " if lacks_avx2(_processor_flags()) else ""
        raise ModelError(
            f"OpenVINO cannot prepare the model for this processor: {why}{str(error).strip().splitlines()[-1]}"
        ) from error


def _threads() -> dict[str, int]:
    """How many threads compute, where processes share a computer; else OpenVINO takes all."""
    named = os.environ.get(THREADS_VARIABLE, "")
    return {"INFERENCE_NUM_THREADS": int(named)} if named.isdecimal() and int(named) else {}


def infer(
    request: openvino.InferRequest, inputs: Sequence[np.ndarray], is_interrupted: Callable[[], bool]
) -> list[np.ndarray]:
    """Outputs of a graph, in its order; they are valid until its next run.

    Parameters
    ----------
    is_interrupted : callable
        Asked several times a second; True ends the run.

    Raises
    ------
    Cancelled
        If `is_interrupted` said so.
    RuntimeError
        If OpenVINO fails.
    """
    request.start_async(dict(enumerate(inputs)), share_inputs=True)
    while not request.wait_for(_LOOK_EVERY_MS):
        if is_interrupted():
            _cancel(request)
    return [tensor.data for tensor in request.output_tensors]


def _cancel(request: openvino.InferRequest) -> None:
    request.cancel()
    with contextlib.suppress(RuntimeError):  # that it was cancelled is what it says
        request.wait()  # the buffers must not be touched before it has really stopped
    raise Cancelled("The request was withdrawn.")


def encoder_precision(requested: str) -> str:
    """``"bf16"`` or ``"f32"`` as requested; ``"auto"`` is bf16 where the processor computes in it.

    Raises
    ------
    SettingsError
        If the processor lacks what is asked for.
    """
    if requested in ("auto", "f32"):
        return "bf16" if requested == "auto" and has_bf16() else "f32"
    if requested == "bf16" and has_bf16():
        return "bf16"
    raise SettingsError(f"OpenVINO does not compute in {requested} on this processor: choose 'auto' or 'f32'.")


def has_bf16() -> bool:
    """Whether the processor multiplies bf16 numbers in hardware; OpenVINO also emulates them, which is slower."""
    if "BF16" not in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return False
    flags = _processor_flags()
    return not flags or any(flag in flags for flag in _BF16_FLAGS)  # where they are not told, OpenVINO's word has to do


def lacks_avx2(flags: frozenset[str]) -> bool:
    """Whether a processor of Intel's kind has no AVX2; those built since 2015 do. Others know other flags."""
    return "sse2" in flags and "avx2" not in flags


def _processor_flags() -> frozenset[str]:
    """What Linux says that the processor can do; empty elsewhere."""
    try:
        return frozenset(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return frozenset()
