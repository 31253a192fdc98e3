"""The model's answer together with the windings that lines were drawn along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...core.image import SliceImage
from ...core.mask import Candidate, Mask, Segmentation
from ...core.prompts import Prompts, StrokePrompt
from ...errors import PromptError
from .trace import traced

if TYPE_CHECKING:
    from ...inference.engine import SamEngine

_LOGITS_SHAPE = (256, 256)


def answer(engine: SamEngine, image: SliceImage, prompts: Prompts) -> Segmentation:
    """What the prompts of a slice give: the model answers points, boxes and scribbles, lines along windings are traced.

    Raises
    ------
    PromptError
        If there is no prompt, or one lies outside the slice.
    OutOfMemory
        If memory does not suffice.
    """
    if not len(prompts):
        raise PromptError("There is no prompt: give a point or a box.")
    prompts.check_inside(image.shape_yx)
    found = engine.segment(image, prompts) if len(prompts.for_model) else None
    return with_windings(found, image, prompts.windings)


def with_windings(found: Segmentation | None, image: SliceImage, strokes: Sequence[StrokePrompt]) -> Segmentation:
    """Masks with the windings of positive lines, without those of negative ones, in the order of the lines.

    Parameters
    ----------
    found : Segmentation, optional
        What the model has found, if it was asked anything.
    image : SliceImage
        The slice that both are about.
    strokes : sequence of StrokePrompt
        Along windings.
    """
    if found is None:
        nothing = Candidate(Mask.from_array(np.zeros(image.shape_yx, bool)), 0.0, np.zeros(_LOGITS_SHAPE, np.float32))
        found = Segmentation((nothing,))
    if not strokes:
        return found
    grey = image.grey_pixels
    windings = [(traced(grey, each).to_array(), each.positive) for each in strokes]
    candidates = (replace(each, mask=_changed(each.mask, windings)) for each in found.candidates)
    return replace(found, candidates=tuple(candidates))


def _changed(mask: Mask, windings: Sequence[tuple[np.ndarray, bool]]) -> Mask:
    pixels = mask.to_array()
    for winding, positive in windings:
        pixels = pixels | winding if positive else pixels & ~winding
    return Mask.from_array(pixels)
