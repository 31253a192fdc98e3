"""The bytes of voxels behind a header, read to their end: what is missing or left over is told."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

import numpy as np

from ...errors import VolumeError
from ..memory import check_fits

Compression = Literal["none", "gzip", "bzip2", "zlib"]

_CHUNK, _PACKED_CHUNK = 1 << 22, 1 << 18
# no stream of these kinds grows by more (zlib: 1032, by its format)
_LARGEST_GROWTH: dict[Compression, float] = {"none": 1, "gzip": 1040, "zlib": 1040, "bzip2": 1e6}
_MOST_LEFT_OVER = 1 << 30


@dataclass(frozen=True)
class Part:
    """A piece of a file that holds voxels.

    Attributes
    ----------
    path : Path
    offset : int
        Bytes of the file before the piece; negative: the piece is the file's end.
    compression : str
        "none", "gzip", "bzip2" or "zlib".
    skip : int
        Bytes to leave out after decompression.
    """

    path: Path
    offset: int = 0
    compression: Compression = "none"
    skip: int = 0


def read_payload(parts: Sequence[Part], byte_count: int) -> tuple[np.ndarray, int]:
    """Read voxels that lie in parts of equal size, one after the other.

    Compressed parts are read to their end, so that their check sums are seen.

    Parameters
    ----------
    parts : sequence of Part
    byte_count : int
        Of all of them together, decompressed.

    Returns
    -------
    numpy.ndarray
        (byte_count,) uint8.
    int
        Bytes behind the voxels that nobody asked for.

    Raises
    ------
    VolumeError
        If bytes are missing, a part is damaged or absent, or all of them do not fit into memory.
    """
    each = bytes_of_each(parts, byte_count)
    check_fits(byte_count, parts[0].path)
    voxels = np.empty(byte_count, np.uint8)
    left_over = 0
    for index, part in enumerate(parts):
        left_over += _read_part(part, voxels[index * each : (index + 1) * each])
    return voxels, left_over


def bytes_of_each(parts: Sequence[Part], byte_count: int) -> int:
    """How many bytes of voxels each part holds, all of them alike.

    Raises
    ------
    VolumeError
        If they cannot, or a part is absent or too short.
    """
    each, rest = divmod(byte_count, len(parts))
    if rest:
        raise VolumeError(f"'{parts[0].path}': {byte_count:,} bytes of voxels cannot lie in {len(parts)} equal files.")
    for part in parts:
        check_can_hold(part, each)
    return each


@contextmanager
def opened(part: Part, byte_count: int) -> Iterator[BinaryIO]:
    """The piece as a stream that begins with its first voxel."""
    with part.path.open("rb") as file:
        file.seek(part.offset if part.offset >= 0 else max(0, part.path.stat().st_size - byte_count))
        stream = cast(BinaryIO, _decompressed(file, part.compression))
        for start in range(0, part.skip, _PACKED_CHUNK):
            stream.read(min(_PACKED_CHUNK, part.skip - start))
        yield stream


def _decompressed(file: BinaryIO, compression: Compression) -> IO[bytes] | io.BufferedReader:
    if compression == "gzip":
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if compression == "bzip2":
        return cast(IO[bytes], bz2.BZ2File(file))
    return io.BufferedReader(_Inflated(file), _PACKED_CHUNK) if compression == "zlib" else file


class _Inflated(io.RawIOBase):
    """A zlib stream, decompressed as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inflate = zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer as far as there is anything."""
        got = b""
        while not got and not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._file.read(_PACKED_CHUNK)
            if not packed:
                raise EOFError("the compressed stream ends early")
            got = self._inflate.decompress(packed, len(buffer))
        buffer[: len(got)] = got
        return len(got)


def check_can_hold(part: Part, byte_count: int) -> None:
    """Raise `VolumeError` where a piece is absent, or too short for so many bytes of voxels."""
    if not part.path.is_file():
        raise VolumeError(f"The voxels are said to be in '{part.path}', but there is no such file.")
    held = part.path.stat().st_size - max(0, part.offset) - (part.skip if part.compression == "none" else 0)
    if max(0, held) * _LARGEST_GROWTH[part.compression] < byte_count:
        raise cut_short(part, byte_count, held if part.compression == "none" else None)


def _read_part(part: Part, voxels: np.ndarray) -> int:
    with told_of(part), opened(part, len(voxels)) as stream:
        got = fill(stream, voxels.data)
        if got < len(voxels):
            raise cut_short(part, len(voxels), got)
        return count_rest(stream, part)


@contextmanager
def told_of(part: Part) -> Iterator[None]:
    """Say of which file it is that a decoder gives up."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise VolumeError(f"'{part.path}' could not be read, it is damaged or cut short: {error}.") from error
    except OSError as error:
        if part.compression != "bzip2" or error.errno is not None:
            raise
        raise VolumeError(f"'{part.path}' could not be read, it is damaged: {error}.") from error


def fill(stream: BinaryIO, buffer: memoryview) -> int:
    """Read into a buffer as far as there is anything; returns how many bytes came."""
    got = 0
    while got < len(buffer):
        count = stream.readinto(buffer[got : got + _CHUNK])  # type: ignore[attr-defined]
        if not count:
            break
        got += count
    return got


def count_rest(stream: BinaryIO, part: Part) -> int:
    """Bytes from here to the end; a packed stream is read to it, so that its check sum is seen."""
    if part.compression == "none":
        return max(0, part.path.stat().st_size - stream.tell())
    count = 0
    while chunk := stream.read(_PACKED_CHUNK):
        count += len(chunk)
        if count > _MOST_LEFT_OVER:
            raise VolumeError(f"'{part.path}' goes on far behind the voxels that its header tells of: it is damaged.")
    return count


def cut_short(part: Part, expected: int, got: int | None) -> VolumeError:
    """An error about a piece that ends early."""
    found = f"{max(0, got):,} bytes" if got is not None else "too few bytes"
    return VolumeError(f"'{part.path}' is cut short: expected {expected:,} bytes of voxels, found {found}.")
