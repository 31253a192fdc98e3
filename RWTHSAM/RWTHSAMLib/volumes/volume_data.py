"""A scan in memory: voxels, and where they lie in the world."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..core.voxel_grid import LPS_TO_RAS, VoxelGrid
from ..core.voxel_size import size_text
from ..errors import GeometryError, VolumeError

# cosine of the angle between two axes: above the rounding of text headers, below what anybody would see or measure
_MOST_SHEAR = 1e-3


@dataclass(frozen=True, eq=False)
class VolumeData:
    """Voxels of a scan and their grid.

    Attributes
    ----------
    array_kji : numpy.ndarray
        (k, j, i) grey values or (k, j, i, 3) RGB; integers or floating point numbers. NaN is allowed.
    ijk_to_ras : numpy.ndarray
        (4, 4) float64, voxel index (i, j, k) to Slicer's world (RAS) in mm.
    name : str
        For people, usually the file's name without its ending.
    unit_known : bool
        Whether the file says how large a voxel is; if not, voxels count as 1 mm and no volume in mm³ means anything.
    notes : tuple of str
        What a person should know about how the scan was read, in plain words.

    Raises
    ------
    VolumeError
        If the array or the matrix has another layout.
    """

    array_kji: np.ndarray
    ijk_to_ras: np.ndarray
    name: str
    unit_known: bool
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_layout(self.array_kji.shape, self.array_kji.dtype)
        _ = self.grid

    @cached_property
    def grid(self) -> VoxelGrid:
        """Where the voxels lie."""
        return grid_of(self.ijk_to_ras, self.array_kji.shape, self.name)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance of neighbouring voxels along i, j and k."""
        return self.grid.spacing_mm_ijk

    def with_spacing(self, spacing_mm_ijk: tuple[float, float, float]) -> VolumeData:
        """The same voxels of another known size in mm, along i, j and k; the first one stays in place."""
        notes = (*self.notes, note_about_spacing(spacing_mm_ijk))
        return VolumeData(self.array_kji, with_spacing_mm(self.grid, spacing_mm_ijk), self.name, True, notes)


def check_layout(shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Raise `VolumeError` unless an array of this shape and type may be the voxels of a scan."""
    if not (len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)) or 0 in shape:
        raise VolumeError(f"A volume has shape (k, j, i), or (k, j, i, 3) for RGB, not {shape}.")
    if dtype.kind not in "iuf":
        raise VolumeError(f"Voxels must be integers or floating point numbers, not {dtype}.")


def grid_of(ijk_to_ras: np.ndarray, shape: tuple[int, ...], name: str) -> VoxelGrid:
    """Where the voxels of an array (k, j, i, ...) lie; the name is for the message of the `VolumeError`."""
    slices, rows, columns = shape[:3]
    try:
        return VoxelGrid(ijk_to_ras, (slices, rows, columns))
    except GeometryError as error:
        raise VolumeError(f"'{name}' has no usable voxel grid: {error}") from error


def with_spacing_mm(grid: VoxelGrid, spacing_mm_ijk: tuple[float, float, float]) -> np.ndarray:
    """(4, 4) ijk_to_ras of a grid with voxels of another size; the first voxel stays in place."""
    ijk_to_ras = np.array(grid.ijk_to_ras)
    ijk_to_ras[:3, :3] *= np.asarray(spacing_mm_ijk) / grid.spacing_mm_ijk
    return ijk_to_ras


def note_about_spacing(spacing_mm_ijk: tuple[float, float, float]) -> str:
    """What is to be said of a voxel size that somebody gave, in mm along i, j and k."""
    return f"A voxel counts as {size_text(spacing_mm_ijk)} along i, j and k, as it was given."


def check_upright(ijk_to_ras: np.ndarray, path: Path | str) -> None:
    """Raise `VolumeError` unless the axes of a grid are perpendicular, as everything that measures takes them to be.

    Parameters
    ----------
    ijk_to_ras : numpy.ndarray
        (4, 4), voxel index to world.
    path : Path or str
        Of the file, or the name of the volume, for the message.
    """
    axes = np.asarray(ijk_to_ras, float)[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not np.isfinite(ijk_to_ras).all() or lengths.min() == 0:
        raise VolumeError(f"'{path}' has no usable voxel grid: a voxel size is 0 or no number.")
    cosines = np.abs((axes / lengths).T @ (axes / lengths))[np.triu_indices(3, 1)]
    if cosines.max() > _MOST_SHEAR:
        angle_deg = np.degrees(np.arccos(min(1.0, cosines.max())))
        raise VolumeError(
            f"'{path}' has a sheared voxel grid: two of its axes meet at {angle_deg:.4g}\u00b0 instead of 90\u00b0. "
            "Resample it onto perpendicular axes, for example with 'Resample Scalar/Vector/DWI Volume' in 3D Slicer."
        )


def upright_grid(spacing_mm_ijk: tuple[float, float, float]) -> np.ndarray:
    """(4, 4) ijk_to_ras of a scan without orientation, such as a TIFF stack.

    As Slicer does it: i points left and j posterior, so that an axial view shows a slice as a picture viewer would.
    """
    return LPS_TO_RAS @ np.diag([*spacing_mm_ijk, 1.0])
