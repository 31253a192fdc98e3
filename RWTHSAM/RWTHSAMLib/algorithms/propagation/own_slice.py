"""What the model makes of the slice where an object was prompted: it shows how to ask it on the other slices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...core.mask import Mask
from ...core.propagation_step import Seed, Step, StepJudgement
from ...core.settings.propagation import PropagationSettings
from .track import PendingStep, TrackedSlice

_WORTH = 0.03
"""IoU by which one way to ask must be nearer to the prompted mask for the other not to be taken. On the way out that is
by candidates, for the one mask for all prompts fills the box more often: made-up objects of three development seeds and
three organs, MobileSAM, box and 3, reach a 3D Dice of .904 (.893 by the one mask). On the way back it is by the one
mask: the candidate nearest to a tip does not grow with the object."""

_POOR, _GOOD = 0.5, 0.9
"""IoU of the prompted mask with what the model makes of its slice from the mask itself: .91 to 1 for parts that hold
through their slices, .47 to .66 for organs that RWTHSAM-Net does not know."""
_JUST_BELIEVED = PropagationSettings().doubtful_below


class OwnSlice:
    """The steps from the prompted slice to itself, one for each way to ask the model.

    The box around an object with others inside it, as a can has, says little: of several candidates one is often the
    object where the one mask for all prompts is not. They are asked for unless only the one mask finds the prompted
    mask again, and how the model rates what it finds is what its ratings of other slices are held against. A model that
    follows is shown the mask before on all slices; whether it finds the prompted mask without being shown it tells how
    well it knows the object.

    Parameters
    ----------
    index : int
    mask : Mask
        Not empty.
    seed : Seed
        What the mask tells; with a rating, nothing is asked.

    Attributes
    ----------
    pending : PendingStep, optional
        The step to be taken next with `seed`; None at the end.
    seed : Seed
        How the object is to be asked for, at the end.
    needs_candidates : bool
        Whether only candidates find the prompted mask again, so that they are asked for on the way back as well.
    found_again : float
        IoU of the prompted mask with what the model makes of its slice, 1 as long as it was not asked.
    """

    def __init__(self, index: int, mask: Mask, seed: Seed) -> None:
        self.index, self.seed = index, seed
        self.pending: PendingStep | None = PendingStep(index, mask) if seed.rated is None else None
        self._followed: StepJudgement | None = None
        self._one_mask: StepJudgement | None = None
        self.found_again, self.needs_candidates = 1.0, seed.multimask

    @property
    def is_found_again(self) -> bool:
        """Whether it is found well enough for other slices to be believed."""
        return _belief(self.found_again) >= _JUST_BELIEVED

    def take(self, step: Step) -> None:
        """Use what `pending` gave."""
        if step.judgement.follows:
            self._followed = step.judgement
            self._ask_again(multimask=False)
            return
        if self._one_mask is None:
            self._one_mask = step.judgement
            self._ask_again(multimask=True)
            return
        nearer_by = step.judgement.agreement - self._one_mask.agreement
        by_candidates, self.needs_candidates = nearer_by >= -_WORTH, nearer_by > _WORTH
        taken = step.judgement if by_candidates else self._one_mask
        self.pending = None
        self.found_again = max(step.judgement.overlap, self._one_mask.overlap)
        self.seed = replace(self.seed, rated=taken.predicted_iou, multimask=by_candidates)
        if self._followed is not None:
            self.seed = replace(self.seed, rated=self._followed.predicted_iou, multimask=False, mask_prompt=True)

    def _ask_again(self, multimask: bool) -> None:
        assert self.pending is not None
        self.seed = replace(self.seed, mask_prompt=False, multimask=multimask)
        self.pending = replace(self.pending)


def without_belief_where_unknown(slices: Iterable[TrackedSlice], own: Iterable[OwnSlice]) -> list[TrackedSlice]:
    """The same slices, with lower scores if the model finds none of the prompted masks again.

    One that it does find is enough: another prompted slice may be damaged.
    """
    best = max(each.found_again for each in own)
    why = f"the model finds even the prompted mask again by {best:.0%} only"
    return [each.limited(_belief(best), why) for each in slices]


def _belief(found_again: float) -> float:
    return max(0.0, (found_again - _POOR) / (_GOOD - _POOR))
