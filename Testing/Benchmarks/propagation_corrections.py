"""A propagation that is corrected where its list says, again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from propagation import Case, volume_of

from RWTHSAMLib.algorithms.propagation.propagate import Propagation
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.inference.engine import SamEngine

Prompting = Callable[[Case], Mask]


def corrected(engine: SamEngine, case: Case, prompted: Prompting, count: int) -> list[float]:
    """3D Dice before and after up to so many corrections; fewer where nothing is doubtful any more.

    The first slice of the list is prompted as the first one was; where the mask that is there already is nearer to the
    truth, it is confirmed instead, as by the tick beside the slice. Where the object is not there in truth, the range
    of slices ends before it.
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
        if not found.doubtful or len(scores) > count:
            break
        k = found.doubtful[0].index
        if case.truth_kji[k].any():
            there = next(each.mask for each in found.slices if each.index == k)
            keyframes[k] = _better(prompted(replace(case, seed_slice=k)), there, case.truth_kji[k])
        else:
            before = k < min(keyframes)
            first, last = (k + 1, last) if before else (first, k - 1 if k > max(keyframes) else last)
    return scores


def _better(prompted: Mask, there: Mask, truth_yx: np.ndarray) -> Mask:
    """What a person who sees both masks goes on with."""
    return max(prompted, there, key=lambda each: dice(each.to_array(), truth_yx))
