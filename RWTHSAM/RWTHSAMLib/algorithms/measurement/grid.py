"""A block of voxels with its place in the world, as ITK wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DependencyMissing
from ...volumes.volume_data import LPS_TO_RAS

if TYPE_CHECKING:
    import SimpleITK as sitk

Block = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class VoxelGrid:
    """Where voxels lie.

    Attributes
    ----------
    ijk_to_ras : numpy.ndarray
        (4, 4), voxel index to world in mm. The axes may be rotated and flipped, not sheared.
    """

    ijk_to_ras: np.ndarray

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Along i, j and k."""
        i, j, k = np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0)
        return float(i), float(j), float(k)

    @property
    def spacing_kji_mm(self) -> tuple[float, float, float]:
        """Along the axes of arrays."""
        i, j, k = self.spacing_mm
        return k, j, i

    def image(self, array_kji: np.ndarray, first_ijk: Sequence[int] = (0, 0, 0)) -> sitk.Image:
        """An ITK image (LPS) of an array that begins at a voxel."""
        try:
            import SimpleITK as sitk
        except ImportError as error:
            raise DependencyMissing("Measuring needs SimpleITK: pip install SimpleITK") from error
        to_lps = LPS_TO_RAS @ self.ijk_to_ras
        image = sitk.GetImageFromArray(array_kji)
        image.SetSpacing(self.spacing_mm)
        image.SetDirection((to_lps[:3, :3] / np.array(self.spacing_mm)).ravel().tolist())
        image.SetOrigin((to_lps @ [*first_ijk, 1.0])[:3].tolist())
        return image


def block_of(mask_kji: np.ndarray, margin: int = 0) -> Block | None:
    """The smallest block that holds all voxels of a mask, and a margin where there is room; None if there is none."""
    ends = []
    for axis in range(3):
        others = tuple(each for each in range(3) if each != axis)
        held = np.flatnonzero(mask_kji.any(axis=others))
        if not len(held):
            return None
        ends.append(slice(max(0, int(held[0]) - margin), min(mask_kji.shape[axis], int(held[-1]) + 1 + margin)))
    return ends[0], ends[1], ends[2]
