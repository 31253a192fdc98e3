"""One way through the slices: from a slice with a mask on in one direction, until the object ends."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from ..mask import Mask
from ..propagation_rules import PropagationRules
from ..propagation_step import Step
from .meeting import agreement, blended

_SLICES_TO_JUDGE_ONE = 2
"""Before a slice counts as odd: the mask that a way began with may be wide, and agree with a leak."""


@dataclass(frozen=True, eq=False)
class Passed:
    """A slice that belongs to the object.

    Attributes
    ----------
    index : int
    mask : Mask
    score : float
        Of a slice whose mask is not the model's answer to it, how far its neighbours agree.
    remark : str
        What was wrong there.
    is_filled : bool
        Whether the mask is the shape between others, because the model was not believed there.
    """

    index: int
    mask: Mask
    score: float
    remark: str = ""
    is_filled: bool = False


@dataclass(frozen=True)
class End:
    """Where and why an object ended: the last slice that belongs to it, and what the next one broke."""

    index: int
    reason: str


@dataclass(frozen=True, eq=False)
class Ask:
    """A step to be taken: to the slice of an index, from a mask on a slice before it."""

    index: int
    previous: Mask


def score_of_likeness(share: float) -> float:
    """Score, 0 to 1, of a mask that shares so much of its area with others; two thirds (Dice 0.8) are just believed."""
    return max(0.0, min(0.99, 1.5 * share - 0.5))


class Walk:
    """Goes from slice to slice while the rules hold; who takes the steps, and when, is up to the caller.

    A slice that breaks a rule is either where the object ends or a bad one. It counts as bad where the object was
    beyond doubt before it and is so again on one of the next `PropagationRules.most_skipped` slices; its mask is then
    the shape between its neighbours. The same holds for a slice that passed but disagrees with both of its neighbours.

    Parameters
    ----------
    start : Mask
        On slice `first`; not empty.
    indices : sequence of int
        The slices to go through, in their order.
    rules : PropagationRules

    Attributes
    ----------
    ask : Ask, optional
        The step to be taken next; None at the end.
    end : End, optional
        Known at the end.
    """

    def __init__(self, start: Mask, first: int, indices: Sequence[int], rules: PropagationRules) -> None:
        self._rules = rules
        self._way = [Passed(first, start, 1.0)]
        self._skipped: list[tuple[int, str]] = []
        self._steps = self._run(indices)
        self.end: End | None = None
        self.ask: Ask | None = next(self._steps, None)

    @property
    def passed(self) -> tuple[Passed, ...]:
        """The object's slices so far, without the first one."""
        return tuple(self._way[1:])

    @property
    def index(self) -> int:
        """How far it has come."""
        return self._way[-1].index

    def take(self, step: Step) -> None:
        """Use what `ask` gave."""
        try:
            self.ask = self._steps.send(step)
        except StopIteration:
            self.ask = None

    def _run(self, indices: Sequence[int]) -> Generator[Ask, Step, None]:
        for index in indices:
            step = yield Ask(index, self._way[-1].mask)
            reason = self._objection(step)
            if reason and not self._skipped and len(self._way) > _SLICES_TO_JUDGE_ONE:
                again = yield Ask(index, self._way[-2].mask)
                if self._is_beyond_doubt(again):
                    odd = self._way.pop()
                    self._skipped.append((odd.index, "its neighbours agree with each other, not with it"))
                    step, reason = again, ""
            if reason:
                self._skipped.append((index, reason))
                if len(self._skipped) > self._rules.most_skipped or self._way[-1].score < self._rules.doubtful_below:
                    break
            else:
                self._pass(index, step)
        reason = self._skipped[0][1] if self._skipped else "the last slice was reached"
        self.end = End(self._way[-1].index, reason)

    def _objection(self, step: Step) -> str:
        reason = step.judgement.broken_rule(self._rules)
        if not reason and self._skipped and not self._is_beyond_doubt(step):
            return "behind a skipped slice it is not found again beyond doubt"
        return reason

    def _is_beyond_doubt(self, step: Step) -> bool:
        return not step.judgement.broken_rule(self._rules) and step.judgement.score >= self._rules.doubtful_below

    def _pass(self, index: int, step: Step) -> None:
        before = self._way[-1].mask
        fit = score_of_likeness(agreement(before, step.mask)) if self._skipped else 1.0
        for position, (missed, why) in enumerate(self._skipped):
            share = (position + 1) / (len(self._skipped) + 1)
            self._way.append(
                Passed(missed, blended(before, step.mask, share), fit, f"filled in: {why}", is_filled=True)
            )
        self._skipped.clear()
        self._way.append(Passed(index, step.mask, step.judgement.score))
