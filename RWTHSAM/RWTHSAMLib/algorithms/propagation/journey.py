"""All ways of a propagation together: outwards from the outermost given slices, and from both sides between them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

from ...core.mask import Mask
from ...core.propagation_step import Seed, Step
from ...core.settings.propagation import PropagationSettings
from ...core.steps import made_at_once
from ...errors import StateError
from .dips import without_belief_in_dips
from .meeting import agreement, blended
from .step_cache import StepCache
from .walk import Ask, End, Passed, Walk, score_of_likeness

_MOST_KNOWN_STEPS_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class PropagatedObject:
    """An object through some slices along one axis.

    Attributes
    ----------
    slices : tuple of Passed
        By index; those that were given have the score 1.
    ends : tuple of End
        Where it ended, before the first and behind the last given slice; none where no way led outwards.
    doubtful : tuple of Passed
        Slices to look at, the worst first.
    """

    slices: tuple[Passed, ...]
    ends: tuple[End, ...]
    doubtful: tuple[Passed, ...]


@dataclass(frozen=True, eq=False)
class Question:
    """A step to be taken, and what is known of its object."""

    ask: Ask
    seed: Seed
    walk: Walk

    @property
    def index_behind(self) -> int:
        """The slice that comes next on this way."""
        return self.ask.index + (1 if self.ask.index > self.walk.index else -1)


@dataclass(frozen=True, eq=False)
class _Gap:
    """Two neighbouring given slices, and the ways from each towards the other."""

    left: int
    right: int
    rising: Walk
    falling: Walk

    @property
    def is_done(self) -> bool:
        return self.rising.ask is None and self.falling.ask is None


class Journey:
    """Ask for steps until the object is known; who takes them, and when, is up to the caller.

    Parameters
    ----------
    keys : mapping of int to Mask
        Masks that are right, by the index of their slice.
    seeds : mapping of int to Seed
        What each of them tells.
    first, last : int
        The slices to look at, both included.
    rules : PropagationSettings
    cache : StepCache, optional
        Steps that were taken before; they are not asked for again.

    Raises
    ------
    StateError
        If there is no mask, or one lies outside the slices.
    """

    def __init__(
        self,
        keys: Mapping[int, Mask],
        seeds: Mapping[int, Seed],
        first: int,
        last: int,
        rules: PropagationSettings,
        cache: StepCache | None = None,
    ) -> None:
        check_given(keys, first, last)
        given = sorted(keys)
        self._keys, self._seeds, self._rules = dict(keys), seeds, rules
        self._cache = cache if cache is not None else StepCache()
        self._ways: dict[Walk, tuple[int, int]] = {}
        self._before = self._way(given[0], first, -1)
        self._after = self._way(given[-1], last, 1)
        self._gaps = [
            _Gap(left, right, self._way(left, right, 1), self._way(right, left, -1))
            for left, right in zip(given, given[1:], strict=False)
        ]

    @property
    def is_finished(self) -> bool:
        """Whether all ways have ended."""
        return all(walk.ask is None for walk in self._ways)

    def questions(self) -> tuple[Question, ...]:
        """Steps that can be taken now, at most one of each way.

        What is known from before is gone through without asking, a number of steps at a call, so that no caller waits
        long: as long as the journey `is_finished` not, call again, also where there was nothing to ask.
        """
        open_now = []
        for walk, (start, _) in self._ways.items():
            seed = self._seeds[start]
            if self._goes_into_the_unknown(walk, seed) and walk.ask is not None:
                open_now.append(Question(walk.ask, seed, walk))
        return tuple(open_now)

    def take(self, question: Question, step: Step) -> None:
        """Use what a question gave; one that was answered already is ignored."""
        if question.walk.ask is question.ask:
            self._cache.put(question.ask, question.seed, self._rules.padding_px, step)
            question.walk.take(step)

    @property
    def masks(self) -> dict[int, Mask]:
        """What is known so far, by slice, not yet put together where two ways meet."""
        found = {each.index: each.mask for walk in self._ways for each in walk.passed}
        return {**found, **self._keys}

    @property
    def share(self) -> float:
        """How far it is, 0 to 1, if the object went on to the last slice everywhere."""
        missing = sum(abs(goal - walk.index) for walk, (_, goal) in self._ways.items() if walk.ask is not None)
        total = sum(abs(goal - start) for start, goal in self._ways.values())
        return 1 - missing / max(1, total)

    def result(self) -> PropagatedObject:
        """The object, or as much of it as is known."""
        return made_at_once(self.make_result())

    def make_result(self) -> Generator[None, None, PropagatedObject]:
        """The object, made slice by slice for whoever has other things to do in between."""
        slices = [Passed(index, mask, 1.0) for index, mask in self._keys.items()]
        slices += [*self._before.passed, *self._after.passed]
        for gap in self._gaps:
            one, other = self._arriving(gap.rising), self._arriving(gap.falling)
            for index in range(gap.left + 1, gap.right):
                slices += self._met(index, gap, one.get(index), other.get(index))
                yield
        slices.sort(key=lambda each: each.index)
        slices = without_belief_in_dips(slices, self._keys)
        doubtful = [each for each in slices if each.score < self._rules.doubtful_below]
        ends = tuple(each.end for each in (self._before, self._after) if each.end is not None)
        return PropagatedObject(tuple(slices), ends, tuple(sorted(doubtful, key=lambda each: each.score)))

    def _way(self, start: int, goal: int, towards: int) -> Walk:
        walk = Walk(self._keys[start], start, range(start + towards, goal + towards, towards), self._rules)
        self._ways[walk] = start, goal
        return walk

    def _goes_into_the_unknown(self, walk: Walk, seed: Seed) -> bool:
        for _ in range(_MOST_KNOWN_STEPS_AT_ONCE):
            step = self._cache.get(walk.ask, seed, self._rules.padding_px) if walk.ask is not None else None
            if step is None:
                return True
            walk.take(step)
        return False

    def _arriving(self, walk: Walk) -> dict[int, Passed]:
        """Slices on the way from one given slice to another, believed as far as the goal's own mask is met."""
        passed = {each.index: each for each in walk.passed}
        if walk.ask is not None:
            return passed
        goal = self._ways[walk][1]
        arrived = passed.pop(goal, None)
        fit = agreement(arrived.mask, self._keys[goal]) if arrived is not None else 0.0
        return {index: replace(each, score=min(each.score, fit)) for index, each in passed.items()}

    def _met(self, index: int, gap: _Gap, one: Passed | None, other: Passed | None) -> list[Passed]:
        """A slice between two given ones; the nearer side counts more, and where they do not agree it is doubtful."""
        share = (index - gap.left) / (gap.right - gap.left)
        if one is not None and other is not None:
            mask = blended(one.mask, other.mask, share)
            score = min(max(one.score, other.score), agreement(one.mask, other.mask))
            return [Passed(index, mask, score, one.remark or other.remark)]
        if one is not None or other is not None or not gap.is_done:
            return [each for each in (one, other) if each is not None]
        left, right = self._keys[gap.left], self._keys[gap.right]
        filled, fit = blended(left, right, share), score_of_likeness(agreement(left, right))
        return [Passed(index, filled, fit, "filled in: neither side came here", is_filled=True)]


def check_given(keys: Mapping[int, Mask], first: int, last: int) -> None:
    """Raise `StateError` unless there are masks, all on slices from `first` to `last`."""
    given = sorted(keys)
    if not given or not first <= given[0] <= given[-1] <= last:
        raise StateError(f"Expected masks on slices from {first} to {last}, got them on {given or 'none'}.")
