"""How believable a mask is when the truth is not known.

A good mask differs from what lies around it, and its outline follows an edge of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..mask import Mask

RING_PIXELS = 3
_WEAK_CONTRAST = 0.5
_LARGE_SHARE = 0.9


@dataclass(frozen=True)
class Judgement:
    """What a picture says about a mask.

    Attributes
    ----------
    mean_grey : float
        Mean of the values inside.
    contrast : float
        Difference of the means inside and in a ring of 3 pixels outside, in standard deviations of both together;
        0 where there is nothing outside.
    edge_gradient : float
        Mean gradient along the outline over the mean gradient of the slice; above 1 the outline follows edges.
    image_share : float
        Part of the slice that the mask covers, 0 to 1.
    """

    mean_grey: float
    contrast: float
    edge_gradient: float
    image_share: float

    @property
    def is_doubtful(self) -> bool:
        """Whether the mask hardly differs from its surroundings, follows no edge, or covers nearly everything."""
        return self.contrast < _WEAK_CONTRAST or self.edge_gradient < 1 or self.image_share > _LARGE_SHARE


def judge(mask: Mask, values_yx: np.ndarray) -> Judgement:
    """Compare a mask with the grey values (rows, columns) of its slice.

    Raises
    ------
    InputError
        If the mask is empty.
    """
    from scipy import ndimage

    mask.bounds_xyxy  # noqa: B018 (an empty mask is refused here)
    inside = mask.to_array()
    values = values_yx.astype(float)
    ring = ndimage.binary_dilation(inside, iterations=RING_PIXELS) & ~inside
    outline = inside ^ ndimage.binary_erosion(inside)
    gradient = np.hypot(*np.gradient(ndimage.gaussian_filter(values, 1))) if min(values.shape) > 1 else np.zeros(1)
    typical = float(gradient.mean())
    along = float(gradient[outline].mean()) if gradient.shape == outline.shape else 0.0
    return Judgement(
        float(values[inside].mean()),
        _contrast(values[inside], values[ring]),
        along / typical if typical else 0.0,
        mask.area / inside.size,
    )


def _contrast(inside: np.ndarray, outside: np.ndarray) -> float:
    spread = float(np.sqrt((inside.var() + outside.var()) / 2)) if outside.size else 0.0
    difference = abs(float(inside.mean() - outside.mean())) if outside.size else 0.0
    if not difference:
        return 0.0
    return difference / spread if spread else float("inf")
