"""Where the voxels of a NIfTI file lie: its two ways of saying so, compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...core.voxel_grid import LPS_TO_RAS
from ...errors import VolumeError
from ..volume_data import check_upright

_SCANNER = 1
# of a voxel's size: rounding of float32, not another size
_SAME_SIZE = 1e-3
# of a voxel, at the far end of the scan: rounding of float32, not another place
_SAME_PLACE = 0.05


@dataclass(frozen=True)
class NiftiGrid:
    """Fields of a header; names as in NIfTI.

    Attributes
    ----------
    counts : tuple of int
        Voxels along i, j and k.
    pixdim : tuple of float
        From index 1 the voxel sizes; index 0 tells the handedness of the qform.
    qform_code, sform_code : int
        Above 0 where the file has such a grid.
    quatern_bcd, qoffset : tuple of float
    srow : tuple of float
        Twelve numbers, three rows.
    """

    counts: tuple[int, ...]
    pixdim: tuple[float, ...]
    qform_code: int
    quatern_bcd: tuple[float, ...]
    qoffset: tuple[float, ...]
    sform_code: int
    srow: tuple[float, ...]


def grid_of(grid: NiftiGrid, scale_mm: float, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """(4, 4) ijk_to_ras, and what is to be said of it.

    Of two grids that differ the one is used that ITK, and so Slicer, takes: the sform where it is the scanner's,
    else the qform.

    Raises
    ------
    VolumeError
        If the grid is sheared, or its voxel sizes are no positive numbers, or contradict each other.
    """
    in_mm = np.diag([scale_mm, scale_mm, scale_mm, 1.0])
    has_q, has_s = grid.qform_code > 0, grid.sform_code > 0
    if not has_s:
        used = _qform(grid, path) if has_q else LPS_TO_RAS @ np.diag([*_signed_spacing(grid, path), 1.0])
        return in_mm @ used, _about_signs(grid)
    if has_s:
        sform = np.vstack([np.reshape(grid.srow, (3, 4)), [0, 0, 0, 1]])
        # a sheared place is not replaced by the other one without a word
        check_upright(sform, path)
    if has_q:
        qform = _qform(grid, path)
    if not has_q:
        used, notes = sform, _checked_sizes(sform, grid, path)
    else:
        used, notes = _of_two(qform, sform, grid, path)
    return in_mm @ used, notes


def _of_two(qform: np.ndarray, sform: np.ndarray, grid: NiftiGrid, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    uses_s = grid.sform_code == _SCANNER
    used = sform if uses_s else qform
    if uses_s:
        _checked_sizes(sform, grid, path)
    corners = np.array([[i, j, k, 1.0] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    corners[:, :3] *= np.array(grid.counts[:3]) - 1
    apart = float(np.linalg.norm((corners @ (qform - sform).T)[:, :3], axis=1).max())
    if apart <= _SAME_PLACE * float(np.linalg.norm(used[:3, :3], axis=0).min()):
        return used, ()
    names = ("sform", "qform") if uses_s else ("qform", "sform")
    note = (
        f"The file gives two places, qform and sform, that differ by up to {apart:.4g} (in its own unit); "
        f"the {names[0]} was used, the {names[1]} was not."
    )
    return used, (note,)


def _checked_sizes(sform: np.ndarray, grid: NiftiGrid, path: Path) -> tuple[str, ...]:
    """Raise an error where the voxel sizes of the sform and of pixdim differ: a scan has but one."""
    spacing = _spacing(grid, path)
    columns = np.linalg.norm(sform[:3, :3], axis=0)
    several = [axis for axis in range(3) if grid.counts[axis] > 1]
    if any(abs(columns[axis] - spacing[axis]) > _SAME_SIZE * spacing[axis] for axis in several):
        raise VolumeError(
            f"'{path}' gives two voxel sizes: {_triple(spacing)} (pixdim) and {_triple(columns)} (sform). "
            "Correct one of them."
        )
    return ()


def _spacing(grid: NiftiGrid, path: Path) -> tuple[float, float, float]:
    sizes = []
    for axis in range(3):
        size = grid.pixdim[axis + 1]
        if not 0 < size < math.inf:
            if grid.counts[axis] > 1:
                raise VolumeError(
                    f"'{path}' states voxel sizes (pixdim) of {_triple(grid.pixdim[1:4])}, expected numbers above 0."
                )
            size = 1.0
        sizes.append(float(size))
    return sizes[0], sizes[1], sizes[2]


def _signed_spacing(grid: NiftiGrid, path: Path) -> tuple[float, ...]:
    """Voxel sizes without an sform, where a negative one turns its axis round, as ITK, and so Slicer, takes it."""
    if grid.sform_code > 0:
        return _spacing(grid, path)
    sizes = _spacing(replace(grid, pixdim=tuple(map(abs, grid.pixdim))), path)
    return tuple(math.copysign(size, stated) for size, stated in zip(sizes, grid.pixdim[1:4], strict=True))


def _about_signs(grid: NiftiGrid) -> tuple[str, ...]:
    turned = [letter for letter, size in zip("ijk", grid.pixdim[1:4], strict=True) if size < 0]
    if not turned:
        return ()
    axes = "axis" if len(turned) == 1 else "axes"
    return (f"The file states negative voxel sizes (pixdim): the {axes} {', '.join(turned)} run the other way.",)


def _qform(grid: NiftiGrid, path: Path) -> np.ndarray:
    b, c, d = grid.quatern_bcd
    if not all(map(math.isfinite, (b, c, d, *grid.qoffset))) or b * b + c * c + d * d > 1 + 1e-4:
        raise VolumeError(f"'{path}' has an impossible orientation (qform): quaternion {b:g}, {c:g}, {d:g}.")
    a = math.sqrt(max(0.0, 1 - b * b - c * c - d * d))
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    spacing = np.array(_signed_spacing(grid, path))
    if grid.pixdim[0] < 0:
        turn[:, 2] *= -1
    matrix = np.eye(4)
    matrix[:3, :3] = turn * spacing
    matrix[:3, 3] = grid.qoffset
    return matrix


def _triple(numbers: object) -> str:
    return " x ".join(f"{float(number):g}" for number in numbers)  # type: ignore[attr-defined]
