"""Whether a volume file that was just written holds all of its voxels: ITK's and VTK's writers do not always tell.

Only what those writers make is known here: one file, header first.
"""

from __future__ import annotations

import gzip
import math
import os
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError

_CHUNK, _PACKED_CHUNK = 1 << 22, 1 << 16
_LARGEST_HEADER = 1 << 26
_NRRD_BYTES = {"char": 1, "short": 2, "int": 4, "long": 8, "float": 4, "double": 8}
_META_BYTES = {"CHAR": 1, "SHORT": 2, "INT": 4, "LONG": 4, "LONG_LONG": 8, "FLOAT": 4, "DOUBLE": 8}


def check_whole(path: Path) -> None:
    """Read an NRRD, NIfTI or MetaImage file to its end.

    Raises
    ------
    InputError
        If it does not hold the voxels that its header tells of: the disk was full.
    """
    name = path.name.lower()
    try:
        if name.endswith((".nii", ".nii.gz")):
            missing = _missing_of_nifti(path)
        elif name.endswith(".mha"):
            missing = _missing_of_metaimage(path)
        else:
            missing = _missing_of_nrrd(path)
    except (EOFError, zlib.error, gzip.BadGzipFile, struct.error, ValueError, KeyError, IndexError):
        missing = -1
    if missing:
        raise InputError(f"'{path.name}' could not be written whole: check that the disk has free space.")


def _missing_of_nrrd(path: Path) -> int:
    with path.open("rb") as file:
        fields = dict(_nrrd_fields(file))
        words = fields["type"].replace("unsigned", "").replace("signed", "").split()
        size = 8 if words.count("long") == 2 else _NRRD_BYTES[words[0]]
        expected = size * math.prod(map(int, fields["sizes"].split()))
        return expected - _length(gzip.GzipFile(fileobj=file) if fields["encoding"] in ("gz", "gzip") else file)


def _nrrd_fields(file: BinaryIO) -> Iterator[tuple[str, str]]:
    while line := file.readline(_LARGEST_HEADER).strip():
        if b": " in line and not line.startswith(b"#"):
            key, value = line.split(b": ", 1)
            yield key.decode("latin-1"), value.decode("latin-1")


def _missing_of_nifti(path: Path) -> int:
    with path.open("rb") as raw:
        file = gzip.GzipFile(fileobj=raw) if path.name.lower().endswith(".gz") else raw
        header = file.read(540)
        if struct.unpack_from("<i", header)[0] == 540:
            dim, bits = struct.unpack_from("<8q", header, 16), struct.unpack_from("<h", header, 14)[0]
            offset = struct.unpack_from("<q", header, 168)[0]
        else:
            dim, bits = struct.unpack_from("<8h", header, 40), struct.unpack_from("<h", header, 72)[0]
            offset = int(struct.unpack_from("<f", header, 108)[0])
        return int(offset + bits // 8 * math.prod(dim[1 : dim[0] + 1]) - len(header) - _length(file))


def _missing_of_metaimage(path: Path) -> int:
    with path.open("rb") as file:
        fields: dict[str, str] = {}
        while "ElementDataFile" not in fields:
            key, value = file.readline(_LARGEST_HEADER).decode("latin-1").split("=", 1)
            fields[key.strip()] = value.strip()
        size = _META_BYTES[re.sub("^U", "", fields["ElementType"].removeprefix("MET_"))]
        channels = int(fields.get("ElementNumberOfChannels", "1"))
        expected = size * channels * math.prod(map(int, fields["DimSize"].split()))
        return expected - (_inflated_length(file) if fields.get("CompressedData") == "True" else _length(file))


def _length(stream: BinaryIO | gzip.GzipFile) -> int:
    """Bytes from here to the end."""
    if not isinstance(stream, gzip.GzipFile):
        here = stream.tell()
        return stream.seek(0, os.SEEK_END) - here
    count = 0
    while chunk := stream.read(_CHUNK):
        count += len(chunk)
    return count


def _inflated_length(file: BinaryIO) -> int:
    inflate, count = zlib.decompressobj(), 0
    while not inflate.eof:
        packed = file.read(_PACKED_CHUNK)
        if not packed:
            raise EOFError("the compressed voxels end early")
        count += len(inflate.decompress(packed))
    return count
