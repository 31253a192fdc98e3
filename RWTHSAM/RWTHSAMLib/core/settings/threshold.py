"""How the fine structure inside a region is found: by grey values, at its rim, without its specks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...errors import SettingsError
from ..number_check import check_number
from ..value_range import Range
from ..word_check import one_of

Part = Literal["bright", "dark"]
PARTS: tuple[Part, ...] = ("bright", "dark")


@dataclass(frozen=True)
class NarrowingChoices:
    """What of a region is kept; every choice that is made must hold.

    Attributes
    ----------
    grey : Range, optional
        Grey values that are kept.
    otsu : str, optional
        ``"bright"`` or ``"dark"``: what lies on that side of Otsu's threshold (1979) of the region's own grey values.
    rim_mm : float, optional
        What lies within this distance of the region's outside, such as a wall.
    smooth_mm : float
        Structures thinner than twice this are removed, and gaps narrower than twice this are filled.
    least_voxels : int
        Connected parts with fewer voxels are removed.

    Raises
    ------
    SettingsError
        If a value is out of range; the message names it.
    """

    grey: Range | None = None
    otsu: Part | None = None
    rim_mm: float | None = None
    smooth_mm: float = 0.0
    least_voxels: int = 1

    def __post_init__(self) -> None:
        lower, upper = (self.grey.lower, self.grey.upper) if self.grey is not None else (None, None)
        if lower is not None and upper is not None and not lower <= upper:
            raise SettingsError(f"Grey values go from a lower to an upper one, not from {lower:g} to {upper:g}.")
        if self.otsu is not None:
            one_of("otsu", self.otsu, PARTS)
        if self.rim_mm is not None:
            check_number("rim_mm", self.rim_mm, 1e-9, 1e9, whole=False)
        check_number("smooth_mm", self.smooth_mm, 0, 1e9, whole=False)
        check_number("least_voxels", self.least_voxels, 1, 1e12, whole=True)


TEXTS: dict[str, str] = {
    "grey_lower": "Grey values from here on are kept; empty: from the darkest.",
    "grey_upper": "Grey values up to here are kept; empty: up to the brightest.",
    "rim_mm": "What lies within this distance of the surface is kept, such as a wall; empty: everything.",
    "smooth_mm": "Structures thinner than twice this are removed, gaps narrower than twice this filled; 0: neither.",
    "least_voxels": "Connected parts with fewer voxels are removed when it is applied.",
}
"""What each field of a form means, in one sentence."""


def choices_of_texts(texts: Mapping[str, str], otsu: Part | None = None) -> NarrowingChoices:
    """Choices that a person typed.

    Parameters
    ----------
    texts : mapping
        By the names of `TEXTS`; what is empty or missing has its default. A comma may stand for the point.
    otsu : str, optional

    Raises
    ------
    SettingsError
        If a text is no number, or a value is out of range; the message begins with the name.
    """
    given = {name: _number(name, texts.get(name, "")) for name in TEXTS}
    lower, upper, least = given["grey_lower"], given["grey_upper"], given["least_voxels"]
    if lower is not None and upper is not None and lower > upper:
        raise SettingsError(f"grey_upper: expected {lower:g} or more, got {upper:g}.")
    if least is not None and least != int(least):
        raise SettingsError(f"least_voxels: expected a whole number, got {least:g}.")
    return NarrowingChoices(
        grey=None if lower is None and upper is None else Range(lower, upper),
        otsu=otsu,
        rim_mm=given["rim_mm"],
        smooth_mm=given["smooth_mm"] or 0.0,
        least_voxels=1 if least is None else int(least),
    )


def _number(name: str, text: str) -> float | None:
    text = text.strip()
    try:
        number = float(text.replace(",", ".")) if text else None
    except ValueError:
        number = math.nan
    if number is not None and not math.isfinite(number):
        raise SettingsError(f"{name}: expected a number or nothing, got '{text}'.")
    return number
