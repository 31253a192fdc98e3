"""Arrays as images of ITK, which counts its world to the left and posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.voxel_grid import LPS_TO_RAS, VoxelGrid
from .formats.sitk import simpleitk

if TYPE_CHECKING:
    import SimpleITK as sitk


def itk_image(array_kji: np.ndarray, grid: VoxelGrid) -> sitk.Image:
    """An image of an array.

    Parameters
    ----------
    array_kji : numpy.ndarray
        (k, j, i), or (k, j, i, channels).
    grid : VoxelGrid
        Where its voxels lie; not sheared, which ITK cannot say.

    Raises
    ------
    DependencyMissing
        If SimpleITK is not installed.
    """
    image: sitk.Image = simpleitk().GetImageFromArray(array_kji, isVector=array_kji.ndim == 4)
    to_lps = LPS_TO_RAS[:3, :3]
    image.SetSpacing(grid.spacing_mm_ijk)
    image.SetDirection((to_lps @ grid.directions).ravel().tolist())
    image.SetOrigin((to_lps @ grid.ras_of((0, 0, 0))).tolist())
    return image
