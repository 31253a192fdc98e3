"""When a mask may go on to the next slice, and when its object has ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..value_range import Range
from .codec import Settings
from .setting import setting


@dataclass(frozen=True)
class PropagationSettings(Settings):
    """What a step from slice to slice must keep to; whatever breaks it ends the object there.

    A mask may shrink faster than it may grow: where an object ends in a tip it becomes smaller inside its old outline,
    where a mask leaks it becomes larger.
    """

    most_growth: float = setting(
        1.3, "The object ends where its area would grow by more than this factor from slice to slice.", 1, 10
    )
    least_overlap: float = setting(
        0.6,
        "The object ends where it overlaps less with the slice before (IoU), unless it shrinks inside it.",
        0,
        1,
        label="smallest overlap",
    )
    least_contained: float = setting(
        0.8,
        "Share of a mask that must lie in the one before for it to count as shrinking inside it.",
        0,
        1,
        label="smallest share inside",
    )
    least_area: float = setting(
        0.15,
        "The object ends where its area would shrink below this share of the slice before.",
        0,
        1,
        label="smallest area left",
    )
    least_predicted_iou: float = setting(
        0.6,
        "The object ends where the model itself rates its mask lower, as a share of what it says where prompted.",
        0,
        1,
        label="lowest rating",
    )
    # below 0 the surroundings have become darker where they were brighter, or the other way round
    least_contrast: float = setting(
        0.05,
        "The object ends where it differs less from its surroundings, as a share of the first slice.",
        -10,
        1,
        label="lowest contrast",
    )
    doubtful_below: float = setting(0.5, "Slices with a lower score, from 0 to 1, are listed as doubtful.", 0, 1)
    most_skipped: int = setting(
        2,
        "So many bad slices in a row are filled in; they are doubtful where their neighbours do not agree.",
        0,
        100,
        label="bad slices filled in",
    )
    way_back: bool = setting(
        True,
        "Slices from which the way back does not come to the prompted mask are doubtful; no mask depends on it.",
        label="check the way back",
    )
    mask_prompt: bool = setting(
        True,
        "The model is shown the mask of the slice before, where it was trained for that (RWTHSAM-Net).",
        label="show the mask before",
    )
    edge_reach: float = setting(
        2.0,
        "So far the edge is moved to the first mask's grey value there, in 256ths of a slice; 0: not at all.",
        0,
        20,
        label="reach of the edge",
    )
    padding_px: int | None = setting(
        None,
        "How many pixels a mask may reach beyond the box of the one before; otherwise as many as slices are apart.",
        1,
        1000,
        label="padding (pixels)",
    )
    grey: Range | None = setting(
        None, "Grey values of the object; otherwise those that tell it from what is around it where it was prompted."
    )

    @property
    def reach_px(self) -> int:
        """How many pixels a mask may reach beyond the box of the one before."""
        return self.padding_px if self.padding_px is not None else 1

    def resolved(self, slice_step: float) -> PropagationSettings:
        """The same, with a padding: where none is set, a surface may lean by 45 degrees from slice to slice.

        Parameters
        ----------
        slice_step : float
            Distance of two slices over that of two pixels, see `VoxelGrid.slice_step`.
        """
        return self if self.padding_px is not None else replace(self, padding_px=max(1, round(slice_step)))
