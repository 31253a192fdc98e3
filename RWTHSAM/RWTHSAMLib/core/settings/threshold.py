"""How the fine structure inside a region is found: by grey values, at its rim, without its specks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ..value_range import Range
from .codec import Settings
from .setting import Option, setting

Part = Literal["bright", "dark"]
PARTS: tuple[Part, ...] = get_args(Part)
# beyond the largest scan
_LONGEST_MM = 1e9


@dataclass(frozen=True)
class ThresholdSettings(Settings):
    """What of a region is kept; everything that is set must hold."""

    grey: Range | None = setting(None, "Grey values that are kept; an end that is left empty is open.")
    otsu: Part | None = setting(
        None,
        "The bright or the dark side of Otsu's threshold (1979) of the region's own grey values.",
        label="Otsu's threshold",
        options=(
            Option(None, "All", "By the range of grey values only"),
            Option("bright", "Bright", "The bright side of Otsu's threshold"),
            Option("dark", "Dark", "The dark side of Otsu's threshold"),
        ),
    )
    rim_mm: float | None = setting(
        None,
        "What lies within this distance of the surface is kept, such as a wall; empty: everything.",
        1e-9,
        _LONGEST_MM,
        label="rim (mm)",
    )
    smooth_mm: float = setting(
        0.0,
        "Structures thinner than twice this are removed, gaps narrower than twice this filled; 0: neither.",
        0,
        _LONGEST_MM,
        label="smooth (mm)",
    )
    least_voxels: int = setting(
        1,
        "Connected parts with fewer voxels are removed when it is applied.",
        1,
        1_000_000_000_000,
        label="smallest part (voxels)",
    )
