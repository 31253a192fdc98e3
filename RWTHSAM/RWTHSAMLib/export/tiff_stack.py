"""Volumes as multi-page TIFF files that say how large a voxel is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..core.system.optional_package import optional_package
from ..errors import VolumeError
from ..volumes.volume_data import VolumeData

_IMAGEJ_TYPES = (np.uint8, np.uint16, np.float32)
# a classic TIFF addresses 4 GiB; what lies beside the pixels is far less than this reserve
_LARGEST_CLASSIC_BYTES = 2**32 - 2**25


def write_tiff_stack(data: VolumeData, path: Path) -> None:
    """Write a volume as one page per slice along k.

    ImageJ's layout, uncompressed, because every program opens it; OME-TIFF as BigTIFF beyond 4 GB and for number types
    that ImageJ does not know. Both carry the spacing in mm, or without a unit where the size of a voxel is not known;
    neither can carry origin and direction.

    Parameters
    ----------
    data : VolumeData
        (k, j, i) grey values or labels.
    path : Path
        Overwritten; see `atomic_file` for a name to write to.

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
    if data.array_kji.dtype in _IMAGEJ_TYPES and data.array_kji.nbytes < _LARGEST_CLASSIC_BYTES:
        # all six axes of ImageJ, because a last axis of length 1 or 3 would be taken for colours
        planes, rows, columns = data.array_kji.shape
        pages = data.array_kji.reshape(1, planes, 1, rows, columns, 1)
        about: dict[str, object] = {"axes": "TZCYXS", **({"unit": "mm"} if data.unit_known else {}), **_spacing(data)}
        # ImageJ itself states no unit of resolution: its own says it
        unit, size = tifffile.RESUNIT.NONE, _resolution(data)
        tifffile.imwrite(
            path,
            pages,
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
    tifffile.imwrite(path, data.array_kji, ome=True, bigtiff=True, photometric="minisblack", metadata=about)


def _spacing(data: VolumeData) -> dict[str, float]:
    return {"spacing": data.spacing_mm[2]} if data.unit_known or data.spacing_mm[2] != 1.0 else {}


def _resolution(data: VolumeData) -> tuple[float, float] | None:
    x, y, _ = data.spacing_mm
    return (1 / x, 1 / y) if data.unit_known or (x, y) != (1.0, 1.0) else None
