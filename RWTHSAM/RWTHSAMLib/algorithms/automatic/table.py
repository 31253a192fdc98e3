"""Objects that were found as a table: a row each, for spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...core.settings.class_rules import QUANTITIES
from ...core.system.csv_file import write_rows
from .detected_objects import DetectedObject

COLUMNS = [
    "object",
    "class",
    "slice_axis",
    "first_slice",
    "last_slice",
    "voxel_count",
    *QUANTITIES,
    "contrast",
    "edge_gradient",
    "image_share",
    "doubtful",
    "i_min",
    "i_max",
    "j_min",
    "j_max",
    "k_min",
    "k_max",
    "neighbours",
]


def write_table(
    path: Path,
    objects: Sequence[DetectedObject],
    neighbours: Mapping[int, frozenset[int]],
    class_names: Mapping[int, str],
) -> None:
    """Write a CSV file (UTF-8); it is either old or new, never half of each.

    Parameters
    ----------
    path : Path
    objects : sequence of DetectedObject
    neighbours : mapping
        Numbers of objects beside or in each object, by its number.
    class_names : mapping
        Class by the number of the object; those without one have an empty cell.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    rows = (_row(each, class_names.get(each.number, ""), neighbours.get(each.number, frozenset())) for each in objects)
    write_rows(path, [COLUMNS, *rows])


def _row(each: DetectedObject, class_name: str, beside: frozenset[int]) -> list[object]:
    judgements = [part.found.judgement for part in each.masks]
    largest = judgements[max(range(len(each.masks)), key=lambda position: each.masks[position].area)]
    scores = (largest.contrast, largest.edge_gradient, largest.image_share)
    return [
        each.number,
        class_name,
        each.masks[0].key.axis,
        each.masks[0].key.index,
        each.masks[-1].key.index,
        each.voxel_count,
        *(f"{each.measured[name]:.6g}" for name in QUANTITIES),
        *(f"{score:.6g}" for score in scores),
        int(each.is_doubtful),
        *each.extent,
        " ".join(map(str, sorted(beside))),
    ]
