"""NRRD: attached and detached (.nhdr), raw, gzip, bzip2 and text, one data file or a list of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import VolumeError
from .data_files import numbered_files
from .payload import Compression, Part
from .stored import UNCLEAR_UNIT, StoredVoxels, check_sizes, volume_of
from .units import mm_per
from .volume_data import LPS_TO_RAS, VolumeData, check_upright

MAGIC = b"NRRD000"
_LARGEST_HEADER = 1 << 26
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
_TO_LPS = {"right": -1.0, "left": 1.0, "anterior": -1.0, "posterior": 1.0, "superior": 1.0, "inferior": -1.0}
_LETTERS = {"R": "right", "L": "left", "A": "anterior", "P": "posterior", "S": "superior", "I": "inferior"}


@dataclass(frozen=True)
class NrrdHeader:
    """The lines of a NRRD header.

    Attributes
    ----------
    path : Path
    fields : mapping of str to str
        ``field: value`` lines, the names in small letters without spaces.
    keys : mapping of str to str
        ``key:=value`` lines.
    files : tuple of str
        Lines behind ``data file: LIST``.
    byte_count : int
        Of the header, up to where attached data begin.
    """

    path: Path
    fields: Mapping[str, str]
    keys: Mapping[str, str]
    files: tuple[str, ...]
    byte_count: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Counts along all axes, the fastest first."""
        return tuple(int(number) for number in self.numbers("sizes"))

    @property
    def kinds(self) -> tuple[str, ...]:
        """What each axis is, in small letters; empty where the file does not say."""
        return tuple(self.fields.get("kinds", "").lower().split())

    @property
    def data_file(self) -> str | None:
        """Where detached data are."""
        return self.fields.get("datafile")

    def numbers(self, name: str) -> list[float]:
        """The numbers of a field; empty where it is absent."""
        try:
            return [float(word) for word in self.fields.get(name, "").split()]
        except ValueError as error:
            raise self.damaged(f"the field '{name}' holds no numbers: {self.fields[name]!r}") from error

    def damaged(self, what: str) -> VolumeError:
        """An error about this file."""
        return VolumeError(f"'{self.path}' could not be read as NRRD, its header is damaged or incomplete: {what}.")


def read_nrrd(path: Path, name: str) -> VolumeData:
    """Read a scan.

    Raises
    ------
    VolumeError
        If the file is damaged or cut short, has more than three dimensions, or lies on sheared axes.
    """
    header = read_header(path)
    return volume_of(stored_voxels(header), path, name)


def read_header(path: Path) -> NrrdHeader:
    """Read the header of a file.

    Raises
    ------
    VolumeError
        If it is none, or does not end.
    """
    fields: dict[str, str] = {}
    keys: dict[str, str] = {}
    files: list[str] = []
    with path.open("rb") as file:
        if not file.readline(64).startswith(MAGIC):
            raise VolumeError(f"'{path}' is no NRRD file: it does not begin with '{MAGIC.decode()}'.")
        ended = False
        while line := file.readline(_LARGEST_HEADER):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not text:
                ended = True
                break
            _take_line(text, fields, keys, files)
            if file.tell() > _LARGEST_HEADER:
                break
        header = NrrdHeader(path, fields, keys, tuple(files), file.tell())
    if not ended and header.data_file is None:
        raise VolumeError(f"'{path}' could not be read, it is damaged or cut short: its header has no end.")
    return header


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
    ijk_to_ras, unit_known, notes = _grid(header, spatial[:3])
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


def _take_line(text: str, fields: dict[str, str], keys: dict[str, str], files: list[str]) -> None:
    if text.startswith("#"):
        return
    if fields.get("datafile", "").upper().startswith("LIST"):
        files.append(text.strip())
        return
    field = re.match(r"([^:=]+): (.*)", text) or re.match(r"([^:=]+):()$", text)
    if field:
        fields[field[1].strip().lower().replace(" ", "")] = field[2].strip()
    elif ":=" in text:
        key, value = text.split(":=", 1)
        keys[key] = value


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
    directions = _directions(header)
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
    lines, skip = (int((header.numbers(name) or [0])[0]) for name in ("lineskip", "byteskip"))
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
        return [folder / each for each in header.files]
    return numbered_files(text, folder) or [folder / text]


def _behind_lines(path: Path, start: int, lines: int) -> int:
    if not lines or not path.is_file():
        return start
    with path.open("rb") as file:
        file.seek(start)
        for _ in range(lines):
            file.readline(_LARGEST_HEADER)
        return file.tell()


def _grid(header: NrrdHeader, spatial: list[int]) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    directions = _directions(header)
    if directions:
        return _grid_in_space(header, [directions[axis] for axis in spatial])
    return _grid_of_spacings(header, spatial)


def _grid_in_space(header: NrrdHeader, vectors: list[np.ndarray | None]) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    to_lps = _signs_to_lps(header)
    units = _quoted(header.fields.get("spaceunits", ""))
    scales, known, notes = _scales(units, len(to_lps))
    matrix = np.eye(4)
    for axis, vector in enumerate(vectors):
        if vector is None or len(vector) > 3:
            raise header.damaged(f"space directions {header.fields['spacedirections']!r}")
        matrix[: len(vector), axis] = vector
    if len(vectors) == 2:
        # a slice alone may lie in any plane of space
        matrix[:3, 2] = _across(matrix[:3, 0], matrix[:3, 1])
    origin = _vector(header.fields.get("spaceorigin", ""))
    if origin is not None:
        matrix[: len(origin), 3] = origin
    check_upright(matrix, header.path)
    factors = np.ones(4)
    factors[: len(to_lps)] = np.array(to_lps) * scales
    return LPS_TO_RAS @ np.diag(factors) @ matrix, known, notes


def _across(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A direction at right angles to two others, of length 1 where they are independent."""
    normal = np.cross(first, second)
    length = np.linalg.norm(normal)
    return normal / length if length > 0 else normal


def _grid_of_spacings(header: NrrdHeader, spatial: list[int]) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    spacings = header.numbers("spacings")
    if not spacings:
        return LPS_TO_RAS.copy(), False, ()
    if len(spacings) != len(header.sizes):
        raise header.damaged(f"{len(spacings)} spacings for {len(header.sizes)} sizes")
    found = [spacings[axis] for axis in spatial]
    if any(math.isnan(each) for each in found):
        return LPS_TO_RAS.copy(), False, (UNCLEAR_UNIT.format(found=f"spacings {header.fields['spacings']}"),)
    if any(not 0 < each < math.inf for each in found):
        raise VolumeError(
            f"'{header.path}' states voxel sizes (spacings) of {header.fields['spacings']}, expected numbers above 0."
        )
    units = _quoted(header.fields.get("units", ""))
    of_axes = [units[axis] for axis in spatial] if len(units) == len(header.sizes) else units
    scales, known, notes = _scales(of_axes, len(found))
    diagonal = np.ones(4)
    diagonal[: len(found)] = np.array(found) * scales
    return LPS_TO_RAS @ np.diag(diagonal), known, notes


def _scales(units: list[str], count: int) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    """Millimetres of each unit; NRRD files that name none mean millimetres, as Slicer writes them.

    Units that are there and empty are not known: `unknown_unit` writes them so.
    """
    if not any(units):
        return np.ones(count), not units, ()
    found = [mm_per(unit) for unit in units]
    if len(found) != count or None in found:
        named = ", ".join(f"'{unit}'" for unit in dict.fromkeys(units))
        return np.ones(count), False, (f"The file gives its voxel size in {named}, no unit of length that is known.",)
    return np.array(found, float), True, ()


def _directions(header: NrrdHeader) -> list[np.ndarray | None]:
    """Of each axis its step in space, None for an axis that is not of space; empty where the file says nothing."""
    text = header.fields.get("spacedirections")
    if not text:
        return []
    found = [_vector(each) for each in re.findall(r"none|\([^)]*\)", text)]
    # axes beside space may be written as vectors without numbers
    found = [None if each is None or np.isnan(each).all() else each for each in found]
    if len(found) != len(header.sizes):
        raise header.damaged(f"space directions {text!r} for {len(header.sizes)} sizes")
    return found


def _vector(text: str) -> np.ndarray | None:
    match = re.search(r"\(([^)]*)\)", text)
    if match is None:
        return None
    try:
        return np.array([float(number) for number in match[1].split(",")])
    except ValueError as error:
        raise VolumeError(f"A NRRD header holds the vector {text!r}, expected numbers.") from error


def _signs_to_lps(header: NrrdHeader) -> list[float]:
    """Signs of the world's axes against left, posterior, superior; a world without a name is taken for that one."""
    space = header.fields.get("space", "").strip()
    words = [_LETTERS.get(each, "") for each in space.upper()] if len(space) == 3 else space.lower().split("-")
    signs = [_TO_LPS[word] for word in words if word in _TO_LPS]
    if len(signs) == 3:
        return signs
    dimension = (header.numbers("spacedimension") or [3])[0]
    return [1.0] * min(3, int(dimension))


def _quoted(text: str) -> list[str]:
    return re.findall(r'"([^"]*)"', text)
