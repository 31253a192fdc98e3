"""What a report counts and measures of every class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ..core.slices import ARRAY_AXIS
from ..export.labelmap import LabelledClass

Block = tuple[slice, slice, slice]
_CONNECTED = np.ones((3, 3, 3), bool)


@dataclass(frozen=True, eq=False)
class ClassMask:
    """Voxels of a class, fetched when they are needed: all classes at once may be too many for the memory."""

    entry: LabelledClass
    voxels_kji: Callable[[], np.ndarray]


@dataclass(frozen=True, eq=False)
class ClassNumbers:
    """Numbers of one class.

    Attributes
    ----------
    entry : LabelledClass
    voxels : int
    grey_mean, grey_spread : float
        Mean and standard deviation of the finite grey values; NaN without any.
    bounds_kji : tuple of (int, int), or None
        First and last index along k, j and i.
    area_voxels : dict
        For each axis ``"k"``, ``"j"``, ``"i"`` the number of voxels on every slice.
    instance_voxels : numpy.ndarray
        Voxels of every connected part (26 neighbours), the largest first.
    not_finite : int
        Voxels whose grey value is NaN or infinite.
    """

    entry: LabelledClass
    voxels: int
    grey_mean: float
    grey_spread: float
    bounds_kji: tuple[tuple[int, int], ...] | None
    area_voxels: dict[str, np.ndarray]
    instance_voxels: np.ndarray
    not_finite: int = 0


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of all classes.

    Attributes
    ----------
    classes : tuple of ClassNumbers
        In the segmentation's order, empty ones included.
    scan_voxels : int
    labelled_voxels : int
        Voxels of any class; those of several count once.
    """

    classes: tuple[ClassNumbers, ...]
    scan_voxels: int
    labelled_voxels: int


def numbers_of(grey_kji: np.ndarray, masks: Iterable[ClassMask]) -> Numbers:
    """Count and measure.

    Parameters
    ----------
    grey_kji : numpy.ndarray
        (k, j, i) grey values; of colours, (k, j, i, 3), the mean is taken.
    masks : iterable of ClassMask
        On the same grid.
    """
    any_class = np.zeros(grey_kji.shape[:3], bool)
    classes = []
    for each in masks:
        mask = each.voxels_kji()
        any_class |= mask
        classes.append(_numbers_of_class(each.entry, mask, grey_kji))
    return Numbers(tuple(classes), any_class.size, int(np.count_nonzero(any_class)))


def _numbers_of_class(entry: LabelledClass, mask: np.ndarray, grey_kji: np.ndarray) -> ClassNumbers:
    areas = {axis: np.count_nonzero(mask, axis=_others(axis)) for axis in ARRAY_AXIS}
    bounds = _bounds(areas)
    if bounds is None:
        return ClassNumbers(entry, 0, np.nan, np.nan, None, areas, np.zeros(0, np.int64))
    k, j, i = (slice(low, high + 1) for low, high in bounds)
    block = mask[k, j, i]
    grey = grey_kji[k, j, i][block].astype(np.float64)
    grey = grey.mean(axis=1) if grey.ndim == 2 else grey
    finite = grey[np.isfinite(grey)]
    mean, spread = (float(finite.mean()), float(finite.std())) if len(finite) else (np.nan, np.nan)
    parts, without = _instance_voxels(block), len(grey) - len(finite)
    return ClassNumbers(entry, len(grey), mean, spread, bounds, areas, parts, without)


def _others(axis: str) -> tuple[int, ...]:
    return tuple(each for each in range(3) if each != ARRAY_AXIS[axis])


def _bounds(areas: dict[str, np.ndarray]) -> tuple[tuple[int, int], ...] | None:
    held = [np.flatnonzero(areas[axis]) for axis in "kji"]
    return tuple((int(each[0]), int(each[-1])) for each in held) if len(held[0]) else None


def _instance_voxels(block: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    labels, _ = ndimage.label(block, _CONNECTED)
    counts = np.bincount(labels.ravel())[1:]
    return np.sort(counts)[::-1]
