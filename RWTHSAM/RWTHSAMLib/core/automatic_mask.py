"""A mask that was found without a prompt: its scores, and the form in which upstream writes it down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .mask import Mask, PackedMask

Json = dict[str, object]

WEAK_CONTRAST = 0.5
"""Masks with less are doubtful, in standard deviations (see `Judgement`); a choice: they overlap by far the most."""
_LARGE_SHARE = 0.9
"""Of the slice, a choice: what is larger is the background or everything."""


@dataclass(frozen=True, eq=False)
class MaskRecord:
    """A mask with all that its filters looked at.

    Attributes
    ----------
    mask : Mask
        In pixels of the slice.
    predicted_iou : float
        The model's own estimate of the mask's quality.
    stability_score : float
        IoU of the mask with itself at a higher and a lower threshold.
    point_xy : tuple of float
        The point of the grid that gave it.
    crop_xywh : tuple of int
        The part of the slice that was looked at.
    """

    mask: Mask
    predicted_iou: float
    stability_score: float
    point_xy: tuple[float, float]
    crop_xywh: tuple[int, int, int, int]

    def to_dict(self) -> Json:
        """Fields as segment-anything's generator gives them with run lengths."""
        x0, y0, x1, y1 = self.mask.bounds_xyxy
        return {
            "segmentation": run_lengths(self.mask),
            "area": self.mask.area,
            "bbox": [x0, y0, x1 - x0, y1 - y0],
            "predicted_iou": self.predicted_iou,
            "point_coords": [list(self.point_xy)],
            "stability_score": self.stability_score,
            "crop_box": list(self.crop_xywh),
        }


@dataclass(frozen=True)
class Judgement:
    """What the picture says about a mask, see `automatic.judgement`.

    Attributes
    ----------
    contrast : float
        Difference of the means inside and in a ring of 3 pixels outside, in standard deviations of both together;
        0 where there is nothing outside.
    edge_gradient : float
        Mean gradient along the outline over the mean gradient of the slice; above 1 the outline follows edges.
    image_share : float
        Part of the slice that the mask covers, 0 to 1.
    """

    contrast: float
    edge_gradient: float
    image_share: float

    @property
    def is_doubtful(self) -> bool:
        """Whether the mask hardly differs from its surroundings, follows no edge, or covers nearly everything."""
        return self.is_doubtful_below(WEAK_CONTRAST)

    def is_doubtful_below(self, least_contrast: float) -> bool:
        """As `is_doubtful`, for those who want another contrast."""
        return self.contrast < least_contrast or self.edge_gradient < 1 or self.image_share > _LARGE_SHARE


@dataclass(frozen=True, eq=False)
class FoundMask:
    """A mask of one slice as the engine answers it: packed, with its scores.

    Attributes
    ----------
    mask : PackedMask
    predicted_iou, stability_score : float
    judgement : Judgement
    """

    mask: PackedMask
    predicted_iou: float
    stability_score: float
    judgement: Judgement


def run_lengths(mask: Mask) -> Json:
    """Uncompressed COCO run lengths: pixels column by column, the first run being background."""
    flat = mask.to_array().ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    counts = np.diff(np.concatenate([[0], changes, [flat.size]])).tolist()
    return {"size": list(mask.shape_yx), "counts": [0, *counts] if flat[0] else counts}


def mask_of_run_lengths(document: Json) -> Mask:
    """The mask of `run_lengths`."""
    rows, columns = np.asarray(document["size"], int)
    counts = np.asarray(document["counts"], int)
    flat = np.repeat(np.arange(counts.size) % 2 == 1, counts)
    return Mask.from_array(flat.reshape(columns, rows).T)
