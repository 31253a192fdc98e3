"""What the engine is asked, computed: the same in the inference process and in the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client import AutomaticRequest, EmbedRequest, Reply, Request, StepRequest

if TYPE_CHECKING:
    from ..inference.engine import SamEngine


def reply_to(engine: SamEngine, request: Request) -> Reply:
    """Compute what a request asks for; what computes it is imported when it is needed first."""
    if isinstance(request, AutomaticRequest):
        from ..algorithms.automatic.generator import found_masks

        found = found_masks(engine, request.image, request.settings, request.mode)
        return Reply(request.request_id, found=found)
    if isinstance(request, StepRequest):
        from ..algorithms.propagation.step import take_step

        image, values = request.image, request.values_yx
        step = take_step(engine, image, values, request.previous, request.seed, request.padding_px)
        return Reply(request.request_id, step=step)
    if isinstance(request, EmbedRequest):
        engine.embed(request.image, request.for_clicks)
        return Reply(request.request_id)
    from ..algorithms.windings.answer import answer

    return Reply(request.request_id, segmentation=answer(engine, request.image, request.prompts))
