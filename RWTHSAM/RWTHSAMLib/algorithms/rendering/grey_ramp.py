"""How opaque a grey value is, fitted to the histogram of the scan.

Presets made for patients count in Hounsfield units and draw an industrial scan as an opaque brick: its air is far above
their zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# choices: finer bins hardly move Otsu's threshold, and single hot voxels do not stretch the ramp
_BINS = 512
_HIGHEST_PERCENTILE = 99.5
# standard deviations between the means of two groups, a choice: air and light matter lie farther apart, noise does not
_APART = 4.0


@dataclass(frozen=True)
class GreyRamp:
    """Opacity that rises from one grey value to another.

    Attributes
    ----------
    low, high : float
        Up to `low` nothing is seen; from `high` on a voxel is as opaque as can be.
    """

    low: float
    high: float

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Opacity of grey values, uint8 from 0 to 255; not a number is not seen."""
        share = np.clip((np.nan_to_num(values, nan=self.low) - self.low) / (self.high - self.low), 0.0, 1.0)
        return np.asarray(np.rint(255 * share), np.uint8)


def fit_ramp(values: np.ndarray) -> GreyRamp:
    """The ramp from the air of a scan to its densest material.

    The threshold of Otsu (1979) parts the scan in two. Where metal outshines all else it parts metal from the rest, so
    the lower part is parted once more, if it falls into two clear groups. The ramp begins between the mean of the
    lowest group and its threshold, so that light matter such as foils and plastics is seen, and ends at the 99.5th
    percentile of what is brighter than the first threshold.

    Parameters
    ----------
    values : numpy.ndarray
        Grey values of the scan, or enough of them, of any shape and dtype.
    """
    finite = values[np.isfinite(values)].ravel()
    if not finite.size or finite.min() == finite.max():
        middle = float(finite[0]) if finite.size else 0.0
        return GreyRamp(middle - 1.0, middle)
    threshold = otsu(finite)
    high = float(np.percentile(finite[finite > threshold], _HIGHEST_PERCENTILE))
    air = finite[finite <= threshold]
    if air.min() < air.max():
        lower = otsu(air)
        if _are_apart(air[air <= lower], air[air > lower]):
            threshold, air = lower, air[air <= lower]
    low = 0.5 * (float(air.mean()) + threshold)
    return GreyRamp(low, max(high, threshold + 0.5 * (threshold - low), low + 1e-6))


def _are_apart(lower: np.ndarray, upper: np.ndarray) -> bool:
    """Whether two groups are further apart than the halves of one group are."""
    return bool(upper.mean() - lower.mean() > _APART * max(float(lower.std()), 1e-9))


def otsu(values: np.ndarray) -> float:
    """The threshold that parts values of any shape into two groups of the largest variance between them (Otsu 1979)."""
    counts, edges = np.histogram(values, bins=_BINS)
    centres = 0.5 * (edges[:-1] + edges[1:])
    below = np.cumsum(counts)[:-1]
    above = values.size - below
    sums = np.cumsum(counts * centres)
    mean_below = sums[:-1] / np.maximum(below, 1)
    mean_above = (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    between = below * above * (mean_below - mean_above) ** 2
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))  # as good everywhere in a gap: take its middle
    return float(edges[1 + int(best[best.size // 2])])
