"""A propagation that is corrected where its list says, again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from propagation import Case, volume_of

from RWTHSAMLib.algorithms.propagation.propagate import Propagation
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.inference.engine import SamEngine

Prompting = Callable[[Case], Mask]


def corrected(engine: SamEngine, case: Case, prompted: Prompting, count: int) -> list[float]:
    """3D Dice before and after up to so many corrections; fewer where nothing is doubtful any more.

    The first slice of the list is prompted as the first one was. Where the object is not there in truth, the range of
    slices ends before it instead.
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
        if not found.doubtful:
            break
        k = found.doubtful[0].index
        if case.truth_kji[k].any():
            mask = prompted(replace(case, seed_slice=k))
            keyframes |= {} if mask.is_empty else {k: mask}
        else:
            before = k < min(keyframes)
            first, last = (k + 1, last) if before else (first, k - 1 if k > max(keyframes) else last)
    return scores
