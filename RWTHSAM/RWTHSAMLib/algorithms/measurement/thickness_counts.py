"""How many voxels are how thick, of classes, parts and slices: from it come mean, spread and percentiles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .quantities import Measured

_STEPS = 64
"""More than there are steps of thickness."""


class ThicknessCounts:
    """Voxels of some things by their thickness, added up slab by slab.

    Parameters
    ----------
    values_mm : numpy.ndarray
        (n,) thickness by step; step 0 is outside.
    """

    def __init__(self, values_mm: np.ndarray) -> None:
        self._values_mm = values_mm.astype(np.float64)
        self._counts: dict[int, np.ndarray] = {}

    def add(self, numbers: np.ndarray, steps: np.ndarray) -> None:
        """Add voxels: the number of the thing that each belongs to, and its step; those of step 0 do not count."""
        inside = steps > 0
        keys, counts = np.unique(numbers[inside].astype(np.int64) * _STEPS + steps[inside], return_counts=True)
        for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
            number, step = divmod(key, _STEPS)
            self._counts.setdefault(number, np.zeros(len(self._values_mm), np.int64))[step] += count

    def mean_and_spread(self, number: int) -> tuple[float, float]:
        """Mean and standard deviation in mm; NaN of a thing without voxels."""
        counts = self._counts.get(number)
        if counts is None:
            return np.nan, np.nan
        mean = float(np.average(self._values_mm, weights=counts))
        return mean, float(np.sqrt(np.average((self._values_mm - mean) ** 2, weights=counts)))

    def with_thickness(self, row: Measured, number: int) -> Measured:
        """A row with the thickness of a thing."""
        mean, spread = self.mean_and_spread(number)
        low, middle, high = (self._percentile(number, each) for each in (5, 50, 95))
        return replace(
            row,
            thickness_mean=mean,
            thickness_spread=spread,
            thickness_5=low,
            thickness_median=middle,
            thickness_95=high,
        )

    def _percentile(self, number: int, percent: float) -> float:
        """As `numpy.percentile` of all voxels."""
        order = np.argsort(self._values_mm)
        ends = np.cumsum(self._counts[number][order])
        rank = percent / 100 * (ends[-1] - 1)
        ranks = [np.floor(rank), np.ceil(rank)]
        below, above = self._values_mm[order][np.searchsorted(ends, ranks, side="right")]
        return float(below + (rank - np.floor(rank)) * (above - below))
