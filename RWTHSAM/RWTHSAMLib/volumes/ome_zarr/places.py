"""Where the voxels of a level lie. OME-Zarr knows size and translation alone, in a world whose axes it does not name.

That world is taken for ITK's: x points to the left, y posterior, z superior, as for TIFF stacks. How a scan is turned
is written beside it, under a name of our own, which other programs pass over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...core.voxel_grid import LPS_TO_RAS, VoxelGrid
from ...errors import GeometryError, VolumeError
from ..formats.units import mm_per
from .metadata import Axis, ImageMetadata, Level

OWN_KEY = "rwthsam"
NO_UNIT = "The store gives no unit of its voxel size."
_MATRIX = "ijk_to_ras"
_SPATIAL = ("z", "y", "x")


def spatial_axes(axes: Sequence[Axis]) -> list[int]:
    """Which axes of the arrays are k, j and i, in this order; j and i alone of an image of one slice."""
    found = [index for index, axis in enumerate(axes) if axis.kind == "space"]
    names = [axes[index].name.lower() for index in found]
    if set(names) <= set(_SPATIAL):
        return sorted(found, key=lambda index: _SPATIAL.index(axes[index].name.lower()))
    return found


def place_of(
    about: ImageMetadata, level: Level, attributes: Mapping[str, Any], path: Path
) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    """(4, 4) ijk_to_ras of a level, whether the voxel size is known, and what is to be said.

    Raises
    ------
    VolumeError
        If a voxel size is 0, below, or no number.
    """
    axes = spatial_axes(about.axes)
    factors, known, notes = _mm_of_units([about.axes[axis].unit for axis in axes])
    sizes, firsts = ([numbers[axis] for axis in axes] for numbers in (level.scale, level.translation))
    if not all(0 < each < math.inf for each in sizes) or not all(map(math.isfinite, firsts)):
        raise VolumeError(f"'{path}' states voxel sizes of {sizes} (scale), expected numbers above 0.")
    sizes_mm, firsts_mm = (
        [one * factor for one, factor in zip(each, factors, strict=True)] for each in (sizes, firsts)
    )
    if len(axes) == 2:
        # a slice is as thick as its pixels are wide, as everywhere
        sizes_mm, firsts_mm = [sizes_mm[1], *sizes_mm], [0.0, *firsts_mm]
    turned = _turned(about, level, attributes, axes, factors)
    return (_straight(sizes_mm, firsts_mm) if turned is None else turned), known, notes


def _straight(sizes_mm_kji: Sequence[float], firsts_mm_kji: Sequence[float]) -> np.ndarray:
    matrix = np.diag([*reversed(sizes_mm_kji), 1.0])
    matrix[:3, 3] = list(reversed(firsts_mm_kji))
    return LPS_TO_RAS @ matrix


def _mm_of_units(units: Sequence[str]) -> tuple[list[float], bool, tuple[str, ...]]:
    found = [mm_per(unit) for unit in units]
    if None not in found:
        return [each or 0.0 for each in found], True, ()
    named = ", ".join(f"'{unit}'" for unit in dict.fromkeys(units) if unit and mm_per(unit) is None)
    said = f"The store gives its voxel size in {named}, no unit of length that is known." if named else NO_UNIT
    return [1.0] * len(units), False, (said,)


def _turned(
    about: ImageMetadata, level: Level, attributes: Mapping[str, Any], axes: Sequence[int], factors: Sequence[float]
) -> np.ndarray | None:
    """The matrix of our own, for this level; None without one, or where the sizes have been changed since."""
    own = attributes.get(OWN_KEY)
    try:
        grid = VoxelGrid(np.array(own[_MATRIX] if isinstance(own, Mapping) else (), float), (1, 1, 1))
    except (KeyError, TypeError, ValueError, GeometryError):
        return None
    finest = about.levels[0]
    sizes_mm = [finest.scale[axis] * factor for axis, factor in zip(axes, factors, strict=True)]
    if len(axes) != 3 or not np.allclose(grid.spacing_mm_kji, sizes_mm, rtol=1e-3, atol=0):
        return None
    step = np.eye(4)
    for row, axis in enumerate(reversed(axes)):
        step[row, row] = level.scale[axis] / finest.scale[axis]
        step[row, 3] = (level.translation[axis] - finest.translation[axis]) / finest.scale[axis]
    return np.asarray(grid.ijk_to_ras @ step)


def own_attributes(grid: VoxelGrid) -> dict[str, Any]:
    """What is written beside the metadata of a grid that these cannot describe; empty for others."""
    straight = _straight(grid.spacing_mm_kji, first_voxel_mm_kji(grid))
    if np.allclose(straight, grid.ijk_to_ras, rtol=0, atol=1e-12 * max(1.0, float(np.abs(straight).max()))):
        return {}
    return {OWN_KEY: {_MATRIX: grid.ijk_to_ras.tolist()}}


def first_voxel_mm_kji(grid: VoxelGrid) -> tuple[float, float, float]:
    """Where the first voxel lies in the world of OME-Zarr: superior, posterior, left."""
    right, anterior, superior = grid.ras_of((0, 0, 0))
    return superior, -anterior, -right
