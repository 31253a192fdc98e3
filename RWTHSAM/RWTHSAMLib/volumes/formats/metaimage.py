"""MetaImage: .mha, and .mhd with one data file or a list of them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np

from ...core.voxel_grid import LPS_TO_RAS
from ...errors import VolumeError
from ..volume_data import VolumeData, check_upright
from .data_files import named_file, numbered_files
from .payload import Compression, Part
from .stored import StoredVoxels, check_sizes, volume_of
from .units import mm_per

# limits against damaged files, far above what scans have
_LARGEST_LINE = 1 << 20
_MOST_LINES = 100_000
_TYPES = {
    "CHAR": "i1",
    "UCHAR": "u1",
    "SHORT": "i2",
    "USHORT": "u2",
    "INT": "i4",
    "UINT": "u4",
    "LONG": "i4",
    "ULONG": "u4",
    "LONG_LONG": "i8",
    "ULONG_LONG": "u8",
    "FLOAT": "f4",
    "DOUBLE": "f8",
}
_LOCAL = "LOCAL"


def read_metaimage(path: Path, name: str) -> VolumeData:
    """Read a scan.

    Raises
    ------
    VolumeError
        If the file is damaged or cut short, has more than three dimensions, or lies on sheared axes.
    """
    return volume_of(metaimage_voxels(path), path, name)


def metaimage_voxels(path: Path) -> StoredVoxels:
    """What the header of a file says of its voxels, none of which is read; for errors see `read_metaimage`."""
    fields, files, byte_count = _header(path)
    return _stored_voxels(path, fields, files, byte_count)


def _header(path: Path) -> tuple[dict[str, str], list[str], int]:
    """``Key = value`` lines by their keys, the lines behind LIST, and where attached data begin."""
    fields: dict[str, str] = {}
    with path.open("rb") as file:
        for _ in range(_MOST_LINES):
            key, equals, value = file.readline(_LARGEST_LINE).decode("utf-8", "replace").partition("=")
            if not equals:
                break
            fields[key.strip()] = value.strip()
            if key.strip() == "ElementDataFile":
                start = file.tell()
                is_list = value.strip().upper().startswith("LIST")
                files = [line.decode("utf-8", "replace").strip() for line in file] if is_list else []
                return fields, [each for each in files if each], start
    raise VolumeError(f"'{path}' is no MetaImage, or cut short: its header does not name the voxels (ElementDataFile).")


def _stored_voxels(path: Path, fields: dict[str, str], files: list[str], byte_count: int) -> StoredVoxels:
    sizes = tuple(_whole_numbers(path, fields, "DimSize"))
    check_sizes(sizes, path)
    if _numbers(path, fields, "NDims") != [len(sizes)]:
        raise _damaged(path, f"NDims {fields.get('NDims')!r} and DimSize {fields['DimSize']!r}")
    components = (_whole_numbers(path, fields, "ElementNumberOfChannels") or [1])[0]
    is_text = fields.get("BinaryData", "True").lower() in ("false", "0")
    dtype = _dtype(path, fields, is_text)
    all_sizes = (components, *sizes) if components != 1 else sizes
    grid, unit_known, notes = _grid(path, fields, len(sizes))
    return StoredVoxels(
        dtype,
        all_sizes,
        0 if components != 1 else None,
        _parts(path, fields, files, byte_count),
        grid,
        unit_known,
        notes,
        is_text=is_text,
    )


def _dtype(path: Path, fields: dict[str, str], is_text: bool) -> np.dtype:
    word = fields.get("ElementType", "").upper().removeprefix("MET_").removesuffix("_ARRAY")
    if word not in _TYPES:
        raise VolumeError(
            f"'{path}' has voxels of type {fields.get('ElementType')!r}, expected integers or floating point numbers."
        )
    msb = fields.get("BinaryDataByteOrderMSB", fields.get("ElementByteOrderMSB", "False")).lower()
    dtype = np.dtype(_TYPES[word])
    return dtype if is_text else dtype.newbyteorder(">" if msb in ("true", "1") else "<")


def _parts(path: Path, fields: dict[str, str], files: list[str], byte_count: int) -> tuple[Part, ...]:
    named = fields["ElementDataFile"]
    compression: Compression = "zlib" if fields.get("CompressedData", "False").lower() in ("true", "1") else "none"
    if named.upper() == _LOCAL:
        return (Part(path, byte_count, compression),)
    if named.upper().startswith("LIST"):
        if not files:
            raise _damaged(path, "it names no data files behind LIST")
        paths = [named_file(each, path.parent) for each in files]
    else:
        paths = numbered_files(named, path.parent) or [named_file(named, path.parent)]
    offset = (_whole_numbers(path, fields, "HeaderSize") or [0])[0]
    return tuple(Part(each, offset, compression) for each in paths)


def _grid(path: Path, fields: dict[str, str], dimension: int) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    used = min(3, dimension)
    spacing = _numbers(path, fields, "ElementSpacing") or _numbers(path, fields, "ElementSize")
    origin = _first_of(path, fields, ("Offset", "Position", "Origin"))
    turned = _first_of(path, fields, ("TransformMatrix", "Rotation", "Orientation"))
    for name, found, count in (
        ("ElementSpacing", spacing, dimension),
        ("Offset", origin, dimension),
        ("TransformMatrix", turned, dimension**2),
    ):
        if found and len(found) != count:
            raise _damaged(path, f"{name} has {len(found)} numbers for {dimension} dimensions")
    if any(not 0 < each < math.inf for each in spacing[:used]):
        raise VolumeError(f"'{path}' states voxel sizes of {spacing}, expected numbers above 0.")
    matrix = np.eye(4)
    # the numbers of an axis follow each other
    axes = np.array(turned).reshape(dimension, dimension).T if turned else np.eye(dimension)
    matrix[:used, :used] = axes[:used, :used] * np.array(spacing[:used] or [1.0] * used)
    if origin:
        matrix[:used, 3] = origin[:used]
    scale, unit_known, notes = _scale(fields, bool(spacing))
    grid = LPS_TO_RAS @ np.diag([scale, scale, scale, 1.0]) @ matrix
    check_upright(grid, path)
    return grid, unit_known, notes


def _scale(fields: dict[str, str], is_stated: bool) -> tuple[float, bool, tuple[str, ...]]:
    """Millimetres of the file's unit; where it names none it means millimetres, as ITK writes it."""
    unit = fields.get("DistanceUnits", "").strip()
    if unit in ("?", "UNKNOWN"):
        return 1.0, False, ()
    if not unit:
        return 1.0, is_stated, ()
    scale = mm_per(unit)
    if scale is None:
        return 1.0, False, (f"The file gives its voxel size in '{unit}', no unit of length that is known.",)
    return scale, is_stated, ()


def _first_of(path: Path, fields: dict[str, str], names: tuple[str, ...]) -> list[float]:
    return next((_numbers(path, fields, name) for name in names if name in fields), [])


def _numbers(path: Path, fields: dict[str, str], name: str) -> list[float]:
    try:
        return [float(word) for word in re.split(r"[\s,]+", fields.get(name, "").strip()) if word]
    except ValueError as error:
        raise _damaged(path, f"{name} holds no numbers: {fields[name]!r}") from error


def _whole_numbers(path: Path, fields: dict[str, str], name: str) -> list[int]:
    numbers = _numbers(path, fields, name)
    if not all(number.is_integer() for number in numbers):
        raise _damaged(path, f"{name} is {fields[name]!r}, expected whole numbers")
    return [int(number) for number in numbers]


def _damaged(path: Path, what: str) -> VolumeError:
    return VolumeError(f"'{path}' could not be read as MetaImage, its header is damaged or incomplete: {what}.")
