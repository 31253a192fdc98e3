"""One step of a propagation as it is requested."""

from __future__ import annotations

from ..algorithms.propagation.step import take_step
from ..core.propagation_step import Step
from ..inference.engine import SamEngine
from .client import StepRequest


def step_of(engine: SamEngine, request: StepRequest) -> Step:
    """What a request asks for, see `take_step`."""
    image, values = request.image, request.values_yx
    return take_step(engine, image, values, request.previous, request.seed, request.padding_px)
