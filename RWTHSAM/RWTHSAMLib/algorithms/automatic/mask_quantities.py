"""What can be measured of a mask in its slice."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from ...core.automatic_mask import FoundMask
from ...core.image import grey_of
from ...core.mask import Mask
from ...core.slices import SliceKey


@dataclass(frozen=True, eq=False)
class MeasuredMask:
    """A mask that was found, and where and how it lies.

    Attributes
    ----------
    key : SliceKey
    found : FoundMask
    mean_grey : float
        Of the scan's own values; of colours the mean of red, green and blue.
    roundness : float
        See `roundness`.
    middle_xy : tuple of float
        Centroid in pixels.
    """

    key: SliceKey
    found: FoundMask
    mean_grey: float
    roundness: float
    middle_xy: tuple[float, float]

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.found.mask.area


def measured(
    key: SliceKey, found: FoundMask, mask: Mask, values: np.ndarray, pixel_mm_xy: tuple[float, float]
) -> MeasuredMask:
    """Measure a mask on the values of its slice, (rows, columns) or (rows, columns, 3 or 4)."""
    x0, y0, x1, y1 = mask.bounds_xyxy
    inside = grey_of(values[y0 : y1 + 1, x0 : x1 + 1], 2)[mask.pixels]
    y, x = np.nonzero(mask.pixels)
    middle = (float(x.mean()) + x0, float(y.mean()) + y0)
    return MeasuredMask(key, found, float(inside.mean(dtype=float)), roundness(x, y, pixel_mm_xy), middle)


def roundness(x: np.ndarray, y: np.ndarray, pixel_mm_xy: tuple[float, float]) -> float:
    """How compact pixels lie: 1 for a disc, less for anything longer, hollow or jagged.

    The square of the area over 2 pi times the second moment about the centroid (Li, Goodchild and Church 2013, "An
    efficient measure of compactness for two-dimensional shapes"); unlike measures with a perimeter it does not depend
    on how an outline runs from pixel to pixel.
    """
    width, height = pixel_mm_xy
    # a pixel has a second moment of its own; without it a single one would be infinitely compact
    spread = width**2 * (x.var() + 1 / 12) + height**2 * (y.var() + 1 / 12)
    return float(x.size * width * height / (2 * pi * spread))
