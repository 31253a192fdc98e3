"""Volumes to files slice by slice: NRRD and NIfTI of any size."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..core.system.atomic_file import replacing
from ..core.voxel_grid import VoxelGrid
from ..errors import VolumeError
from .lazy_volume import LazyVolume, Progress
from .nrrd_writing import write_nrrd
from .volume_data import VolumeData
from .whole_file import check_whole
from .write import write_volume

_FAST = 1
_NIFTI_HEADER_BYTES, _SIZES_AT = 352, 42
_MOST_VOXELS_OF_NIFTI = 2**15 - 1
_PROBE = 2
_Write = Callable[[bytes | memoryview], object]


def can_be_written_in_slices(volume: LazyVolume, path: Path) -> bool:
    """Whether `write_slices` knows a kind of file, by its name, and can write this volume as it."""
    return volume.array_kji.ndim == 3 and path.name.lower().endswith((".nrrd", ".nii", ".nii.gz"))


def write_slices(volume: LazyVolume, path: Path, progress: Progress | None = None) -> None:
    """Write grey values or labels; the file is either old or new, never half of each.

    Parameters
    ----------
    volume : LazyVolume
        Read once, from the first slice to the last.
    path : Path
        Ends in .nrrd, .nii or .nii.gz.
    progress : callable, optional

    Raises
    ------
    VolumeError
        If the format cannot hold the volume, or its voxels cannot be read.
    InputError
        If the file cannot be written.
    """
    if path.name.lower().endswith(".nrrd"):
        _write_nrrd(volume, path, progress)
    else:
        _write_nifti(volume, path, progress)


def _write_nrrd(volume: LazyVolume, path: Path, progress: Progress | None) -> None:
    array = volume.array_kji
    with replacing(path) as unfinished:
        write_nrrd(
            unfinished,
            volume.told_blocks(progress),
            array.dtype,
            array.shape[::-1],
            volume.ijk_to_ras,
            unit_known=volume.unit_known,
        )


def _write_nifti(volume: LazyVolume, path: Path, progress: Progress | None) -> None:
    if max(volume.grid.shape_kji) > _MOST_VOXELS_OF_NIFTI:
        counts = " x ".join(map(str, volume.grid.shape_kji[::-1]))
        raise VolumeError(
            f"NIfTI holds {_MOST_VOXELS_OF_NIFTI:,} voxels along an axis, not {counts}: write NRRD or OME-Zarr."
        )
    header = _nifti_header(volume.grid, np.dtype(volume.array_kji.dtype), volume.unit_known)
    with replacing(path, check_whole) as unfinished, unfinished.open("wb") as file:
        if not path.name.lower().endswith(".gz"):
            _write_pieces(file.write, header, volume.told_blocks(progress))
            return
        with gzip.GzipFile("", "wb", _FAST, file, 0) as packed:
            _write_pieces(packed.write, header, volume.told_blocks(progress))


def _write_pieces(write: _Write, header: bytes, blocks: Iterable[np.ndarray]) -> None:
    write(header)
    for block in blocks:
        write(np.ascontiguousarray(block, block.dtype.newbyteorder("<")).data)


def _nifti_header(grid: VoxelGrid, dtype: np.dtype, unit_known: bool) -> bytes:
    """What ITK writes of a few voxels in the same place, with the number of all."""
    probe = VolumeData(np.zeros((_PROBE,) * 3, dtype), grid.ijk_to_ras, "probe", unit_known)
    with TemporaryDirectory(prefix="rwthsam-") as folder:
        path = Path(folder) / "probe.nii"
        write_volume(probe, path)
        header = bytearray(path.read_bytes()[:_NIFTI_HEADER_BYTES])
    assert struct.unpack_from("<3h", header, _SIZES_AT) == (_PROBE,) * 3
    struct.pack_into("<3h", header, _SIZES_AT, *grid.shape_kji[::-1])
    return bytes(header)
