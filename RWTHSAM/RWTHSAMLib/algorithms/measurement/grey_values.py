"""Grey values of a class and of its parts: mean, standard deviation, and what is no number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.image import grey_of


@dataclass(frozen=True)
class GreyValues:
    """What the voxels of a label have.

    Attributes
    ----------
    mean, spread : float
        Mean and standard deviation of the finite values; NaN without any.
    not_finite : int
        Voxels whose value is NaN or infinite.
    """

    mean: float
    spread: float
    not_finite: int


def grey_values_of(labels_kji: np.ndarray, values_kji: np.ndarray) -> list[GreyValues]:
    """Grey values by label, 0 included, whatever that stands for.

    Parameters
    ----------
    labels_kji : numpy.ndarray
        Whole numbers from 0, (k, j, i).
    values_kji : numpy.ndarray
        Of the same voxels, (k, j, i), or (k, j, i, channels) of colours, of which the mean is taken.
    """
    grey = grey_of(values_kji, 3).astype(np.float64).ravel()
    labels, size = labels_kji.ravel(), int(labels_kji.max(initial=0)) + 1
    finite = np.isfinite(grey)
    without = np.bincount(labels[~finite], minlength=size) if not finite.all() else np.zeros(size, int)
    if without.any():
        grey, labels = grey[finite], labels[finite]
    counts = np.bincount(labels, minlength=size)
    with np.errstate(invalid="ignore"):
        means = np.bincount(labels, grey, size) / counts
        spreads = np.sqrt(np.bincount(labels, (grey - means[labels]) ** 2, size) / counts)
    return [GreyValues(float(m), float(s), int(n)) for m, s, n in zip(means, spreads, without, strict=True)]
