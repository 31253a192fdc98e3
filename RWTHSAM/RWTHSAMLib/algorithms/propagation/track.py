"""One track through the slices: from a slice with a mask on in one direction, until the object ends."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from ...core.mask import CompactMask, Mask, compact
from ...core.propagation_step import Step, StepJudgement
from ...core.settings.propagation import PropagationSettings
from .meeting import agreement, blended

_SLICES_TO_JUDGE_ONE = 2
"""Before a slice counts as odd: the mask that a track began with may be wide, and agree with a leak."""
_SUDDEN_LOSS = 0.6
"""Share of its area that is left where an object ends in a tip, or where a slice is bad: the next slices tell."""
_SLICES_BEHIND_LOSS = 12
"""On which a loss counts that nothing explained: a mask comes back by a few pixels a slice."""


@dataclass(frozen=True, eq=False)
class TrackedSlice:
    """A slice that belongs to the object.

    Attributes
    ----------
    index : int
    mask : Mask
    score : float
        How far the mask can be believed, 0 to 1. By the rules the weakest of what was measured, and of a slice whose
        mask is not the model's answer how far its neighbours agree; `estimate` tells what replaces it at the end.
    remark : str
        What was wrong there.
    is_filled : bool
        Whether the mask is the shape between others, because the model was not believed there.
    weakness : str
        What the score is low for, wherever it is below 1.
    likeness : float
        How much of it looks as on the slice that the track began with, see `StepJudgement`.
    judgement : StepJudgement, optional
        Of the step that gave the mask; None where none did, and of what was read from a file.
    evidence : tuple of float
        What the score was estimated from, see `evidence.NAMES`; empty where the rules gave it.
    """

    index: int
    mask: Mask
    score: float
    remark: str = ""
    is_filled: bool = False
    weakness: str = ""
    likeness: float = 1.0
    judgement: StepJudgement | None = None
    evidence: tuple[float, ...] = ()

    def with_mask(self, mask: Mask) -> TrackedSlice:
        """The same with another mask, packed where its own is."""
        return replace(self, mask=compact(mask) if isinstance(self.mask, CompactMask) else mask)

    def limited(self, score: float, why: str) -> TrackedSlice:
        """The same, believed no more than so far for a reason."""
        return replace(self, score=score, weakness=why) if score < self.score else self


@dataclass(frozen=True)
class End:
    """Where and why an object ended: the last slice that belongs to it, and what the next one broke."""

    index: int
    reason: str


@dataclass(frozen=True, eq=False)
class PendingStep:
    """A step to be taken: to the slice of an index, from a mask on a slice before it."""

    index: int
    previous: Mask


def score_of_likeness(share: float) -> float:
    """Score, 0 to 1, of a mask that shares so much of its area with others; two thirds (Dice 0.8) are just believed."""
    return max(0.0, min(0.99, 1.5 * share - 0.5))


class Track:
    """Goes from slice to slice while the rules hold; who takes the steps, and when, is up to the caller.

    A slice that breaks a rule is either where the object ends or a bad one. It counts as bad where the object was
    beyond doubt before it and is so again on one of the next `most_skipped` slices; its mask is then the shape between
    its neighbours. The same holds for slices that keep the rules but disagree with what lies on both sides of them: one
    before a slice that breaks a rule, and up to `most_skipped` that begin with a sudden loss. A slice from which the
    object is gone, while all else on it is as before, is no bad one: what comes behind it is another object.

    Parameters
    ----------
    start : Mask
        On slice `first`; not empty.
    indices : sequence of int
        The slices to go through, in their order.
    rules : PropagationSettings
    at_last : str
        Why the object ends on the last of them, if it does.

    Attributes
    ----------
    pending : PendingStep, optional
        The step to be taken next; None at the end.
    end : End, optional
        Known at the end.
    """

    def __init__(
        self, start: Mask, first: int, indices: Sequence[int], rules: PropagationSettings, at_last: str = ""
    ) -> None:
        self._rules, self._at_last = rules, at_last
        self._slices = [TrackedSlice(first, start, 1.0)]
        self._skipped: list[tuple[int, str]] = []
        self._steps = self._run(indices)
        self.end: End | None = None
        self.pending: PendingStep | None = next(self._steps, None)

    @property
    def slices(self) -> tuple[TrackedSlice, ...]:
        """The object's slices so far, without the first one."""
        return tuple(self._slices[1:])

    @property
    def index(self) -> int:
        """How far it has come."""
        return self._slices[-1].index

    def take(self, step: Step) -> None:
        """Use what `pending` gave."""
        try:
            self.pending = self._steps.send(step)
        except StopIteration:
            self.pending = None

    def _run(self, indices: Sequence[int]) -> Generator[PendingStep, Step, None]:
        for index in indices:
            step = yield PendingStep(index, self._slices[-1].mask)
            reason = self._objection(step)
            if reason and step.judgement.is_absent:
                self._skipped.append((index, reason))
                break
            firm = self._firm(reason)
            if firm is not None:
                again = yield PendingStep(index, self._slices[firm].mask)
                if self._resembles(again):
                    self._skip_from(firm + 1)
                    step, reason = again, ""
            if reason:
                self._skipped.append((index, reason))
                if self._is_over():
                    break
            else:
                self._pass(index, step)
        reason = self._skipped[0][1] if self._skipped else self._at_last
        self.end = End(self._slices[-1].index, reason)

    def _objection(self, step: Step) -> str:
        reason = step.judgement.broken_rule(self._rules)
        if not reason and self._skipped and not self._is_beyond_doubt(step):
            return "behind a skipped slice it is not found again beyond doubt"
        return reason

    def _is_beyond_doubt(self, step: Step) -> bool:
        return not step.judgement.broken_rule(self._rules) and step.judgement.score >= self._rules.doubtful_below

    def _resembles(self, step: Step) -> bool:
        """Whether a slice is so like one some slices before it that those between them are the odd ones."""
        return self._is_beyond_doubt(step) and step.judgement.overlap >= self._rules.least_overlap

    def _firm(self, reason: str) -> int | None:
        """Position of the slice that the present one should be compared with too, because what lies between is odd.

        That is the one before a sudden loss, or, where the present step breaks a rule, the last but one.
        """
        if len(self._slices) <= _SLICES_TO_JUDGE_ONE:
            return None
        loss = self._loss()
        if loss is not None:
            return loss
        return len(self._slices) - 2 if reason and not self._skipped else None

    def _loss(self) -> int | None:
        """Position before the first of the latest slices that lost much of the object, or cannot be believed."""
        latest = self._rules.most_skipped - len(self._skipped)
        for position in range(max(_SLICES_TO_JUDGE_ONE, len(self._slices) - latest), len(self._slices)):
            before, here = self._slices[position - 1], self._slices[position]
            is_lost = here.mask.area < _SUDDEN_LOSS * before.mask.area or here.score < self._rules.doubtful_below
            if is_lost and not here.is_filled and before.score >= self._rules.doubtful_below:
                return position - 1
        return None

    def _skip_from(self, position: int) -> None:
        odd = [(each.index, "its neighbours agree with each other, not with it") for each in self._slices[position:]]
        del self._slices[position:]
        self._skipped[:0] = odd

    def _is_over(self) -> bool:
        """Whether too many slices were bad, or what came before them cannot be believed either."""
        if len(self._skipped) > self._rules.most_skipped:
            return True
        return self._slices[-1].score < self._rules.doubtful_below and self._loss() is None

    def _pass(self, index: int, step: Step) -> None:
        before = self._slices[-1].mask
        fit = score_of_likeness(agreement(before, step.mask)) if self._skipped else 1.0
        for position, (missed, why) in enumerate(self._skipped):
            share = (position + 1) / (len(self._skipped) + 1)
            self._slices.append(
                TrackedSlice(missed, blended(before, step.mask, share), fit, f"filled in: {why}", is_filled=True)
            )
        self._skipped.clear()
        judged = step.judgement
        passed = TrackedSlice(
            index, step.mask, judged.score, weakness=judged.weakness, likeness=judged.likeness, judgement=judged
        )
        self._slices.append(passed.limited(self._belief_since_loss(step.mask), "much of the object was lost before it"))

    def _belief_since_loss(self, mask: Mask) -> float:
        """Score, at most, of a mask behind a sudden loss: a tip ends soon, what was lost to a bad slice stays away."""
        areas = [*(each.mask.area for each in self._slices[-_SLICES_BEHIND_LOSS:]), mask.area]
        for before, here in zip(areas, areas[1:], strict=False):
            if here < _SUDDEN_LOSS * before:
                return score_of_likeness(min(1.0, mask.area / before))
        return 1.0
