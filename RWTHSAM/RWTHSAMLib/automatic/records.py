"""One mask that was found without a prompt, and the form in which upstream writes it down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..mask import Mask

Json = dict[str, object]


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

    def to_document(self) -> Json:
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
