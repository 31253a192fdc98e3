"""NIfTI-1 and NIfTI-2: .nii, .nii.gz, and pairs of .hdr and .img."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...errors import VolumeError
from ..volume_data import VolumeData
from .nifti_grid import NiftiGrid, grid_of
from .payload import Part
from .stored import StoredVoxels, check_sizes, volume_of

_GZIP = b"\x1f\x8b"
_HEADER_BYTES = {348: 1, 540: 2}
# by datatype code: the number type, values a voxel
_TYPES = {
    2: ("u1", 1),
    4: ("i2", 1),
    8: ("i4", 1),
    16: ("f4", 1),
    64: ("f8", 1),
    128: ("u1", 3),
    256: ("i1", 1),
    512: ("u2", 1),
    768: ("u4", 1),
    1024: ("i8", 1),
    1280: ("u8", 1),
    2304: ("u1", 4),
}
_KNOWN_UNUSABLE = {1: "single bits", 32: "complex numbers", 1536: "128-bit numbers", 1792: "complex numbers"}
_MM_PER_UNIT_CODE = {1: 1e3, 2: 1.0, 3: 1e-3}
_SPACE_UNITS = 0x07


_SEVERAL = ("dim", "pixdim", "quatern_bcd", "qoffset", "srow")
_NIFTI_1: dict[str, tuple[int, str]] = {
    "dim": (40, "8h"),
    "datatype": (70, "h"),
    "bitpix": (72, "h"),
    "pixdim": (76, "8f"),
    "vox_offset": (108, "f"),
    "scl_slope": (112, "f"),
    "scl_inter": (116, "f"),
    "xyzt_units": (123, "B"),
    "qform_code": (252, "h"),
    "sform_code": (254, "h"),
    "quatern_bcd": (256, "3f"),
    "qoffset": (268, "3f"),
    "srow": (280, "12f"),
    "magic": (344, "4s"),
}
_NIFTI_2: dict[str, tuple[int, str]] = {
    "magic": (4, "4s"),
    "datatype": (12, "h"),
    "bitpix": (14, "h"),
    "dim": (16, "8q"),
    "pixdim": (104, "8d"),
    "vox_offset": (168, "q"),
    "scl_slope": (176, "d"),
    "scl_inter": (184, "d"),
    "qform_code": (344, "i"),
    "sform_code": (348, "i"),
    "quatern_bcd": (352, "3d"),
    "qoffset": (376, "3d"),
    "srow": (400, "12d"),
    "xyzt_units": (500, "i"),
}


@dataclass(frozen=True)
class _Fields:
    """What is read of a header, NIfTI-1 or 2."""

    dim: tuple[int, ...]
    datatype: int
    bitpix: int
    pixdim: tuple[float, ...]
    vox_offset: float
    scl_slope: float
    scl_inter: float
    xyzt_units: int
    qform_code: int
    sform_code: int
    quatern_bcd: tuple[float, ...]
    qoffset: tuple[float, ...]
    srow: tuple[float, ...]
    magic: bytes
    byte_order: Literal["<", ">"]


def read_nifti(path: Path, name: str) -> VolumeData:
    """Read a scan.

    Raises
    ------
    VolumeError
        If the file is damaged or cut short, has more than three dimensions, or does not say unambiguously where its
        voxels lie.
    """
    return volume_of(nifti_voxels(path), path, name)


def nifti_voxels(path: Path) -> StoredVoxels:
    """What the header of a file says of its voxels, none of which is read; for errors see `read_nifti`."""
    header_path = _partner(path, ".hdr") if _ends(path, ".img", ".img.gz") else path
    return _stored_voxels(header_path, _read_fields(header_path))


def _stored_voxels(path: Path, fields: _Fields) -> StoredVoxels:
    rank = fields.dim[0]
    if not 1 <= rank <= 7:
        raise _damaged(path, f"it claims {rank} dimensions")
    sizes = fields.dim[1 : rank + 1]
    check_sizes(sizes, path)
    number_type, components = _number_type(path, fields)
    component_axis = None
    if components > 1:
        sizes, component_axis = (components, *sizes), 0
    elif rank >= 5 and sizes[4] > 1:
        component_axis = 4
    while len(sizes) - (component_axis is not None) < 3 and component_axis != 4:
        sizes = (*sizes, 1)
    scale_mm, unit_known, notes = _unit(fields)
    spatial = sizes[1:4] if component_axis == 0 else sizes[:3]
    grid = NiftiGrid(
        spatial, fields.pixdim, fields.qform_code, fields.quatern_bcd, fields.qoffset, fields.sform_code, fields.srow
    )
    ijk_to_ras, said = grid_of(grid, scale_mm, path)
    scale, about_scale = _grey_scale(fields)
    return StoredVoxels(
        np.dtype(number_type).newbyteorder(fields.byte_order),
        sizes,
        component_axis,
        (_part(path, fields),),
        ijk_to_ras,
        unit_known,
        (*notes, *said, *about_scale),
        scale,
    )


def _number_type(path: Path, fields: _Fields) -> tuple[str, int]:
    if fields.datatype not in _TYPES:
        what = _KNOWN_UNUSABLE.get(fields.datatype, f"the unknown type {fields.datatype}")
        raise VolumeError(f"'{path}' has voxels of {what}, expected integers, floating point numbers or RGB.")
    number_type, components = _TYPES[fields.datatype]
    bits = 8 * components * np.dtype(number_type).itemsize
    if fields.bitpix != bits:
        raise _damaged(path, f"voxels of type {fields.datatype} have {bits} bits, but it says {fields.bitpix}")
    return number_type, components


def _unit(fields: _Fields) -> tuple[float, bool, tuple[str, ...]]:
    code = fields.xyzt_units & _SPACE_UNITS
    if code in _MM_PER_UNIT_CODE:
        return _MM_PER_UNIT_CODE[code], True, ()
    if code == 0:
        return 1.0, False, ()
    return 1.0, False, (f"The file gives its voxel size in the unit number {code}, which NIfTI does not know.",)


def _grey_scale(fields: _Fields) -> tuple[tuple[float, float], tuple[str, ...]]:
    slope, intercept = fields.scl_slope, fields.scl_inter
    if slope == 0:
        return (1.0, 0.0), ()
    if not (math.isfinite(slope) and math.isfinite(intercept)):
        note = f"The scale of the grey values ({slope:g}, {intercept:g}) is no number and was not applied."
        return (1.0, 0.0), () if math.isnan(slope) and math.isnan(intercept) else (note,)
    return (slope, intercept), ()


def _part(path: Path, fields: _Fields) -> Part:
    single = fields.magic.startswith(b"n+")
    data_path = path if single else _partner(path, ".img")
    if not math.isfinite(fields.vox_offset) or fields.vox_offset < 0:
        raise _damaged(path, f"its voxels are said to begin at byte {fields.vox_offset:g}")
    least = 352 if fields.magic.startswith(b"n+1") else 544
    offset = max(int(fields.vox_offset), least) if single else int(fields.vox_offset)
    if _is_packed(data_path):
        return Part(data_path, 0, "gzip", offset)
    return Part(data_path, offset)


def _read_fields(path: Path) -> _Fields:
    if not path.is_file():
        raise VolumeError(f"There is no file '{path}', which holds the header of the voxels.")
    start = _beginning(path)
    orders: tuple[Literal["<", ">"], ...] = ("<", ">")
    for byte_order in orders:
        length = struct.unpack_from(f"{byte_order}i", start)[0] if len(start) >= 4 else 0
        if length in _HEADER_BYTES:
            if len(start) < length:
                raise VolumeError(f"'{path}' is cut short: its header has {length} bytes, found {len(start)}.")
            fields = _fields(start, byte_order, _NIFTI_1 if length == 348 else _NIFTI_2)
            if fields.magic[:2] not in (b"n+", b"ni"):
                raise VolumeError(
                    f"'{path}' is an Analyze 7.5 file, which does not say how the scan is turned: convert it to NIfTI."
                )
            return fields
    raise VolumeError(f"'{path}' is no NIfTI file, or damaged: it does not begin with the length of a header.")


def _beginning(path: Path) -> bytes:
    try:
        if not _is_packed(path):
            with path.open("rb") as file:
                return file.read(540)
        with gzip.open(path) as packed:
            return packed.read(540)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise VolumeError(f"'{path}' could not be read, it is damaged or cut short: {error}.") from error


def _is_packed(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) == _GZIP


def _fields(start: bytes, order: Literal["<", ">"], layout: dict[str, tuple[int, str]]) -> _Fields:
    """The fields at the beginning of a file; `layout` says where each begins and what it is, as `struct` does."""
    read = {name: struct.unpack_from(order + form, start, offset) for name, (offset, form) in layout.items()}
    values: dict[str, Any] = {name: found if name in _SEVERAL else found[0] for name, found in read.items()}
    return _Fields(**values, byte_order=order)


def _partner(path: Path, ending: str) -> Path:
    """The other file of a pair, packed or not."""
    name = path.name.removesuffix(".gz")
    stem = name[: name.rfind(".")]
    upper = name[name.rfind(".") :].isupper()
    plain = path.with_name(stem + (ending.upper() if upper else ending))
    packed = plain.with_name(plain.name + ".gz")
    return packed if packed.is_file() and not plain.is_file() else plain


def _ends(path: Path, *endings: str) -> bool:
    return path.name.lower().endswith(endings)


def _damaged(path: Path, what: str) -> VolumeError:
    return VolumeError(f"'{path}' could not be read as NIfTI, its header is damaged: {what}.")
