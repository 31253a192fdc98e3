"""The header of a NRRD file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import VolumeError

MAGIC = b"NRRD000"
# a limit against damaged files, far above what scans have
LARGEST_HEADER = 1 << 26


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
        return tuple(self.whole_numbers("sizes"))

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

    def whole_numbers(self, name: str) -> list[int]:
        """The whole numbers of a field; empty where it is absent."""
        numbers = self.numbers(name)
        if not all(number.is_integer() for number in numbers):
            raise self.damaged(f"the field '{name}' holds {self.fields[name]!r}, expected whole numbers")
        return [int(number) for number in numbers]

    def damaged(self, what: str) -> VolumeError:
        """An error about this file."""
        return VolumeError(f"'{self.path}' could not be read as NRRD, its header is damaged or incomplete: {what}.")


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
        while line := file.readline(LARGEST_HEADER):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not text:
                ended = True
                break
            _take_line(text, fields, keys, files)
            if file.tell() > LARGEST_HEADER:
                break
        header = NrrdHeader(path, fields, keys, tuple(files), file.tell())
    if not ended and header.data_file is None:
        raise VolumeError(f"'{path}' could not be read, it is damaged or cut short: its header has no end.")
    return header


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
