"""Volumes as multi-page TIFF files that say how large a voxel is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..core.system.optional_package import optional_package
from ..errors import VolumeError
from ..volumes.lazy_volume import LazyVolume, Progress
from ..volumes.volume_data import VolumeData

_IMAGEJ_TYPES = (np.uint8, np.uint16, np.float32)
# a classic TIFF addresses 4 GiB; what lies beside the pixels is far less than this reserve
_LARGEST_CLASSIC_BYTES = 2**32 - 2**25


def write_tiff_stack(data: VolumeData | LazyVolume, path: Path, progress: Progress | None = None) -> None:
    """Write a volume as one page per slice along k.

    ImageJ's layout, uncompressed, because every program opens it; OME-TIFF as BigTIFF beyond 4 GB and for number types
    that ImageJ does not know. Both carry the spacing in mm, or without a unit where the size of a voxel is not known;
    neither can carry origin and direction.

    Parameters
    ----------
    data : VolumeData or LazyVolume
        (k, j, i) grey values or labels; of a lazy volume a few slices are in memory at a time.
    path : Path
        Overwritten; see `atomic_file` for a name to write to.
    progress : callable, optional
        Told, of a lazy volume, how many bytes of how many are written.

    Raises
    ------
    DependencyMissing
        If tifffile is not installed.
    VolumeError
        If the volume is in colour.
    """
    tifffile = optional_package("tifffile", "TIFF files")
    if data.array_kji.ndim != 3:
        raise VolumeError(f"A TIFF stack holds one value a voxel, but '{data.name}' is in colour: export NRRD.")
    x, y, z = data.spacing_mm
    planes, rows, columns = (int(count) for count in data.array_kji.shape)
    dtype = data.array_kji.dtype
    if dtype in _IMAGEJ_TYPES and planes * rows * columns * dtype.itemsize < _LARGEST_CLASSIC_BYTES:
        # all six axes of ImageJ, because a last axis of length 1 or 3 would be taken for colours
        shape: tuple[int, ...] = (1, planes, 1, rows, columns, 1)
        about: dict[str, object] = {"axes": "TZCYXS", **({"unit": "mm"} if data.unit_known else {}), **_spacing(data)}
        # ImageJ itself states no unit of resolution: its own says it
        unit, size = tifffile.RESUNIT.NONE, _resolution(data)
        tifffile.imwrite(
            path,
            _pages(data, progress),
            shape=shape,
            dtype=dtype,
            imagej=True,
            photometric="minisblack",
            metadata=about,
            resolutionunit=unit,
            resolution=size,
        )
        return
    sizes = {f"PhysicalSize{axis}": size for axis, size in zip("XYZ", (x, y, z), strict=True)}
    units = {f"PhysicalSize{axis}Unit": "mm" if data.unit_known else "pixel" for axis in "XYZ"}
    stated: dict[str, object] = {**sizes, **units} if data.unit_known or set(data.spacing_mm) != {1.0} else {}
    about = {"axes": "ZYX", **stated}
    shape = (planes, rows, columns)
    tifffile.imwrite(
        path,
        _pages(data, progress),
        shape=shape,
        dtype=dtype,
        ome=True,
        bigtiff=True,
        photometric="minisblack",
        metadata=about,
    )


def _pages(data: VolumeData | LazyVolume, progress: Progress | None) -> Iterator[np.ndarray]:
    """Slice by slice."""
    blocks = data.told_blocks(progress) if isinstance(data, LazyVolume) else [data.array_kji]
    for block in blocks:
        for page in block:
            yield np.ascontiguousarray(page)


def _spacing(data: VolumeData | LazyVolume) -> dict[str, float]:
    return {"spacing": data.spacing_mm[2]} if data.unit_known or data.spacing_mm[2] != 1.0 else {}


def _resolution(data: VolumeData | LazyVolume) -> tuple[float, float] | None:
    x, y, _ = data.spacing_mm
    return (1 / x, 1 / y) if data.unit_known or (x, y) != (1.0, 1.0) else None
