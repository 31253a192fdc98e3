"""The bytes of voxels behind a header, a piece at a time: packed ones in their order, others from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import BinaryIO

import numpy as np

from ..formats.payload import Part, bytes_of_each, count_rest, cut_short, fill, opened, told_of

_CHUNK = 1 << 18


class PayloadReader:
    """Voxels that lie in parts of equal size, one after the other.

    A packed part can only be read from its beginning: whoever reads in order decompresses it once, whoever goes back
    does so again. Travels to other processes, where it opens the files anew.

    Parameters
    ----------
    parts : sequence of Part
    byte_count : int
        Of all of them together, decompressed.

    Raises
    ------
    VolumeError
        If a part is absent or too short.
    """

    def __init__(self, parts: Sequence[Part], byte_count: int) -> None:
        self._parts = tuple(parts)
        self._each = bytes_of_each(parts, byte_count)
        self._forget()

    def left_over(self) -> int:
        """Bytes behind the voxels that nobody asked for; those of packed parts are only known at their end."""
        ends = [(part, part.offset + part.skip + self._each) for part in self._parts if part.compression == "none"]
        return sum(max(0, part.path.stat().st_size - end) for part, end in ends if part.offset >= 0)

    def read(self, start: int, byte_count: int) -> np.ndarray:
        """(byte_count,) uint8, from byte `start` of the voxels on.

        Raises
        ------
        VolumeError
            If they are damaged or cut short.
        """
        voxels = np.empty(byte_count, np.uint8)
        done = 0
        while done < byte_count:
            index, offset = divmod(start + done, self._each)
            count = min(byte_count - done, self._each - offset)
            self._read_of_part(index, offset, voxels[done : done + count])
            done += count
        return voxels

    def close(self) -> None:
        """Close what is open; reading opens it again."""
        self._files.close()
        self._forget()

    def __getstate__(self) -> dict[str, object]:
        return {"_parts": self._parts, "_each": self._each}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._forget()

    def _forget(self) -> None:
        self._files = ExitStack()
        self._stream: BinaryIO | None = None
        self._index, self._at = -1, 0

    def _read_of_part(self, index: int, offset: int, voxels: np.ndarray) -> None:
        part = self._parts[index]
        with told_of(part):
            stream = self._at_byte(index, offset)
            got = fill(stream, voxels.data)
            self._at += got
            if got < len(voxels):
                raise cut_short(part, self._each, self._at)
            if self._at == self._each and part.compression != "none":
                count_rest(stream, part)
                self.close()

    def _at_byte(self, index: int, offset: int) -> BinaryIO:
        """The stream of a part, its next byte the one that is asked for."""
        part = self._parts[index]
        if self._stream is None or self._index != index or offset < self._at:
            self.close()
            self._stream = self._files.enter_context(opened(part, self._each))
            self._index = index
        if part.compression == "none":
            self._stream.seek(offset - self._at, 1)
        else:
            _skip(self._stream, offset - self._at)
        self._at = offset
        return self._stream


def _skip(stream: BinaryIO, byte_count: int) -> None:
    while byte_count > 0:
        got = len(stream.read(min(_CHUNK, byte_count)))
        if not got:
            return  # what is asked for next is told as missing
        byte_count -= got
