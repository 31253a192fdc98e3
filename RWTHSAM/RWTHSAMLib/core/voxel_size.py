"""How large a voxel is said to be, and whether anybody should believe it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..errors import SettingsError
from .json_document import Json, Node

LARGEST_CELL_MM = 300.0
"""No battery cell is wider: a scan that says so counts in another unit."""
_SMALLEST_MM, _LARGEST_MM = 1e-7, 1e3

Spacing = tuple[float, float, float]


@dataclass(frozen=True)
class GivenSize:
    """A voxel size that a person has given to a scan.

    Attributes
    ----------
    spacing_mm_ijk : tuple of float
        Along i, j and k.
    day : date, optional
        When; None where nobody has noted it.
    is_confirmed : bool
        Whether somebody has said that it is right; not so where another one was taken back.
    """

    spacing_mm_ijk: Spacing
    day: date | None = None
    is_confirmed: bool = True


def are_same(one_mm_ijk: Sequence[float], other_mm_ijk: Sequence[float]) -> bool:
    """Whether two voxel sizes are one: files and matrices round."""
    return all(math.isclose(one, other, rel_tol=1e-6) for one, other in zip(one_mm_ijk, other_mm_ijk, strict=True))


def size_text(spacing_mm_ijk: Spacing) -> str:
    """A voxel size in words; one number where all three are the same."""
    texts = [f"{each:.4g}" for each in spacing_mm_ijk]
    return f"{texts[0] if len(set(texts)) == 1 else ' x '.join(texts)} mm"


def told_size(given: GivenSize, file_mm_ijk: Spacing, file_knows: bool) -> str:
    """Who has said how large a voxel is, and what the file says instead."""
    day = "" if given.day is None else f" on {given.day.day} {given.day:%B %Y}"
    file = f"says {size_text(file_mm_ijk)}" if file_knows else "does not say (each counts as 1 mm)"
    return f"A voxel counts as {size_text(given.spacing_mm_ijk)}: set by you{day}; the file {file}."


def size_entry(given: GivenSize) -> Json:
    """As it stands in JSON."""
    day = None if given.day is None else given.day.isoformat()
    entry: dict[str, Json] = {"spacing_mm_ijk": [*given.spacing_mm_ijk], "day": day}
    return entry if given.is_confirmed else {**entry, "is_confirmed": False}


def read_size(node: Node) -> GivenSize:
    """What `size_entry` made.

    Raises
    ------
    InputError
        If it is none.
    """
    day, confirmed = node.optional("day"), node.optional("is_confirmed")
    return GivenSize(
        read_spacing(node.item("spacing_mm_ijk")),
        None if day is None else _day(day),
        confirmed is None or confirmed.flag(),
    )


def read_spacing(node: Node) -> Spacing:
    """Three voxel sizes in mm.

    Raises
    ------
    InputError
        If they are none.
    """
    return checked_spacing([part.number() for part in node.items()])


def _day(node: Node) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.fail("a day such as 2026-01-31")


def checked_spacing(spacing_mm_ijk: Sequence[float]) -> Spacing:
    """Three voxel sizes in mm, along i, j and k.

    Raises
    ------
    SettingsError
        If one is no number, or beyond 0.1 nm to 1 m.
    """
    if len(spacing_mm_ijk) != 3 or not all(
        math.isfinite(each) and _SMALLEST_MM <= each <= _LARGEST_MM for each in spacing_mm_ijk
    ):
        raise SettingsError(
            f"A voxel size is three numbers from {_SMALLEST_MM:g} (0.1 nm) to {_LARGEST_MM:g} mm, along i, j and k; "
            f"got {' x '.join(f'{each:g}' for each in spacing_mm_ijk)}."
        )
    i, j, k = map(float, spacing_mm_ijk)
    return i, j, k


def question_about(spacing_mm_ijk: Sequence[float], shape_kji: Sequence[int]) -> str:
    """Why a voxel size is doubtful, as a question; empty where it is plausible.

    Parameters
    ----------
    spacing_mm_ijk : sequence of float
    shape_kji : sequence of int
    """
    if all(each == 1.0 for each in spacing_mm_ijk):
        return "Each voxel counts as 1 mm, which files say that do not know. How large is it?"
    widest_mm = max(spacing * count for spacing, count in zip(spacing_mm_ijk, reversed(shape_kji), strict=True))
    if widest_mm > LARGEST_CELL_MM:
        return f"With this voxel size the scan is {widest_mm:,.0f} mm wide, more than a cell. How large is a voxel?"
    return ""
