"""A propagation that is corrected on the slice that it proposes, again and again, by one of three persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from click_protocol import next_click
from propagation import Case, volume_of

from RWTHSAMLib.algorithms.propagation.propagate import Propagation
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.prompts import BoxPrompt, Prompts
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.inference.engine import SamEngine

Prompting = Callable[[Case], Mask]


RIGHT_DICE, MOST_CLICKS = 0.95, 10


def clicked_until_right(engine: SamEngine, case: Case) -> Mask:
    """The best mask of the tight box and up to ten clicks; none more where one has a Dice of .95."""
    target, picture = case.truth_kji[case.seed_slice], case.picture(case.seed_slice)
    prompts = Prompts((BoxPrompt(*Mask.from_array(target).bounds_xyxy),))
    masks = [engine.segment(picture, prompts).best.mask]
    while dice(masks[-1].to_array(), target) < RIGHT_DICE and len(masks) <= MOST_CLICKS:
        prompts = prompts.adding(next_click(target, masks[-1].to_array()))
        masks.append(engine.segment(picture, prompts).best.mask)
    return max(masks, key=lambda each: dice(each.to_array(), target))


def painted(case: Case) -> Mask:
    """The truth."""
    return Mask.from_array(case.truth_kji[case.seed_slice])


def persons_of(engine: SamEngine, prompted: Prompting) -> Mapping[str, Prompting]:
    """Who corrects: with as many prompts as on the first slice, with clicks until it is right, or by painting."""
    return {
        "prompted": prompted,
        "clicked until right": lambda case: clicked_until_right(engine, case),
        "painted": painted,
    }


def corrected(
    engine: SamEngine, case: Case, prompted: Prompting, count: int, correcting: Prompting | None = None
) -> list[float]:
    """3D Dice before and after up to so many corrections; fewer where all slices are corrected.

    The proposed slice is corrected by `correcting`, without it prompted as the first one was; where the mask that is
    there already is nearer to the truth, it is confirmed instead, as by the tick beside the slice. Where the object is
    not there in truth, the range of slices ends before it.
    """
    run = Propagation(
        engine,
        case.picture,
        lambda k: case.grey_kji[k],
        PropagationSettings().resolved(case.slice_step),
    )
    keyframes, (first, last) = {case.seed_slice: prompted(case)}, case.span
    scores = []
    for _ in range(count + 1):
        found = run.run(keyframes, first, last)
        scores.append(dice(volume_of(case, found), case.truth_kji))
        if found.proposed is None or len(scores) > count:
            break
        k, there = found.proposed.index, found.proposed.mask
        if case.truth_kji[k].any():
            mask = (correcting or prompted)(replace(case, seed_slice=k))
            keyframes[k] = _better(mask, there, case.truth_kji[k])
        else:
            before = k < min(keyframes)
            first, last = (k + 1, last) if before else (first, k - 1 if k > max(keyframes) else last)
    return scores


def _better(prompted: Mask, there: Mask, truth_yx: np.ndarray) -> Mask:
    """What a person who sees both masks goes on with."""
    return max(prompted, there, key=lambda each: dice(each.to_array(), truth_yx))
