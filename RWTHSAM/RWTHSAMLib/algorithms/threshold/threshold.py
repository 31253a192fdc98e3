"""Threshold a region: grey values find the fine structure, the model found where to look for it."""

from __future__ import annotations

import math

import numpy as np

from ...core.extent import Extent
from ...core.settings.threshold import Part, ThresholdSettings
from ...core.value_range import Range
from ..measurement.parts import label_parts

_MOST_BINS = 4096
"""A choice: whole numbers of 12 bits have a bin each, and a threshold is as exact as a 4096th of the range."""


def thresholded(
    region_kji: np.ndarray,
    values_kji: np.ndarray,
    spacing_mm_kji: tuple[float, float, float],
    choices: ThresholdSettings,
) -> np.ndarray:
    """What of a region meets the choices.

    Parameters
    ----------
    region_kji : numpy.ndarray
        bool (k, j, i). What lies beyond the array counts as outside, but no rim runs along its ends: a region that
        goes on beyond the scan has no wall there.
    values_kji : numpy.ndarray
        Grey values of the same voxels.
    spacing_mm_kji : tuple of float
        Along the array's axes.

    Returns
    -------
    numpy.ndarray
        bool (k, j, i); within the region except where smoothing fills gaps, never beyond it.
    """
    kept = np.zeros(region_kji.shape, bool)
    extent = Extent.around(region_kji)
    if extent is None:
        return kept
    block = extent.with_margin(1, Extent.of_shape(region_kji.shape)).slices_kji()
    region, values = region_kji[block], values_kji[block]
    threshold = otsu_threshold(values[region]) if choices.otsu is not None else None
    inside = shaped(region, chosen_of(region, values, choices, threshold), spacing_mm_kji, choices)
    if choices.least_voxels > 1:
        inside = without_specks(inside, choices.least_voxels)
    kept[block] = inside
    return kept


def chosen_of(
    region_kji: np.ndarray, values_kji: np.ndarray, choices: ThresholdSettings, threshold: float | None
) -> np.ndarray:
    """What of a region has the grey values that are asked for: bool (k, j, i), told of each voxel by itself.

    Parameters
    ----------
    region_kji, values_kji, choices
        As of `thresholded`.
    threshold : float, optional
        Otsu's, if the choices ask for it.
    """
    inside: np.ndarray = region_kji.copy()
    if choices.grey is not None:
        inside &= _in_range(values_kji, choices.grey)
    if choices.otsu is not None and threshold is not None:
        inside &= _on_side(values_kji, threshold, choices.otsu)
    return inside


def shaped(
    region_kji: np.ndarray,
    chosen_kji: np.ndarray,
    spacing_mm_kji: tuple[float, float, float],
    choices: ThresholdSettings,
) -> np.ndarray:
    """What rim and smoothing leave of `chosen_of`: bool (k, j, i), told of a voxel by those within `reach_voxels`."""
    inside: np.ndarray = chosen_kji
    if choices.rim_mm is not None:
        inside = inside & (depth_mm(region_kji, spacing_mm_kji) <= choices.rim_mm)
    if choices.smooth_mm:
        inside = smoothed(inside, spacing_mm_kji, choices.smooth_mm) & region_kji
    return inside


def reach_voxels(choices: ThresholdSettings, voxel_mm: float) -> int:
    """How many voxels of this size on both sides decide on a voxel."""
    if choices.rim_mm is None and not choices.smooth_mm:
        return 0
    return math.ceil(((choices.rim_mm or 0) + 4 * choices.smooth_mm) / voxel_mm) + 1


def otsu_threshold(values: np.ndarray) -> float:
    """Grey value that splits others into two groups of least variance within (Otsu 1979).

    Integers have a bin each where that makes no more than 4096.

    Parameters
    ----------
    values : numpy.ndarray
        Any shape; those that are not finite do not count.

    Returns
    -------
    float
        The bright group is what is larger.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        return low
    edges = otsu_edges(low, high, finite.dtype)
    return otsu_of_counts(np.histogram(finite, edges)[0], edges)


def otsu_edges(low: float, high: float, dtype: np.dtype) -> np.ndarray:
    """Borders of the bins that `otsu_threshold` counts values of a kind of numbers in."""
    whole = np.issubdtype(dtype, np.integer) and high - low < _MOST_BINS
    return np.arange(low - 0.5, high + 1) if whole else np.linspace(low, high, _MOST_BINS + 1)


def otsu_of_counts(counts: np.ndarray, edges: np.ndarray) -> float:
    """Otsu's threshold of values that were counted in bins; the two ends are in different bins."""
    middles = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts)[:-1], counts.sum()
    sums = np.cumsum(counts * middles)
    means = sums[-1] / total
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (means * below - sums[:-1]) ** 2 / (below * (total - below))
    best = np.flatnonzero(between == np.nanmax(between))
    return float(edges[1:-1][best].mean())


def depth_mm(region_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> np.ndarray:
    """Distance of each voxel's centre from the region's surface, in mm; 0 outside.

    The surface lies half a voxel before the nearest centre outside. The ends of the array are no surface: where it is
    all inside, every voxel is infinitely deep.
    """
    from scipy import ndimage

    if region_kji.all():  # scipy would count from a place before the array
        return np.full(region_kji.shape, np.inf)
    to_outside: np.ndarray = ndimage.distance_transform_edt(region_kji, spacing_mm_kji)
    return np.maximum(to_outside - 0.5 * min(spacing_mm_kji), 0)


def smoothed(mask_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float], radius_mm: float) -> np.ndarray:
    """Opened and then closed with a ball: by distances, so that voxels need not be cubes."""
    opened = _grown(~_grown(~mask_kji, spacing_mm_kji, radius_mm), spacing_mm_kji, radius_mm)
    closed: np.ndarray = ~_grown(~_grown(opened, spacing_mm_kji, radius_mm), spacing_mm_kji, radius_mm)
    return closed


def without_specks(mask_kji: np.ndarray, least_voxels: int) -> np.ndarray:
    """Without connected parts (26 neighbours) of fewer voxels."""
    return label_parts(mask_kji, 26, least_voxels) > 0


def _grown(mask_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float], radius_mm: float) -> np.ndarray:
    from scipy import ndimage

    if not mask_kji.any():
        return mask_kji
    grown: np.ndarray = ndimage.distance_transform_edt(~mask_kji, spacing_mm_kji) <= radius_mm
    return grown


def _in_range(values: np.ndarray, span: Range) -> np.ndarray:
    inside = np.ones(values.shape, bool)
    if span.lower is not None:
        inside &= values >= span.lower
    if span.upper is not None:
        inside &= values <= span.upper
    return inside


def _on_side(values: np.ndarray, threshold: float, part: Part) -> np.ndarray:
    bright: np.ndarray = values > threshold
    return bright if part == "bright" else ~bright
