"""Volume files whose voxel size is not known say so: ITK's writers always state millimetres.

NRRD gets space units that are empty, NIfTI the code for an unknown unit, MetaImage the distance unit ``?`` and, where
all voxels count as 1, no spacing. The voxels, their proportions and their orientation stay as they are.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

_NIFTI_1_BYTES, _NIFTI_1_UNITS, _NIFTI_2_UNITS = 348, 123, 500
_SPACE_BITS = 0x07
_LARGEST_HEADER = 1 << 20


def forget_unit(path: Path) -> None:
    """Change the header of an NRRD, NIfTI or MetaImage file that ITK wrote.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    name = path.name.lower()
    if name.endswith((".nii", ".nii.gz")):
        _rewrite(path, _nifti, gzip.open if name.endswith(".gz") else open)
    elif name.endswith(".mha"):
        _rewrite(path, _metaimage, open)
    else:
        _rewrite(path, _nrrd, open)


def _rewrite(path: Path, changed: Callable[[BinaryIO], bytes], opened: Callable[..., Any]) -> None:
    """Put another header before the rest of a file."""
    copy = path.with_name("without-unit")
    with opened(path, "rb") as old, opened(copy, "wb") as new:
        new.write(changed(old))
        shutil.copyfileobj(old, new, 1 << 22)
    copy.replace(path)


def _nifti(file: BinaryIO) -> bytes:
    header = bytearray(file.read(_NIFTI_1_BYTES))
    is_second = int.from_bytes(header[:4], "little") != _NIFTI_1_BYTES
    if is_second:
        header += file.read(540 - _NIFTI_1_BYTES)
    header[_NIFTI_2_UNITS if is_second else _NIFTI_1_UNITS] &= ~_SPACE_BITS & 0xFF
    return bytes(header)


def _nrrd(file: BinaryIO) -> bytes:
    lines = _lines(file, lambda line: not line.strip())
    return b"".join(b'space units: "" "" ""\n' + each if each.startswith(b"space origin:") else each for each in lines)


def _metaimage(file: BinaryIO) -> bytes:
    lines = _lines(file, lambda line: line.startswith(b"ElementDataFile"))
    ones = re.compile(rb"ElementSpacing = 1 1 1\s*$")
    kept = [each for each in lines if not ones.match(each) and not each.startswith(b"DistanceUnits")]
    return b"".join([*kept[:-1], b"DistanceUnits = ?\n", kept[-1]])


def _lines(file: BinaryIO, is_last: Callable[[bytes], bool]) -> list[bytes]:
    lines = [file.readline(_LARGEST_HEADER)]
    while lines[-1] and not is_last(lines[-1]):
        lines.append(file.readline(_LARGEST_HEADER))
    return lines
