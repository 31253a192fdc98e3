"""NRRD: attached and detached (.nhdr), raw, gzip, bzip2 and text, one data file or a list of them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np

from ...errors import VolumeError
from ..volume_data import VolumeData
from .data_files import named_file, numbered_files
from .nrrd_grid import directions_of, grid_of
from .nrrd_header import LARGEST_HEADER, NrrdHeader, read_header
from .payload import Compression, Part
from .stored import StoredVoxels, check_sizes, volume_of

_TYPES = {
    "int8": "signed char|int8|int8_t",
    "uint8": "uchar|unsigned char|uint8|uint8_t",
    "int16": "short|short int|signed short|signed short int|int16|int16_t",
    "uint16": "ushort|unsigned short|unsigned short int|uint16|uint16_t",
    "int32": "int|signed int|int32|int32_t",
    "uint32": "uint|unsigned int|uint32|uint32_t",
    "int64": "longlong|long long|long long int|signed long long|signed long long int|int64|int64_t",
    "uint64": "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t",
    "float32": "float",
    "float64": "double",
}
_DTYPE_OF = {word: dtype for dtype, words in _TYPES.items() for word in words.split("|")}
_COMPRESSION_OF: dict[str, Compression] = {
    "raw": "none",
    "gzip": "gzip",
    "gz": "gzip",
    "bzip2": "bzip2",
    "bz2": "bzip2",
    "txt": "none",
    "text": "none",
    "ascii": "none",
}
_TEXT = ("txt", "text", "ascii")
_COMPONENT_KINDS = re.compile(
    r"(vector|covariant-vector|normal|point|stub|scalar|complex|quaternion|\d-|rgb|hsv|xyz|list|time)"
)
_SEQUENCE_KINDS = ("list", "time")


def read_nrrd(path: Path, name: str) -> VolumeData:
    """Read a scan.

    Raises
    ------
    VolumeError
        If the file is damaged or cut short, has more than three dimensions, or lies on sheared axes.
    """
    return volume_of(stored_voxels(read_header(path)), path, name)


def stored_voxels(header: NrrdHeader, may_be_list: bool = False) -> StoredVoxels:
    """What the header says of the voxels.

    Parameters
    ----------
    header : NrrdHeader
    may_be_list : bool
        Whether an axis may count volumes, as the layers of a segmentation, instead of values of a voxel.

    Raises
    ------
    VolumeError
        If it contradicts itself, or says something that is not understood.
    """
    sizes = header.sizes
    check_sizes(sizes, header.path)
    if header.fields.get("dimension", "").strip() != str(len(sizes)):
        raise header.damaged(f"dimension {header.fields.get('dimension')!r} and sizes {header.fields.get('sizes')!r}")
    component_axis = _component_axis(header, may_be_list)
    spatial = [axis for axis in range(len(sizes)) if axis != component_axis]
    ijk_to_ras, unit_known, notes = grid_of(header, spatial[:3])
    dtype = _dtype(header)
    byte_count = math.prod(sizes) * dtype.itemsize
    return StoredVoxels(
        dtype,
        sizes,
        component_axis,
        _parts(header, byte_count),
        ijk_to_ras,
        unit_known,
        notes,
        is_text=_encoding(header) in _TEXT,
    )


def _dtype(header: NrrdHeader) -> np.dtype:
    word = header.fields.get("type", "").strip().lower()
    if word not in _DTYPE_OF:
        raise VolumeError(f"'{header.path}' has voxels of type {word!r}, expected integers or floating point numbers.")
    dtype = np.dtype(_DTYPE_OF[word])
    if dtype.itemsize == 1 or _encoding(header) in _TEXT:
        return dtype
    endian = header.fields.get("endian", "").strip().lower()
    if endian not in ("little", "big"):
        raise header.damaged(f"endian {endian!r}, expected little or big")
    swapped: np.dtype = dtype.newbyteorder("<" if endian == "little" else ">")
    return swapped


def _encoding(header: NrrdHeader) -> str:
    encoding = header.fields.get("encoding", "").strip().lower()
    if encoding not in _COMPRESSION_OF:
        raise VolumeError(
            f"'{header.path}' has the encoding {encoding!r}, expected one of {', '.join(_COMPRESSION_OF)}: "
            "save it with another one."
        )
    return encoding


def _component_axis(header: NrrdHeader, may_be_list: bool) -> int | None:
    sizes, kinds = header.sizes, header.kinds
    if kinds and len(kinds) != len(sizes):
        raise header.damaged(f"{len(kinds)} kinds for {len(sizes)} sizes")
    directions = directions_of(header)
    beside_space = [axis for axis, vector in enumerate(directions) if vector is None]
    if not directions:
        beside_space = [axis for axis, kind in enumerate(kinds) if _COMPONENT_KINDS.match(kind)]
    several = [axis for axis in beside_space if sizes[axis] > 1]
    is_sequence = not may_be_list and any(kinds and kinds[axis] in _SEQUENCE_KINDS for axis in several)
    if is_sequence or len(several) > 1:
        counts = " x ".join(map(str, sizes))
        raise VolumeError(
            f"'{header.path}' has {len(sizes)} dimensions ({counts}) and holds a sequence of volumes, expected one: "
            "export one point in time or one channel."
        )
    return several[0] if several else beside_space[0] if beside_space else None


def _parts(header: NrrdHeader, byte_count: int) -> tuple[Part, ...]:
    compression = _COMPRESSION_OF[_encoding(header)]
    if header.data_file is None:
        paths, start = [header.path], header.byte_count
    else:
        paths, start = _detached(header), 0
    lines, skip = ((header.whole_numbers(name) or [0])[0] for name in ("lineskip", "byteskip"))
    if skip < 0:
        if compression != "none":
            raise header.damaged("byte skip -1 goes with the encoding raw only")
        return tuple(Part(path, -1) for path in paths)
    offsets = [_behind_lines(path, start, lines) for path in paths]
    if compression == "none":
        return tuple(Part(path, offset + skip) for path, offset in zip(paths, offsets, strict=True))
    return tuple(Part(path, offset, compression, skip) for path, offset in zip(paths, offsets, strict=True))


def _detached(header: NrrdHeader) -> list[Path]:
    text = header.data_file or ""
    folder = header.path.parent
    if text.upper().startswith("LIST"):
        if not header.files:
            raise header.damaged("it names no data files behind LIST")
        return [named_file(each, folder) for each in header.files]
    return numbered_files(text, folder) or [named_file(text, folder)]


def _behind_lines(path: Path, start: int, lines: int) -> int:
    if not lines or not path.is_file():
        return start
    with path.open("rb") as file:
        file.seek(start)
        for _ in range(lines):
            file.readline(LARGEST_HEADER)
        return file.tell()
