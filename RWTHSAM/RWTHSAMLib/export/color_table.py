"""Which label is which class, and in what colour: files beside a labelmap.

Both open in Slicer as a colour table; the CSV also says the class id, and spreadsheets read it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from .labelmap import LabelledClass

CSV_COLUMNS = ("LabelValue", "Name", "Color_R", "Color_G", "Color_B", "Color_A", "ClassId")
"""Slicer's names for its columns, then ours."""
CTBL_START = "# Color table file"


def ctbl_text(classes: Sequence[LabelledClass], name: str) -> str:
    """Text of a Slicer ``.ctbl`` file: label, name, red, green, blue and opacity from 0 to 255.

    Spaces within a name are underscores, as Slicer itself writes them.
    """
    rows = [f"{CTBL_START} {_one_word(name)}", f"# {len(classes) + 1} values", "0 Background 0 0 0 0"]
    for each in classes:
        red, green, blue = rgb_255(each)
        rows.append(f"{each.label} {_one_word(each.name)} {red} {green} {blue} 255")
    return "\n".join(rows) + "\n"


def csv_text(classes: Sequence[LabelledClass]) -> str:
    """Text of a CSV table: label, name, colour from 0 to 255, class id."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(CSV_COLUMNS)
    rows.writerow((0, "Background", 0, 0, 0, 0, ""))
    for each in classes:
        rows.writerow((each.label, each.name, *rgb_255(each), 255, each.class_id))
    return text.getvalue()


def rgb_255(entry: LabelledClass) -> tuple[int, int, int]:
    """The class's colour, each part from 0 to 255."""
    red, green, blue = (round(255 * part) for part in entry.color)
    return red, green, blue


def _one_word(name: str) -> str:
    return "_".join(name.split()) or "_"
