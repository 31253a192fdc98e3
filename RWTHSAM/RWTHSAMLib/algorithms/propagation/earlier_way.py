"""What was known beyond a slice before it was prompted too, for where the way from its mask ends at once."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from ...core.mask import Mask
from ...core.propagation_step import Seed, Step
from ...core.settings.propagation import PropagationSettings
from .meeting import agreement
from .offset import is_near, moved_back
from .track import PendingStep, Track, TrackedSlice


@dataclass(frozen=True, eq=False)
class Start:
    """A prompted slice from which the object may be followed, and how it is asked for."""

    index: int
    mask: Mask
    seed: Seed


class EarlierWay:
    """Follows the object from inner prompted slices through the outermost one, as before that was prompted.

    The first way that comes to the outermost slice, roughly as it is prompted, is the one that counts.

    Parameters
    ----------
    goal : int
    known : Mask
        The outermost prompted slice and its mask.
    starts : sequence of Start
        The nearest first.
    last : int
        How far to follow.
    rules : PropagationSettings

    Attributes
    ----------
    pending : PendingStep, optional
        The step to be taken next; None at the end.
    seed : Seed
        How the object is asked for in it.
    index : int
        How far it has come.
    start : Start, optional
    track : Track, optional
        Of the way that counts; None where there is none.
    """

    def __init__(self, goal: int, known: Mask, starts: Sequence[Start], last: int, rules: PropagationSettings) -> None:
        self.seed, self.index = starts[0].seed, starts[0].index
        self.start: Start | None = None
        self.track: Track | None = None
        self._goal, self._known, self._last, self._rules = goal, known, last, rules
        self._steps = self._run(starts)
        self.pending: PendingStep | None = next(self._steps, None)

    def take(self, step: Step) -> None:
        """Use what `pending` gave."""
        try:
            self.pending = self._steps.send(step)
        except StopIteration:
            self.pending = None

    @property
    def fit(self) -> float:
        """IoU of what comes to the goal with the mask that is known there; 0 where nothing comes there."""
        came = self._came(self.track)
        return agreement(came, self._known) if came is not None else 0.0

    def beyond(self, index: int) -> list[TrackedSlice]:
        """Slices of the way that lie beyond one, in their order.

        They are moved by what the way is off by at the goal, the less the farther, over as many slices as it took to
        become so wrong.
        """
        if self.track is None:
            return []
        return [self._moved(each) for each in self.track.slices if self._distance(each.index) > self._distance(index)]

    def _moved(self, found: TrackedSlice) -> TrackedSlice:
        came, start = self._came(self.track), self.start
        if came is None or start is None:
            return found
        share = 1 - self._distance(found.index) / abs(self._goal - start.index)
        if share <= 0:
            return found
        return found.with_mask(moved_back(found.mask, came, self._known, share))

    def _distance(self, index: int) -> int:
        """From the goal, less than 0 on the way to it."""
        return index - self._goal if self._last >= self._goal else self._goal - index

    def _came(self, track: Track | None) -> Mask | None:
        slices = track.slices if track is not None else ()
        return next((each.mask for each in slices if each.index == self._goal), None)

    def _run(self, starts: Sequence[Start]) -> Generator[PendingStep, Step, None]:
        towards = 1 if self._last >= self._goal else -1
        for start in starts:
            track = Track(
                start.mask, start.index, range(start.index + towards, self._last + towards, towards), self._rules
            )
            self.seed = start.seed
            while track.pending is not None:
                self.index = track.index
                track.take((yield track.pending))
            came = self._came(track)
            if came is not None and is_near(agreement(came, self._known)):
                self.start, self.track = start, track
                return
