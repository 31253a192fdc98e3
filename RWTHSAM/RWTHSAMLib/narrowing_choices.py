"""How the fine structure inside a region is found: by grey values, at its rim, without its specks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .automatic_rules import Range
from .errors import SettingsError
from .number_check import check_number

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
        if self.otsu is not None and self.otsu not in PARTS:
            raise SettingsError(f"otsu: expected {' or '.join(PARTS)}, got {self.otsu!r}.")
        if self.rim_mm is not None:
            check_number("rim_mm", self.rim_mm, 1e-9, 1e9, whole=False)
        check_number("smooth_mm", self.smooth_mm, 0, 1e9, whole=False)
        check_number("least_voxels", self.least_voxels, 1, 1e12, whole=True)
