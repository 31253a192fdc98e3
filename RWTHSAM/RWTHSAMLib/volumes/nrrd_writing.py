"""NRRD files written piece by piece, so that not all voxels need be in memory."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ..core.voxel_grid import LPS_TO_RAS

TYPES = {
    "u1": "uchar",
    "u2": "ushort",
    "u4": "uint",
    "u8": "uint64",
    "i1": "int8",
    "i2": "short",
    "i4": "int",
    "i8": "int64",
    "f4": "float",
    "f8": "double",
}
"""What NRRD calls a number type, by what numpy does."""
_FAST = 1
"""Of zlib's levels: labels become small at any, the noise of a scan at none."""


def write_nrrd(
    path: Path,
    pieces: Iterable[np.ndarray],
    dtype: np.dtype,
    sizes: Sequence[int],
    ijk_to_ras: np.ndarray,
    *,
    keys: Mapping[str, str] | None = None,
    unit_known: bool = True,
    compressed: bool = True,
) -> None:
    """Write a file with attached voxels.

    Parameters
    ----------
    path : Path
        Overwritten; see `atomic_file` for a name to write to.
    pieces : iterable of numpy.ndarray
        The values in their order, any number of them at a time.
    dtype : numpy.dtype
        One of `TYPES`.
    sizes : sequence of int
        Counts along all axes, the fastest first: i, j, k, before them those of a list of layers, if there is one.
    ijk_to_ras : numpy.ndarray
        (4, 4), voxel index to Slicer's world in mm.
    keys : mapping of str to str, optional
        What the file says beside its voxels.
    unit_known : bool
        Whether the size of a voxel is known.
    compressed : bool
        With gzip, fast.
    """
    little = np.dtype(dtype).newbyteorder("<")
    with path.open("wb") as file:
        file.write(_header(little, sizes, ijk_to_ras, keys or {}, unit_known, compressed))
        if not compressed:
            for piece in pieces:
                file.write(np.ascontiguousarray(piece, little).data)
            return
        with gzip.GzipFile("", "wb", _FAST, file, 0) as voxels:
            for piece in pieces:
                voxels.write(np.ascontiguousarray(piece, little).data)


def _header(
    dtype: np.dtype,
    sizes: Sequence[int],
    ijk_to_ras: np.ndarray,
    keys: Mapping[str, str],
    unit_known: bool,
    compressed: bool,
) -> bytes:
    ijk_to_lps = LPS_TO_RAS @ ijk_to_ras
    vectors = [f"({','.join(repr(float(each)) for each in ijk_to_lps[:3, axis])})" for axis in range(4)]
    is_list = len(sizes) == 4
    lines = [
        "NRRD0004",
        f"type: {TYPES[dtype.str[1:]]}",
        f"dimension: {len(sizes)}",
        "space: left-posterior-superior",
        f"sizes: {' '.join(map(str, sizes))}",
        f"space directions: {'none ' * is_list}{' '.join(vectors[:3])}",
        f"kinds: {'list ' * is_list}domain domain domain",
        "endian: little",
        f"encoding: {'gzip' if compressed else 'raw'}",
        *([] if unit_known else ['space units: "" "" ""']),
        f"space origin: {vectors[3]}",
        *(f"{key}:={value}" for key, value in keys.items()),
    ]
    return ("\n".join(lines) + "\n\n").encode()
