"""The voxels of a class, with what is known of them: what measurements start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.voxel_grid import VoxelGrid


@dataclass(frozen=True, eq=False)
class ClassVoxels:
    """What is measured.

    Attributes
    ----------
    name : str
    mask_kji : numpy.ndarray
        bool (k, j, i).
    grid : VoxelGrid
    values_kji : numpy.ndarray, optional
        Grey values of the same voxels.
    region_kji : numpy.ndarray, optional
        bool: of which the phase fraction is a share; all voxels by default. Voxels outside are measured as well.
    """

    name: str
    mask_kji: np.ndarray
    grid: VoxelGrid
    values_kji: np.ndarray | None = None
    region_kji: np.ndarray | None = None
