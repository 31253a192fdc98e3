"""How thick layers and walls are, voxel by voxel."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from ...core.extent import Extent
from ...core.system.stepwise import made_at_once

# a choice: a thickness is as exact as that part of the largest
_MOST_RADII = 48


def local_thickness(mask_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> np.ndarray:
    """The thickness map of a mask.

    The local thickness of a voxel is the diameter of the largest ball that lies inside the object and holds the voxel
    (Hildebrand and Rüegsegger 1997). Balls are centred on voxels. An object of an odd number of voxels across is
    measured half a voxel too thick, one of an even number half a voxel too thin, because no centre lies in its middle.
    Radii are rounded to at most 48 steps between the smallest and the largest.

    Parameters
    ----------
    mask_kji : numpy.ndarray
        bool (k, j, i). What lies beyond the array counts as outside.
    spacing_mm_kji : tuple of float
        Along the array's axes.

    Returns
    -------
    numpy.ndarray
        float32 (k, j, i) in mm, 0 outside.
    """
    return made_at_once(thickness_steps(mask_kji, spacing_mm_kji))


def thickness_steps(
    mask_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float]
) -> Generator[float, None, np.ndarray]:
    """`local_thickness`, float32 (k, j, i) in mm, in steps that yield how far it is, 0 to 1."""
    thickness = np.zeros(mask_kji.shape, np.float32)
    extent = Extent.around(mask_kji)
    if extent is None:
        return thickness
    block = extent.slices_kji()
    inside = np.pad(mask_kji[block], 1)
    radii_mm = distance_mm(inside, spacing_mm_kji)
    wanted = radii_of(radii_mm[inside])
    found = np.zeros(inside.shape, np.float32)
    for done, radius_mm in enumerate(wanted):
        # the largest balls first: what they cover is as thick as they are
        centres = radii_mm >= radius_mm
        covered = (distance_mm(~centres, spacing_mm_kji) < radius_mm) & inside & (found == 0)
        found[covered] = radius_mm
        yield (done + 1) / len(wanted)
    thickness[block] = np.where(inside, thickness_of_radii(found, spacing_mm_kji), 0)[1:-1, 1:-1, 1:-1]
    return thickness


def thickness_of_radii(radii_mm: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> np.ndarray:
    """Thickness in mm of what balls of these radii fill, float32."""
    thickness_mm: np.ndarray = np.maximum(2 * radii_mm - 0.5 * min(spacing_mm_kji), 0)
    return thickness_mm


def distance_mm(mask: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> np.ndarray:
    """Distance of each true voxel from the nearest false one, float32 (k, j, i) in mm."""
    from scipy import ndimage

    distance: np.ndarray = ndimage.distance_transform_edt(mask, spacing_mm_kji)
    # one precision everywhere: equal distances must compare as equal
    return distance.astype(np.float32)


def radii_of(radii_mm: np.ndarray) -> np.ndarray:
    """The radii to look at, the largest first, the smallest always among them."""
    different = np.unique(radii_mm)[::-1]
    if len(different) > _MOST_RADII:
        different = different[np.linspace(0, len(different) - 1, _MOST_RADII).round().astype(int)]
    return different
