"""Names and colours of a labelmap's labels, from a table beside it: Slicer's ``.ctbl`` and CSV, ITK-SNAP's text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ...core.color import Color
from .kinds import name_without_ending

ENDINGS = (".csv", ".ctbl", ".txt")
"""The likeliest first: our own CSV also says which class a label is."""
_MOST_BYTES = 4 << 20
_CTBL = re.compile(r'\s*(\d+)\s+("[^"]+"|\S+)((?:\s+[\d.]+){3,4})\s*')
_SNAP = re.compile(r'\s*(\d+)((?:\s+[\d.]+){3})(?:\s+[\d.]+){3}\s+"([^"]*)"\s*')
_COLUMNS = ("LabelValue", "Name", "Color_R", "Color_G", "Color_B")


@dataclass(frozen=True)
class NamedLabel:
    """What a table says of a label.

    Attributes
    ----------
    label : int
        From 1.
    name : str
    color : Color
        Red, green and blue from 0 to 1.
    class_id : str
        Empty where the table does not say it.
    """

    label: int
    name: str
    color: Color
    class_id: str = ""


def table_beside(path: Path) -> Path | None:
    """The colour table of a labelmap: one of the same name, else the only other file of its folder."""
    stem = name_without_ending(path)
    likely = [path.with_name(f"{stem}{ending}") for ending in ENDINGS]
    with suppress(OSError):
        files = [*islice(path.parent.iterdir(), 3)]
        likely += [each for each in files if len(files) == 2 and each != path and each.suffix.lower() in ENDINGS]
    return next((each for each in likely if named_labels(each)), None)


def named_labels(path: Path) -> dict[int, NamedLabel]:
    """What a colour table says, by label; nothing where there is no such file or it is none."""
    with suppress(OSError, ValueError, csv.Error):
        if path.stat().st_size <= _MOST_BYTES:
            text = path.read_text(encoding="utf-8-sig")
            rows = _of_csv(text) if path.suffix.lower() == ".csv" else _of_lines(text)
            return {each.label: each for each in rows if each.label and each.name}
    return {}


def _of_csv(text: str) -> Iterable[NamedLabel]:
    rows = csv.DictReader(text.splitlines())
    if not set(_COLUMNS) <= set(rows.fieldnames or ()):
        return ()
    return [_of_row(row) for row in rows]


def _of_row(row: Mapping[str, str | None]) -> NamedLabel:
    label, name, *color = (row[each] or "" for each in _COLUMNS)
    return NamedLabel(int(label), one_line(name), _color(color), (row.get("ClassId") or "").strip())


def _of_lines(text: str) -> Iterable[NamedLabel]:
    for line in text.splitlines():
        if found := _SNAP.fullmatch(line):
            yield NamedLabel(int(found[1]), one_line(found[3]), _color(found[2].split()))
        elif found := _CTBL.fullmatch(line):
            yield NamedLabel(int(found[1]), one_line(found[2].strip('"')), _color(found[3].split()))


def _color(parts: Iterable[str]) -> Color:
    red, green, blue = (min(1.0, max(0.0, float(each) / 255)) for each in [*parts][:3])
    return red, green, blue


def one_line(text: str) -> str:
    """A name without line ends and control characters, and not longer than anybody reads."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())[:200]
