"""What a person chose for the volume rendering: what is seen, how much of it, and how finely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from ...errors import SettingsError
from ..extent import Extent
from ..json_document import Node, parse_document, to_text
from ..slices import AXES, Axis
from ..word_check import one_of

ColorBy = Literal["class", "instance"]
Cut = Literal["none", "half", "quarter"]
COLORS_BY: tuple[ColorBy, ...] = ("class", "instance")
CUTS: tuple[Cut, ...] = ("none", "half", "quarter")

MOST_VOXELS = {"fast": 4_000_000, "balanced": 16_000_000, "fine": 64_000_000}
"""Voxels that are rendered at most, by the name of the detail; a larger scan is down-sampled."""
_FEWEST_VOXELS = 1_000


@dataclass(frozen=True)
class SegmentLook:
    """How one segment is seen.

    Attributes
    ----------
    visible : bool
    opacity : float
        From 0 to 1, a factor to the grey value's and the edge's opacity.
    """

    visible: bool = True
    opacity: float = 1.0

    def __post_init__(self) -> None:
        _check_share("opacity", self.opacity)


@dataclass(frozen=True)
class RenderingChoices:
    """Everything that can be chosen for the rendering of a session.

    Attributes
    ----------
    shown : bool
        Whether there is one.
    color_by : str
        ``"class"``, or ``"instance"``: a colour for each connected part of a class.
    grey_opacity : float
        How opaque the densest voxels of a class are, 0 to 1; thinner ones follow the histogram.
    edge_opacity : float
        How opaque the surface of a class is, 0 to 1.
    rest_opacity : float
        How opaque the densest voxels that belong to no class are, 0 to 1.
    looks : mapping of str to SegmentLook
        By segment id; a segment that is not named has the default look.
    cut : str
        ``"half"`` removes half of the scan along `cut_axis`; ``"quarter"`` removes a quarter round that axis.
    cut_axis : str
    crop_ijk : Extent, optional
        Only these voxels of the scan are seen; None shows all.
    most_voxels : int
        A scan with more is down-sampled.

    Raises
    ------
    SettingsError
        If a value is out of range; the message names it.
    """

    shown: bool = False
    color_by: ColorBy = "class"
    grey_opacity: float = 0.15
    edge_opacity: float = 0.5
    rest_opacity: float = 0.1
    looks: Mapping[str, SegmentLook] = field(default_factory=dict)
    cut: Cut = "none"
    cut_axis: Axis = "k"
    crop_ijk: Extent | None = None
    most_voxels: int = MOST_VOXELS["balanced"]

    def __post_init__(self) -> None:
        for name in ("grey_opacity", "edge_opacity", "rest_opacity"):
            _check_share(name, getattr(self, name))
        one_of("color_by", self.color_by, COLORS_BY)
        one_of("cut", self.cut, CUTS)
        one_of("cut_axis", self.cut_axis, AXES)
        if self.most_voxels < _FEWEST_VOXELS:
            raise SettingsError(f"most_voxels: expected {_FEWEST_VOXELS} or more, got {self.most_voxels}.")
        if self.crop_ijk is not None and any(self.crop_ijk[side] > self.crop_ijk[side + 1] for side in (0, 2, 4)):
            raise SettingsError(f"crop_ijk: expected from-to for i, j and k, got {list(self.crop_ijk)}.")

    def look_of(self, segment_id: str) -> SegmentLook:
        """How a segment is seen."""
        return self.looks.get(segment_id, SegmentLook())

    def with_look(self, segment_id: str, look: SegmentLook) -> RenderingChoices:
        """The same with another look of one segment."""
        return replace(self, looks={**self.looks, segment_id: look})

    def to_json(self) -> str:
        """JSON text that `parse_rendering` reads."""
        document = asdict(self)
        document["crop_ijk"] = None if self.crop_ijk is None else list(self.crop_ijk)
        return to_text(document)


def parse_rendering(text: str) -> RenderingChoices:
    """Choices of a JSON text, as a saved scene holds it.

    Raises
    ------
    SettingsError
        If it is no such text.
    """
    node = parse_document(text, SettingsError)
    crop = node.optional("crop_ijk")
    looks = node.item("looks")
    return RenderingChoices(
        node.item("shown").flag(),
        node.item("color_by").one_of(COLORS_BY),
        node.item("grey_opacity").number(),
        node.item("edge_opacity").number(),
        node.item("rest_opacity").number(),
        {segment_id: _look(looks.item(segment_id)) for segment_id in looks.members()},
        node.item("cut").one_of(CUTS),
        node.item("cut_axis").one_of(AXES),
        None if crop is None else _extent(crop),
        node.item("most_voxels").whole(),
    )


def _look(node: Node) -> SegmentLook:
    return SegmentLook(node.item("visible").flag(), node.item("opacity").number())


def _extent(node: Node) -> Extent:
    return Extent(*(each.whole() for each in node.items(6, 6)))


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise SettingsError(f"{name}: expected 0 to 1, got {value:g}.")
