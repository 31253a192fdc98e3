"""Masks on some slices become an object: outwards until it ends, and from both sides between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..errors import StateError
from ..image import SliceImage
from ..inference.engine import SamEngine
from ..mask import Mask
from ..propagation_rules import PropagationRules
from .meeting import agreement, blended
from .seed import Seed, seed_of
from .step import take_step
from .walk import End, Passed, Walk

SliceValues = Callable[[int], np.ndarray]
SlicePicture = Callable[[int], SliceImage]


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


class Propagation:
    """The way from masks on some slices to an object.

    Parameters
    ----------
    engine : SamEngine
    picture_of, values_of : callable
        A slice as the model sees it and as the scan has it, by its index.
    rules : PropagationRules, optional
    on_step : callable
        Called with the index of every slice before it is looked at.
    """

    def __init__(
        self,
        engine: SamEngine,
        picture_of: SlicePicture,
        values_of: SliceValues,
        rules: PropagationRules | None = None,
        on_step: Callable[[int], None] = lambda index: None,
    ) -> None:
        self._engine, self._picture_of, self._values_of = engine, picture_of, values_of
        self._rules, self._on_step = rules or PropagationRules(), on_step

    def run(self, keys: Mapping[int, Mask], first: int, last: int) -> PropagatedObject:
        """Find the object on the slices from `first` to `last`.

        Parameters
        ----------
        keys : mapping of int to Mask
            Masks that are right, by the index of their slice.

        Raises
        ------
        StateError
            If there is no mask, one is empty, or one lies outside the slices.
        """
        given = sorted(keys)
        if not given or not first <= given[0] <= given[-1] <= last:
            raise StateError(f"Expected masks on slices from {first} to {last}, got them on {given or 'none'}.")
        seeds = {index: seed_of(self._values_of(index), keys[index], self._rules.grey) for index in given}
        before = self._walk(keys, seeds, given[0], range(given[0] - 1, first - 1, -1))
        after = self._walk(keys, seeds, given[-1], range(given[-1] + 1, last + 1))
        between = [
            each
            for left, right in zip(given, given[1:], strict=False)
            for each in self._between(keys, seeds, left, right)
        ]
        own = [Passed(index, keys[index], 1.0) for index in given]
        slices = sorted([*before.passed, *own, *between, *after.passed], key=lambda each: each.index)
        doubtful = [each for each in slices if each.score < self._rules.doubtful_below]
        ends = tuple(each.end for each in (before, after) if each.end is not None)
        return PropagatedObject(tuple(slices), ends, tuple(sorted(doubtful, key=lambda each: each.score)))

    def _walk(self, keys: Mapping[int, Mask], seeds: Mapping[int, Seed], key: int, indices: range) -> Walk:
        walk = Walk(keys[key], key, indices, self._rules)
        while walk.ask is not None:
            self._on_step(walk.ask.index)
            picture, values = self._picture_of(walk.ask.index), self._values_of(walk.ask.index)
            walk.take(take_step(self._engine, picture, values, walk.ask.previous, seeds[key], self._rules))
        return walk

    def _between(self, keys: Mapping[int, Mask], seeds: Mapping[int, Seed], left: int, right: int) -> list[Passed]:
        """Slices between two given ones: each from both sides, the nearer side counting more."""
        rising = self._arriving(keys, seeds, left, right)
        falling = self._arriving(keys, seeds, right, left)
        found = []
        for index in range(left + 1, right):
            one, other, share = rising.get(index), falling.get(index), (index - left) / (right - left)
            if one is not None and other is not None:
                found.append(_met(one, other, share))
            elif one is not None:
                found.append(one)
            elif other is not None:
                found.append(other)
            else:
                filled = blended(keys[left], keys[right], share)
                found.append(Passed(index, filled, 0.0, "filled in: neither side came here"))
        return found

    def _arriving(
        self, keys: Mapping[int, Mask], seeds: Mapping[int, Seed], start: int, goal: int
    ) -> dict[int, Passed]:
        """Slices on the way from one given slice to another, believed as far as the goal's own mask is met."""
        towards = 1 if goal > start else -1
        walk = self._walk(keys, seeds, start, range(start + towards, goal + towards, towards))
        passed = {each.index: each for each in walk.passed}
        arrived = passed.pop(goal, None)
        fit = agreement(arrived.mask, keys[goal]) if arrived is not None else 0.0
        return {index: replace(each, score=min(each.score, fit)) for index, each in passed.items()}


def _met(rising: Passed, falling: Passed, share: float) -> Passed:
    """What both sides say of a slice; where they do not agree it is doubtful."""
    mask = blended(rising.mask, falling.mask, share)
    score = min(max(rising.score, falling.score), agreement(rising.mask, falling.mask))
    return Passed(rising.index, mask, score, rising.remark or falling.remark)
