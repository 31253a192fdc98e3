"""A propagated object as a table: a row for each slice, for spreadsheets."""

from __future__ import annotations

from collections.abc import Collection

from .tracks import PropagatedObject

COLUMNS = ("axis", "slice", "area_px", "score", "doubtful", "keyframe", "remark")


def rows_of(axis: str, found: PropagatedObject, keyframes: Collection[int]) -> list[tuple[object, ...]]:
    """Cells of `COLUMNS`, slice by slice; `keyframes` are the indices of the slices that it began with."""
    doubtful = {each.index for each in found.doubtful}
    return [
        (
            axis,
            each.index,
            each.mask.area,
            f"{each.score:.3f}",
            int(each.index in doubtful),
            int(each.index in keyframes),
            each.remark,
        )
        for each in found.slices
    ]
