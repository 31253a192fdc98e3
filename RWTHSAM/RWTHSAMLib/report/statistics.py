"""What a report counts and measures of every class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ..algorithms.measurement.grey_values import grey_values_of
from ..algorithms.measurement.parts import label_parts
from ..core.extent import Extent
from ..core.slices import ARRAY_AXIS
from ..export.labelmap import LabelledClass


@dataclass(frozen=True, eq=False)
class ClassMask:
    """Voxels of a class, fetched when they are needed: all classes at once may be too many for the memory."""

    entry: LabelledClass
    voxels_kji: Callable[[], np.ndarray]


@dataclass(frozen=True, eq=False)
class ClassStatistics:
    """Statistics of one class.

    Attributes
    ----------
    entry : LabelledClass
    voxels : int
    grey_mean, grey_spread : float
        Mean and standard deviation of the finite grey values; NaN without any.
    extent : Extent, optional
        Bounding box; None without voxels.
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
    extent: Extent | None
    area_voxels: dict[str, np.ndarray]
    instance_voxels: np.ndarray
    not_finite: int = 0


@dataclass(frozen=True, eq=False)
class ReportStatistics:
    """Statistics of all classes.

    Attributes
    ----------
    classes : tuple of ClassStatistics
        In the segmentation's order, empty ones included.
    scan_voxels : int
    labelled_voxels : int
        Voxels of any class; those of several count once.
    """

    classes: tuple[ClassStatistics, ...]
    scan_voxels: int
    labelled_voxels: int


def statistics_of(grey_kji: np.ndarray, masks: Iterable[ClassMask]) -> ReportStatistics:
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
        classes.append(_statistics_of_class(each.entry, mask, grey_kji))
    return ReportStatistics(tuple(classes), any_class.size, int(np.count_nonzero(any_class)))


def _statistics_of_class(entry: LabelledClass, mask: np.ndarray, grey_kji: np.ndarray) -> ClassStatistics:
    areas = voxels_of_slices(mask)
    extent = Extent.around(mask)
    if extent is None:
        return ClassStatistics(entry, 0, np.nan, np.nan, None, areas, np.zeros(0, np.int64))
    block, values = mask[extent.slices_kji()], grey_kji[extent.slices_kji()]
    _, grey = grey_values_of(block.astype(np.uint8), values)
    parts = np.bincount(label_parts(block).ravel())[1:]
    voxels = int(np.count_nonzero(block))
    return ClassStatistics(entry, voxels, grey.mean, grey.spread, extent, areas, parts, grey.not_finite)


def voxels_of_slices(mask_kji: np.ndarray) -> dict[str, np.ndarray]:
    """By each axis the number of voxels on every slice."""
    return {axis: np.count_nonzero(mask_kji, axis=_others(axis)) for axis in ARRAY_AXIS}


def _others(axis: str) -> tuple[int, ...]:
    return tuple(each for each in range(3) if each != ARRAY_AXIS[axis])
