"""The parts of a slice that are looked at, and the points tried in each (as segment-anything lays them)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import ceil

import numpy as np

from ...core.image import SliceImage
from ...core.settings.automatic import AutomaticSettings


@dataclass(frozen=True)
class Crop:
    """A rectangle of the slice; `x1` and `y1` lie one beyond its last pixel.

    Attributes
    ----------
    x0, y0, x1, y1 : int
    layer : int
        0 is the whole slice.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    layer: int = 0

    def cut(self, image: SliceImage) -> SliceImage:
        """The part of the picture."""
        return SliceImage(np.ascontiguousarray(image.pixels[self.y0 : self.y1, self.x0 : self.x1]))

    @property
    def area(self) -> int:
        """Number of pixels."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)


def crops_of(shape_yx: tuple[int, int], settings: AutomaticSettings) -> list[Crop]:
    """The whole slice, then layer by layer its overlapping parts."""
    rows, columns = shape_yx
    crops = [Crop(0, 0, columns, rows)]
    for layer in range(1, settings.crop_n_layers + 1):
        count = 2**layer
        overlap = int(settings.crop_overlap_ratio * min(rows, columns) * (2 / count))
        width, height = _part(columns, count, overlap), _part(rows, count, overlap)
        lefts = [int((width - overlap) * n) for n in range(count)]
        tops = [int((height - overlap) * n) for n in range(count)]
        crops += [Crop(x, y, min(x + width, columns), min(y + height, rows), layer) for x, y in product(lefts, tops)]
    return crops


def grid_xy(crop: Crop, settings: AutomaticSettings) -> np.ndarray:
    """Points (n, 2) float64 in pixels of the crop: those given, else row by row each in the middle of its cell."""
    size_xy = crop.x1 - crop.x0, crop.y1 - crop.y0
    if settings.point_grids is not None:
        return np.array(settings.point_grids[crop.layer], float) * size_xy
    assert settings.points_per_side is not None  # one of the two is there
    side = max(1, int(settings.points_per_side / settings.crop_n_points_downscale_factor**crop.layer))
    places = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(places * size_xy[0], places * size_xy[1])
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _part(size: int, count: int, overlap: int) -> int:
    return ceil((overlap * (count - 1) + size) / count)
