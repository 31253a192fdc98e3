"""Settings of automatic masks: SAM's own eleven, checked, with their meaning for people and three presets."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from ...errors import SettingsError
from ..field_check import with_fields
from ..json_document import Json, Node, parse_document, read_document, to_text
from ..number_check import check_number

Mode = Literal["adaptive", "exhaustive"]
"""Which points are asked, see `automatic.point_order`."""
MODES: tuple[Mode, ...] = ("adaptive", "exhaustive")

FORMAT = "rwthsam-automatic-settings"
VERSION = 1

TEXTS: dict[str, str] = {
    "points_per_side": "Points of the grid along each side; more find smaller parts and take longer.",
    "points_per_batch": "Points that are decoded at once; more are faster and need more memory.",
    "pred_iou_thresh": "Masks that the model itself rates lower are dropped.",
    "stability_score_thresh": "Masks that change more when their threshold is moved are dropped.",
    "stability_score_offset": "How far the threshold is moved for that.",
    "box_nms_thresh": "Of two masks whose boxes overlap more than this, the one rated lower is dropped.",
    "crop_n_layers": "How often the slice is also looked at in parts: layer n has 2^n parts along each side.",
    "crop_nms_thresh": "As the threshold for boxes, between masks of different parts.",
    "crop_overlap_ratio": "How far parts overlap, as a share of the slice's shorter side.",
    "crop_n_points_downscale_factor": "The grid of layer n has its points divided by this factor to the power of n.",
    "min_mask_region_area": "Holes and separate spots smaller than this many pixels are removed; 0 keeps all.",
}
"""What each setting does, in one sentence."""


@dataclass(frozen=True)
class AutomaticSettings:
    """Settings of segment-anything's automatic mask generator, with its defaults; see `TEXTS`.

    Raises
    ------
    SettingsError
        If a value is out of range; the message names the setting.
    """

    points_per_side: int = 32
    points_per_batch: int = 64
    pred_iou_thresh: float = 0.88
    stability_score_thresh: float = 0.95
    stability_score_offset: float = 1.0
    box_nms_thresh: float = 0.7
    crop_n_layers: int = 0
    crop_nms_thresh: float = 0.7
    crop_overlap_ratio: float = 512 / 1500
    crop_n_points_downscale_factor: int = 1
    min_mask_region_area: int = 0

    def __post_init__(self) -> None:
        for name, (lowest, highest) in _RANGES.items():
            check_number(name, getattr(self, name), lowest, highest, name in WHOLE)

    def to_json(self) -> str:
        """JSON text that `parse_settings` reads."""
        return to_text({"format": FORMAT, "version": VERSION, **self.to_document()})

    def to_document(self) -> dict[str, Json]:
        """Every setting by its name."""
        return asdict(self)


_RANGES: dict[str, tuple[float, float]] = {
    "points_per_side": (1, 256),
    "points_per_batch": (1, 4096),
    "pred_iou_thresh": (0, 1),
    "stability_score_thresh": (0, 1),
    "stability_score_offset": (0, 100),
    "box_nms_thresh": (0, 1),
    "crop_n_layers": (0, 4),
    "crop_nms_thresh": (0, 1),
    "crop_overlap_ratio": (0, 1),
    "crop_n_points_downscale_factor": (1, 16),
    "min_mask_region_area": (0, 1_000_000_000),
}
WHOLE = frozenset(each.name for each in fields(AutomaticSettings) if isinstance(each.default, int))
"""Names of the settings that are whole numbers."""

PRESETS: dict[str, AutomaticSettings] = {
    "few large": AutomaticSettings(points_per_side=16, pred_iou_thresh=0.92, min_mask_region_area=100),
    "default": AutomaticSettings(),
    "many small": AutomaticSettings(
        points_per_side=32,
        pred_iou_thresh=0.8,
        stability_score_thresh=0.9,
        crop_n_layers=1,
        crop_n_points_downscale_factor=2,
    ),
}


def parse_settings(text: str | bytes) -> AutomaticSettings:
    """Settings of a JSON text; what it does not name keeps its default.

    Raises
    ------
    SettingsError
        If it is no valid settings document; names the setting.
    """
    return settings_of(parse_document(text, SettingsError))


def read_settings(path: Path) -> AutomaticSettings:
    """Settings of a file, see `parse_settings`."""
    try:
        return settings_of(read_document(Path(path), SettingsError))
    except SettingsError as error:
        raise SettingsError(f"'{path}': {error}") from error


def settings_of(node: Node) -> AutomaticSettings:
    """Settings of a parsed document, see `parse_settings`."""
    members = dict(node.members())
    if members.pop("format", FORMAT) != FORMAT or members.pop("version", VERSION) != VERSION:
        node.fail(f'"format": "{FORMAT}" of version {VERSION}')
    unknown = sorted(set(members) - set(_RANGES))
    if unknown:
        raise SettingsError(f"{unknown[0]}: no such setting; there are {', '.join(_RANGES)}.")
    return with_fields(AutomaticSettings(), {name: _number(name, value) for name, value in members.items()})


def _number(name: str, value: Json) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SettingsError(f"{name}: expected a number, got {json.dumps(value)}.")
    whole = name in WHOLE and float(value).is_integer()
    return int(value) if whole else value
