"""One step of a propagation: the mask of a slice, from that of its neighbour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.image import SliceImage
from ...core.mask import Candidate, Mask, iou
from ...core.prompts import BoxPrompt, PointPrompt, Prompts
from ...core.propagation_step import Seed, Step, StepJudgement
from .appearance.absence import MOST_ALIKE, is_absent
from .appearance.edge import moved_to_edge
from .appearance.looks import grey_match, sharpness
from .appearance.material import Material, pixels_of
from .drift import likeness
from .neighbourhood import around, deepest_pixel, mean_difference, parts_meeting, pixels_in, pixels_of_box, placed

if TYPE_CHECKING:
    from ...inference.engine import SamEngine

STEPS_OF_MODEL = 256
"""In how many steps the model draws a mask along the longer side of a slice."""
_USUAL_OVERLAP = 0.75
"""IoU with the mask before: where an object is followed so far it is there, and nobody has to look."""
_SEEN_BEYOND_PX = 4
"""So far around what a mask may reach grey values are looked at: their smoothing takes in three pixels."""


def take_step(
    engine: SamEngine, image: SliceImage, values_yx: np.ndarray, previous: Mask, seed: Seed, padding_px: int
) -> Step:
    """Find the object of a neighbouring slice again.

    The model is asked with the box of the mask before, a little larger, and the point deepest inside it; where the seed
    says so, for its candidates, of which the one nearest to the mask before is its answer. A model that was trained to
    follow is shown the mask before as well; others would insist on an object that has ended. Of the answer remains what
    has the object's grey values (holes in it are filled), lies near the box and touches the mask before; its edge is
    moved to where that of the object was on the slice that the propagation began with, see `edge`.

    Parameters
    ----------
    values_yx : numpy.ndarray
        The scan's own grey values, (rows, columns).
    previous : Mask
        Of the neighbouring slice; not empty.
    padding_px : int
        How far the new mask may reach beyond the box of the one before.
    """
    prompts = step_prompts(previous, padding_px)
    followed = engine.follow(image, prompts, previous) if seed.mask_prompt else None
    answer = followed.best if followed is not None else _answer(engine, image, prompts, previous, seed.multimask)
    part, before = around(previous, padding_px + _SEEN_BEYOND_PX)
    allowed = pixels_of_box(around(previous, padding_px)[0], part)
    answered = pixels_in(answer.mask, part) & allowed
    kept = pixels_of(answered, values_yx[part], Material(seed.grey, seed.opening_px), before)
    if seed.edge is not None and kept.any():
        reach_px = max(1, round(seed.edge.reach * max(previous.shape_yx) / STEPS_OF_MODEL))
        moved = moved_to_edge(kept, before, values_yx[part], seed.edge, reach_px, seed.grey)
        kept = parts_meeting(moved & allowed, before)
    mask = placed(kept, part, previous.shape_yx)
    sharp, match = sharpness(values_yx, mask), grey_match(values_yx, mask, seed.look)
    overlap = _share(kept & before, kept | before)
    return Step(
        mask,
        StepJudgement(
            predicted_iou=answer.predicted_iou,
            growth=_share(kept, before),
            overlap=overlap,
            contained=_share(kept & before, kept),
            contrast=_contrast_share(values_yx, mask, seed),
            material=_share(kept & answered, answered),
            likeness=likeness(values_yx, mask, seed.inner_grey),
            usual_iou=seed.usual_iou,
            agreement=iou(answer.mask, previous),
            follows=followed is not None,
            grey_match=match,
            sharpness=sharp,
            sharpness_kept=min(1.0, sharp / seed.look.sharpness) if seed.look.sharpness else 1.0,
            is_absent=(overlap < _USUAL_OVERLAP or match < MOST_ALIKE) and is_absent(values_yx, previous, seed.look),
        ),
    )


def _answer(engine: SamEngine, image: SliceImage, prompts: Prompts, previous: Mask, multimask: bool) -> Candidate:
    answer = engine.segment_at_once(image, prompts, multimask=multimask)
    return max(answer.candidates, key=lambda each: iou(each.mask, previous)) if multimask else answer.best


def step_prompts(previous: Mask, padding_px: int) -> Prompts:
    """Box and point, in pixels (x, y), for the slice beside a mask."""
    x0, y0, x1, y1 = previous.bounds_xyxy
    rows, columns = previous.shape_yx
    box = BoxPrompt(
        max(0, x0 - padding_px),
        max(0, y0 - padding_px),
        min(columns - 1, x1 + padding_px),
        min(rows - 1, y1 + padding_px),
    )
    return Prompts((PointPrompt(*deepest_pixel(previous)), box))


def _contrast_share(values_yx: np.ndarray, mask: Mask, seed: Seed) -> float:
    if not seed.contrast:
        return 1.0
    return mean_difference(values_yx, mask) / seed.contrast if not mask.is_empty else 0.0


def _share(part: np.ndarray, whole: np.ndarray) -> float:
    return int(np.count_nonzero(part)) / max(1, int(np.count_nonzero(whole)))
