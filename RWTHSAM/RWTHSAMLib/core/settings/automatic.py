"""Settings of automatic masks: SAM's own twelve, with their meaning for people and three presets.

The thresholds of rating and stability are numbers on SAM's scale. RWTHSAM-Net rates its masks lower, and their edges
are softer: it is held to a share of them, so that presets, files and forms mean the same with every model. The shares
are where its good masks on held-out phantoms pass and few others do (``python Testing/Benchmarks/instances.py``); to be
measured again with new weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, get_args

from ...errors import SettingsError
from .codec import Settings
from .setting import setting

Mode = Literal["adaptive", "exhaustive"]
"""Which points are asked, see `automatic.point_order`."""
MODES: tuple[Mode, ...] = get_args(Mode)

PointGrid = tuple[tuple[float, float], ...]
"""Points (x, y) as shares of the width and height of what is looked at, 0 to 1."""

_MOST_POINTS = 256**2
"""Of all lists together; as many as the finest grid has."""

_RATING_SHARE, _STABILITY_SHARE = 0.3, 0.6
"""Of SAM's thresholds for RWTHSAM-Net: 0.88 is 0.26 to it, and 0.95 is 0.57."""


@dataclass(frozen=True)
class AutomaticSettings(Settings):
    """Settings of segment-anything's automatic mask generator, with its names and defaults."""

    FORMAT = "rwthsam-automatic-settings"
    TOGETHER = MappingProxyType(
        {
            "if": {"required": ["points_per_side"], "properties": {"points_per_side": {"type": "null"}}},
            "then": {"required": ["point_grids"], "properties": {"point_grids": {"type": "array"}}},
            "else": {"properties": {"point_grids": {"type": "null"}}},
        }
    )

    points_per_side: int | None = setting(
        32,
        "Points of the grid along each side; more find smaller parts and take longer. None where points are given.",
        1,
        256,
    )
    points_per_batch: int = setting(
        64, "Points that are decoded at once; more are faster and need more memory.", 1, 4096
    )
    pred_iou_thresh: float = setting(
        0.88, "Masks that the model itself rates lower are dropped; RWTHSAM-Net's by 0.3 of this.", 0, 1
    )
    stability_score_thresh: float = setting(
        0.95, "Masks that change more when their threshold is moved are dropped; RWTHSAM-Net's by 0.6 of this.", 0, 1
    )
    stability_score_offset: float = setting(1.0, "How far the threshold is moved for that, in logits.", 0, 100)
    box_nms_thresh: float = setting(
        0.7, "Of two masks whose boxes overlap more than this, the one rated lower is dropped.", 0, 1
    )
    crop_n_layers: int = setting(
        0, "How often the slice is also looked at in parts: layer n has 2^n parts along each side.", 0, 4
    )
    crop_nms_thresh: float = setting(0.7, "As the threshold for boxes, between masks of different parts.", 0, 1)
    crop_overlap_ratio: float = setting(
        512 / 1500, "How far parts overlap, as a share of the slice's shorter side.", 0, 1
    )
    crop_n_points_downscale_factor: int = setting(
        1, "The grid of layer n has its points divided by this factor to the power of n.", 1, 16
    )
    point_grids: tuple[PointGrid, ...] | None = setting(
        None,
        "Points that are asked instead of a grid, as shares of width and height: a list for the slice, then one for "
        "the parts of each crop layer.",
        0,
        1,
        label="Own points",
    )
    min_mask_region_area: int = setting(
        0, "Holes and separate spots smaller than this many pixels are removed; 0 keeps all.", 0, 1_000_000_000
    )

    def _check(self) -> None:
        if self.points_per_side is None and self.point_grids is None:
            raise SettingsError("points_per_side: expected a number, as point_grids gives no points, got nothing.")
        if self.point_grids is None:
            return
        if self.points_per_side is not None:
            raise SettingsError(
                f"points_per_side: expected nothing (null in files), as point_grids gives the points, got "
                f"{self.points_per_side}."
            )
        self._check_points(self.point_grids)

    def _check_points(self, grids: tuple[PointGrid, ...]) -> None:
        wanted, count = self.crop_n_layers + 1, sum(len(each) for each in grids)
        if len(grids) != wanted or not all(grids):
            layers = "" if wanted == 1 else f", and one for each of the {wanted - 1} crop layers"
            got = f"{len(grids)} with {count} points"
            raise SettingsError(f"point_grids: expected a list of points for the slice{layers}, got {got}.")
        if count > _MOST_POINTS:
            raise SettingsError(f"point_grids: expected at most {_MOST_POINTS} points, got {count}.")
        for x, y in (point for grid in grids for point in grid):
            if not (0 <= x <= 1 and 0 <= y <= 1):
                raise SettingsError(f"point_grids: expected shares of width and height, 0 to 1, got ({x:g}, {y:g}).")

    def asking(self, points_xy: Sequence[tuple[int, int]], shape_yx: tuple[int, int]) -> AutomaticSettings:
        """The same settings with these points instead of a grid; the slice is looked at as a whole only.

        Parameters
        ----------
        points_xy : sequence of tuple of int
            Pixels (column, row) of a slice; each is asked as a click there asks.
        shape_yx : tuple of int
            Rows and columns of that slice.

        Raises
        ------
        SettingsError
            If there are none, or one lies outside.
        """
        rows, columns = shape_yx
        grid = tuple((x / columns, y / rows) for x, y in points_xy)
        return replace(self, points_per_side=None, point_grids=(grid,), crop_n_layers=0)

    @property
    def with_grid(self) -> AutomaticSettings:
        """The same settings with a grid, of the default's points unless they have one already."""
        side = self.points_per_side or AutomaticSettings().points_per_side
        return replace(self, points_per_side=side, point_grids=None)

    @property
    def own_point_count(self) -> int:
        """How many points are asked instead of the grid of the whole slice; 0 with a grid."""
        return len(self.point_grids[0]) if self.point_grids is not None else 0

    @property
    def for_own_network(self) -> AutomaticSettings:
        """These settings with the thresholds that mean the same to RWTHSAM-Net."""
        return replace(
            self,
            pred_iou_thresh=_RATING_SHARE * self.pred_iou_thresh,
            stability_score_thresh=_STABILITY_SHARE * self.stability_score_thresh,
        )


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
