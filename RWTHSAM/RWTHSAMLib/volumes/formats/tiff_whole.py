"""Whether a TIFF file is whole: tifffile reads what is left of one that was cut short."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ...errors import VolumeError

if TYPE_CHECKING:
    import tifffile

_BYTES_OF_TYPE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}


def check_pages(path: Path) -> None:
    """Go from page to page: each, and what its tags point to, must lie in the file, and the last must say that it is.

    Raises
    ------
    VolumeError
        If the file is no TIFF, or cut short. The sentence lacks its subject, the file.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        order, is_big, offset = _beginning(file)
        seen = set()
        while offset:
            if offset in seen:
                raise VolumeError("is damaged: its pages go round in a circle.")
            seen.add(offset)
            offset = _next_page(file, order, is_big, offset, size)
    if not seen:
        raise VolumeError("holds no image.")


def check_series(series: tifffile.TiffPageSeries, size: int, stated_planes: int | None) -> None:
    """See that all pixels of a series are in the file.

    Parameters
    ----------
    series : tifffile.TiffPageSeries
    size : int
        Bytes of the file.
    stated_planes : int, optional
        How many pictures the file says that it holds.

    Raises
    ------
    VolumeError
        If some are not. The sentence lacks its subject, the file.
    """
    planes = series.size // max(1, math.prod(series.keyframe.shape))
    if stated_planes is not None and planes < stated_planes:
        raise VolumeError(f"is cut short: it says that it holds {stated_planes} pictures, found {planes}.")
    if series.dataoffset is not None and not series.is_multifile:
        if series.dataoffset + series.nbytes > size:
            raise _missing(series.dataoffset + series.nbytes, size)
        return
    for index, page in enumerate(series.pages):
        if page is None:
            raise VolumeError(
                f"is not complete: picture {index + 1} of {len(series.pages)} is missing, or its file is."
            )
        if series.is_multifile:
            continue
        end = max(
            (start + count for start, count in zip(page.dataoffsets, page.databytecounts, strict=False)), default=0
        )
        if end > size:
            raise _missing(end, size)


def _beginning(file: BinaryIO) -> tuple[str, bool, int]:
    start = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(start[:2], "")
    version = struct.unpack_from(f"{order}H", start, 2)[0] if order and len(start) >= 8 else 0
    if version == 42:
        return order, False, int(struct.unpack_from(f"{order}I", start, 4)[0])
    if version == 43 and len(start) == 16:
        return order, True, int(struct.unpack_from(f"{order}Q", start, 8)[0])
    raise VolumeError("is no TIFF file, or cut short: it does not begin as one.")


def _next_page(file: BinaryIO, order: str, is_big: bool, offset: int, size: int) -> int:
    count_form, entry_bytes, offset_form = ("Q", 20, "Q") if is_big else ("H", 12, "I")
    count_bytes, offset_bytes = struct.calcsize(count_form), struct.calcsize(offset_form)
    file.seek(offset)
    head = file.read(count_bytes)
    if len(head) < count_bytes:
        raise _missing(offset + count_bytes, size)
    count = struct.unpack(order + count_form, head)[0]
    expected = count * entry_bytes + offset_bytes
    if offset + count_bytes + expected > size:
        raise _missing(offset + count_bytes + expected, size)
    body = file.read(expected)
    for index in range(count):
        _check_tag(body, index * entry_bytes, order, is_big, size)
    return int(struct.unpack_from(order + offset_form, body, count * entry_bytes)[0])


def _check_tag(body: bytes, at: int, order: str, is_big: bool, size: int) -> None:
    _, kind, number = struct.unpack_from(f"{order}HH{'Q' if is_big else 'I'}", body, at)
    held = number * _BYTES_OF_TYPE.get(kind, 0)
    if held > (8 if is_big else 4):
        value_at = struct.unpack_from(order + ("Q" if is_big else "I"), body, at + (12 if is_big else 8))[0]
        if value_at + held > size:
            raise _missing(value_at + held, size)


def _missing(expected: int, size: int) -> VolumeError:
    return VolumeError(f"is cut short: expected at least {expected:,} bytes, found {size:,}.")
