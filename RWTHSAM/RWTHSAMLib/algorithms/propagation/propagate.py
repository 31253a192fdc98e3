"""Masks on some slices become an object, step after step, on an engine of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ...core.image import SliceImage
from ...core.mask import Mask, compact
from ...core.propagation_step import Step
from ...core.settings.propagation import PropagationSettings
from ...core.settings.propagation_run import LIMITS_OF_SCAN, Limits
from ...inference.engine import SamEngine
from .seed import seeds_of
from .step import take_step
from .tracks import PropagatedObject, PropagationTracks, StepTask, check_keyframes

SliceValues = Callable[[int], np.ndarray]
SlicePicture = Callable[[int], SliceImage]


class Propagation:
    """The way from masks on some slices to an object, for scripts that can wait.

    Parameters
    ----------
    engine : SamEngine
    image_of, values_of : callable
        A slice as the model sees it and as the scan has it, by its index.
    rules : PropagationSettings, optional
    on_step : callable
        Called with the index of every slice before it is looked at.
    on_step_back : callable
        The same on the way back to the prompted slice.
    """

    def __init__(
        self,
        engine: SamEngine,
        image_of: SlicePicture,
        values_of: SliceValues,
        rules: PropagationSettings | None = None,
        on_step: Callable[[int], None] = lambda index: None,
        on_step_back: Callable[[int], None] = lambda index: None,
    ) -> None:
        self._engine, self._image_of, self._values_of = engine, image_of, values_of
        self._rules = rules or PropagationSettings()
        self._on_step, self._on_step_back = on_step, on_step_back

    def run(
        self, keyframes: Mapping[int, Mask], first: int, last: int, limits: Limits = LIMITS_OF_SCAN
    ) -> PropagatedObject:
        """Find the object on the slices from `first` to `last`.

        Parameters
        ----------
        keyframes : mapping of int to Mask
            Masks that are right, by the index of their slice.
        limits : Limits
            What `first` and `last` are, in words.

        Raises
        ------
        StateError
            If there is no mask, one is empty, one lies outside the slices, or nothing can be seen where they are.
        """
        check_keyframes(keyframes, first, last)
        seeds = seeds_of(keyframes, self._values_of, self._image_of, self._rules)
        tracks = PropagationTracks(keyframes, seeds, first, last, self._rules, limits=limits)
        while not tracks.is_finished:
            for task in tracks.tasks()[:1]:
                tracks.take(task, self._take(task))
        return tracks.result()

    def _take(self, task: StepTask) -> Step:
        pending = task.pending
        (self._on_step_back if task.is_on_the_way_back else self._on_step)(pending.index)
        picture, values = self._image_of(pending.index), self._values_of(pending.index)
        step = take_step(self._engine, picture, values, pending.previous, task.seed, self._rules.reach_px)
        return replace(step, mask=compact(step.mask))  # one for every slice is kept, as many voxels as the scan has
