"""Whether the model, from where it has followed an object to, comes back to what was prompted.

A mask that slides from its object onto another agrees with the slice before it everywhere. Gone back from its end it
stays on the other object, and arrives beside the prompted mask.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ...core.mask import Mask
from ...core.propagation_step import Seed, Step
from .meeting import agreement
from .track import PendingStep, TrackedSlice, score_of_likeness

_ARRIVED = 2 / 3
"""IoU with the prompted mask (Dice 0.8). Of organs and parts of cells with both networks it arrives higher from slices
of Dice 0.8 and more, lower from others, with few between; tips are lost at once, whatever they were."""
_LOST = 0.2
"""IoU with the mask that is known on a slice of the way: the way is not gone to its end, it never came back."""
_CONFIRMED = 0.8
"""IoU of the masks of both ways from which on a slice that is thinner than its neighbours is thin in truth: of made-up
and damaged objects 118 such slices were good and none poor, of those that are met less well 32 good and 17 poor."""
_WHOLE = 0.5


@dataclass(frozen=True, eq=False)
class _Place:
    index: int
    mask: Mask


class WayBack:
    """The steps back from a track to the slice that it began with.

    The way is gone from the last slice. Where it does not arrive, it is gone from others between, until two neighbours
    are known of which it arrives from one and not from the other. Slices that were filled in are passed over.

    Parameters
    ----------
    index : int
    mask : Mask
        What was prompted, on slice `index`.
    slices : sequence of TrackedSlice
        What was found, in the order in which it was.
    seed : Seed
        The object, as it was asked for on the way out.

    Attributes
    ----------
    pending : PendingStep, optional
        The step to be taken next; None at the end.
    index : int
        Of the slice that the way has come to.
    """

    def __init__(self, index: int, mask: Mask, slices: Sequence[TrackedSlice], seed: Seed) -> None:
        self.index, self.seed = index, seed
        found = [_Place(each.index, each.mask) for each in slices if not each.is_filled and not each.mask.is_empty]
        self._places = [_Place(index, mask), *found]
        self._arrived_by = {0: 1.0}
        self._met_by: dict[int, dict[int, float]] = {}
        self._steps = self._run()
        self.pending: PendingStep | None = next(self._steps, None)

    @property
    def share(self) -> float:
        """How far the first of its ways is gone, 0 to 1; there are no others if it arrives."""
        far = len(self._places) - 1
        if self.pending is None or far in self._arrived_by:
            return 1.0
        return 1 - self._distance(self.index) / self._distance(self._places[far].index)

    @property
    def confirmed(self) -> set[int]:
        """Slices that a way which arrived passed with the mask that is known there."""
        arriving = (met for trial, met in self._met_by.items() if self._arrived_by[trial] >= _ARRIVED)
        return {index for met in arriving for index, fit in met.items() if fit >= _CONFIRMED}

    def take(self, step: Step) -> None:
        """Use what `pending` gave."""
        try:
            self.pending = self._steps.send(step)
        except StopIteration:
            self.pending = None

    def fit_beyond(self, index: int) -> float:
        """IoU with the prompted mask of the first way from a slice or from beyond it; 1 where no way was gone."""
        return self._arrived_by[self._way_beyond(index)] if self._met_by else 1.0

    def least_met_beyond(self, index: int) -> float:
        """The least IoU that this way has with the masks that are known from the slice on; 0 where it was lost before.

        How well it meets the prompted mask does not count.
        """
        if not self._met_by:
            return 1.0
        trial = self._way_beyond(index)
        if self._places[trial].index == index:
            return min(self._between(trial, index), default=1.0)
        return min(self._between(trial, index), default=0.0)

    def _between(self, trial: int, index: int) -> list[float]:
        inner = self._distance(index)
        return [fit for at, fit in self._met_by[trial].items() if 0 < self._distance(at) <= inner]

    def _way_beyond(self, index: int) -> int:
        gone = sorted(self._met_by)
        beyond = (at for at in gone if self._distance(self._places[at].index) >= self._distance(index))
        return next(beyond, gone[-1])

    def judged(self, slices: Iterable[TrackedSlice]) -> list[TrackedSlice]:
        """The same slices, believed as far as the way back from them arrives; between two ways that were gone, as both.

        Where no way was gone to its end, they stay as they are.
        """
        known = sorted(self._arrived_by)
        if len(known) == 1:
            return list(slices)
        distances = [self._distance(self._places[each].index) for each in known]
        fits = [self._arrived_by[each] for each in known]
        judged = []
        for each in slices:
            fit = float(np.interp(self._distance(each.index), distances, fits))
            why = f"the way back from here meets the prompted mask by {fit:.0%} only"
            judged.append(each.limited(score_of_likeness(fit), why) if fit < 1 else each)
        return judged

    def _distance(self, index: int) -> int:
        return abs(index - self._places[0].index)

    def _run(self) -> Generator[PendingStep, Step, None]:
        arrives, fails = 0, len(self._places)
        for trial in self._first_trials():
            if trial < fails and (yield from self._goes(trial)):
                arrives = trial
                break
            fails = min(fails, trial)
        while fails - arrives > 1:
            middle = (arrives + fails) // 2
            if (yield from self._goes(middle)):
                arrives = middle
            else:
                fails = middle

    def _first_trials(self) -> list[int]:
        """The last slice, and the last one that is no tip: from a few pixels no way is found, wherever they lie."""
        areas = [each.mask.area for each in self._places]
        whole = max(at for at, area in enumerate(areas) if area >= _WHOLE * max(areas))
        return [at for at in dict.fromkeys((len(areas) - 1, whole)) if at]

    def _goes(self, trial: int) -> Generator[PendingStep, Step, bool]:
        """Go back from one of the places; True if it arrives."""
        mask = self._places[trial].mask
        met: dict[int, float] = {}
        for place in reversed(self._places[:trial]):
            self.index = place.index
            mask = (yield PendingStep(place.index, mask)).mask
            fit = agreement(mask, place.mask)
            met[place.index] = fit
            if mask.is_empty or fit < _LOST:
                fit = 0.0
                break
        self._arrived_by[trial], self._met_by[trial] = fit, met
        return fit >= _ARRIVED
