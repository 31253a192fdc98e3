"""What a person sets for the volume rendering: what is seen, how much of it, and how finely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from ...errors import SettingsError
from ..extent import Extent
from ..slices import Axis
from .codec import Settings
from .setting import About, Option, setting

ColorBy = Literal["class", "instance"]
Cut = Literal["none", "half", "quarter"]
Sides = Literal["", "i", "j", "k", "ij", "ik", "jk", "ijk"]
COLORS_BY: tuple[ColorBy, ...] = get_args(ColorBy)
CUTS: tuple[Cut, ...] = get_args(Cut)

MOST_VOXELS = {"fast": 4_000_000, "balanced": 16_000_000, "fine": 64_000_000}
"""Voxels that are rendered at most, by the name of the detail; a larger scan is down-sampled."""


@dataclass(frozen=True)
class SegmentLook(Settings):
    """How one segment is seen."""

    visible: bool = setting(True, "Shown in the volume, or hidden.", label="Show")
    opacity: float = setting(1.0, "A factor to the grey value's and the edge's opacity.", 0, 1)


@dataclass(frozen=True)
class RenderingSettings(Settings):
    """Everything that can be set for the rendering of a session; looks are by segment id."""

    shown: bool = setting(
        False,
        "All classes as one coloured, partly transparent volume; off until it is asked for.",
        label="Volume: see into the classes",
    )
    color_by: ColorBy = setting(
        "class",
        "A colour for each class, or for each connected part of a class.",
        label="Colour",
        options=(
            Option("class", "By class", "The colours of the classes"),
            Option("instance", "By instance", "A colour for each connected part"),
        ),
    )
    grey_opacity: float = setting(
        0.15, "How opaque dense voxels of a class are; air stays clear.", 0, 1, label="grey values"
    )
    edge_opacity: float = setting(0.5, "How opaque the surfaces of the classes are.", 0, 1, label="edges")
    rest_opacity: float = setting(0.1, "How opaque dense voxels are that belong to no class.", 0, 1, label="outside")
    looks: Mapping[str, SegmentLook] = field(
        default_factory=dict,
        metadata=About("How single segments are seen, by their ids; others are fully seen.").metadata,
    )
    cut: Cut = setting(
        "none",
        "What is cut away: half of the scan along the axis, or a quarter round it.",
        label="Cut open",
        options=(
            Option("none", "Whole", "Nothing is cut away"),
            Option("half", "Half", "One half along the axis is cut away"),
            Option("quarter", "Quarter", "One quarter round the axis is cut away"),
        ),
    )
    cut_axis: Axis = setting(
        "k",
        "The axis of the scan that the cut goes by.",
        options=(
            Option("i", "Along i", "The i axis of the scan"),
            Option("j", "Along j", "The j axis of the scan"),
            Option("k", "Along k", "The k axis of the scan: along the slices"),
        ),
    )
    cut_low: Sides = setting(
        "",
        "The axes along which the half with the low indices is cut away; along the others it is the one with the high.",
    )
    crop_ijk: Extent | None = setting(
        None, "First and last voxel along i, j and k that are seen; by default all are.", label="Show a part only"
    )
    most_voxels: int = setting(
        MOST_VOXELS["balanced"],
        "A scan with more voxels is down-sampled.",
        1000,
        label="Detail",
        options=(
            Option(MOST_VOXELS["fast"], "Fast", "At most 4 million voxels"),
            Option(MOST_VOXELS["balanced"], "Balanced", "At most 16 million voxels"),
            Option(MOST_VOXELS["fine"], "Fine", "At most 64 million voxels: slow without a graphics card"),
        ),
    )

    def _check(self) -> None:
        if self.crop_ijk is not None and not isinstance(self.crop_ijk, Extent):
            object.__setattr__(self, "crop_ijk", Extent(*self.crop_ijk))
        if self.crop_ijk is not None and any(self.crop_ijk[side] > self.crop_ijk[side + 1] for side in (0, 2, 4)):
            raise SettingsError(f"crop_ijk: expected from-to for i, j and k, got {list(self.crop_ijk)}.")

    def look_of(self, segment_id: str) -> SegmentLook:
        """How a segment is seen."""
        return self.looks.get(segment_id, SegmentLook())

    def with_look(self, segment_id: str, look: SegmentLook) -> RenderingSettings:
        """The same with another look of one segment."""
        return replace(self, looks={**self.looks, segment_id: look})
