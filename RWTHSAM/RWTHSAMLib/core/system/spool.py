"""What is kept on the disk until it is needed again, in a file that is gone afterwards."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from ...errors import InputError
from .atomic_file import reason_of


class Spool:
    """Pieces of bytes, packed, one after the other; in the system's folder for temporary files.

    Raises
    ------
    InputError
        If no file can be made there; `add` raises it as well, where the disk is full.
    """

    def __init__(self) -> None:
        self._starts = [0]
        with _told():
            self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as it is read)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def add(self, piece: bytes) -> None:
        """Keep another piece."""
        with _told():
            self._file.write(zlib.compress(piece, 1))
            self._file.flush()  # or a full disk would be told of where pieces are read
            self._starts.append(self._file.tell())

    def piece(self, number: int) -> bytes:
        """The piece of this number, from 0. None can be added any more."""
        start, stop = self._starts[number : number + 2]
        self._file.seek(start)
        return zlib.decompress(self._file.read(stop - start))

    def close(self) -> None:
        """Let go of the file."""
        with suppress(OSError):
            self._file.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"What is kept for a while in the folder for temporary files could not be written: {reason_of(error)}. "
            "Make room there, or name another folder by the environment variable TMPDIR."
        ) from error
