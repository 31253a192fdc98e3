"""How a class changes from slice to slice along an axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.extent import Extent
from ...core.image import grey_of
from ...core.slices import ARRAY_AXIS, Axis
from .class_voxels import ClassVoxels

ALONG: dict[str, tuple[str, str]] = {
    "position": ("mm", "Distance of the slice from slice 0."),
    "voxel_count": ("", "Number of voxels on the slice."),
    "area": ("mm2", "Voxels of the slice times the area of one."),
    "grey_mean": ("grey", "Mean of the finite grey values on the slice."),
    "thickness_mean": ("mm", "Mean of the local thickness on the slice; the thickness itself is that of the volume."),
    "thickness_spread": ("mm", "Standard deviation of the local thickness on the slice."),
}
"""Unit and meaning of what is known of every slice."""


@dataclass(frozen=True, eq=False)
class AlongAxis:
    """A class slice by slice.

    Attributes
    ----------
    class_name : str
    axis : str
        ``"k"``, ``"j"`` or ``"i"``.
    values : dict of str to numpy.ndarray
        By the names of `ALONG`, float64, a number for every slice of the scan; NaN where there is none. Thickness is
        there only if it was measured.
    """

    class_name: str
    axis: Axis
    values: dict[str, np.ndarray]


def along_axis(
    given: ClassVoxels, extent: Extent, mask: np.ndarray, thickness: np.ndarray | None, axis: Axis
) -> AlongAxis:
    """Look at the slices along an axis.

    Parameters
    ----------
    given : ClassVoxels
    extent : Extent
        The part of the scan that holds the class.
    mask : numpy.ndarray
        bool (k, j, i) of that part.
    thickness : numpy.ndarray, optional
        Local thickness of that part in mm.
    axis : str
    """
    array_axis = ARRAY_AXIS[axis]
    others = tuple(each for each in range(3) if each != array_axis)
    where = extent.slices_kji()
    spacing = given.grid.spacing_mm_kji
    count = given.mask_kji.shape[array_axis]
    inside = np.count_nonzero(mask, axis=others).astype(float)
    voxels = _whole(inside, where[array_axis], count, 0.0)
    values = {
        "position": np.arange(count) * spacing[array_axis],
        "voxel_count": voxels,
        "area": voxels * spacing[others[0]] * spacing[others[1]],
    }

    def means(of: np.ndarray) -> np.ndarray:
        counted = mask & np.isfinite(of)
        with np.errstate(invalid="ignore", divide="ignore"):
            sums = np.where(counted, of, 0).sum(axis=others, dtype=float)
            return np.asarray(sums / np.count_nonzero(counted, axis=others))

    if given.values_kji is not None:
        grey = given.values_kji[where]
        values["grey_mean"] = _whole(means(grey_of(grey, 3)), where[array_axis], count)
    if thickness is not None:
        mean = means(thickness)
        lengthwise = mean.reshape([-1 if each == array_axis else 1 for each in range(3)])
        spread = np.sqrt(means((thickness - lengthwise) ** 2))
        values["thickness_mean"] = _whole(mean, where[array_axis], count)
        values["thickness_spread"] = _whole(spread, where[array_axis], count)
    return AlongAxis(given.name, axis, values)


def _whole(part: np.ndarray, where: slice, count: int, elsewhere: float = np.nan) -> np.ndarray:
    whole = np.full(count, elsewhere)
    whole[where] = part
    return whole
